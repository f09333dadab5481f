// Whole processes, from the start to the end of each, in pairs.
import { spawnSync } from 'node:child_process';
import { median, round, summary } from './statistics.mjs';

/** Runs a command and answers what it printed and its milliseconds; throws when it does not end well or says something else. */
export function time({ command, input = '', says }) {
  const begun = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: 'utf8', input });
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (status !== 0 || !says.test(stdout)) {
    throw new Error(`${command.join(' ')} ended with ${status ?? error}:\n${stdout}${stderr}`);
  }
  return { ms, stdout };
}

/** Runs two commands in turns, so that what else the machine does meets both. */
export function pair(name, runs, warmUps, ours, peer) {
  const sides = { ours, peer };
  const times = { ours: [], peer: [] };
  const peaks = { ours: 0, peer: 0 };
  for (let i = -warmUps; i < runs; i++) {
    for (const who of i % 2 === 0 ? ['ours', 'peer'] : ['peer', 'ours']) {
      const { ms, stdout } = time(sides[who]);
      if (i >= 0) {
        times[who].push(ms);
        peaks[who] = Math.max(peaks[who], Number(/"peakKB":(\d+)/.exec(stdout)?.[1] ?? 0));
      }
    }
  }
  return {
    name,
    runs,
    ours: { ...summary(ours.name, times.ours), ...peak(peaks.ours) },
    peer: { ...summary(peer.name, times.peer), ...peak(peaks.peer) },
    differenceMs: round(median(times.ours.map((ms, i) => ms - times.peer[i]))),
    ratio: round(median(times.ours.map((ms, i) => times.peer[i] / ms))),
  };
}

/** The most memory of all runs, where the program has said it. */
export const peak = kb => (kb > 0 ? { peakMB: round(kb / 1024) } : {});
