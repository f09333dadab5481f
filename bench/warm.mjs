// The analysis within processes that are warm: a full check beside a peer's, and edits as a share of a full check.
import { median, quantile, round, summary } from './statistics.mjs';
import { peak } from './processes.mjs';
import { mustFind, Worker } from './workers.mjs';

const ms = numbers => numbers.map(n => n / 1e6);

/**
 * Asks two workers in turns, `rounds` times: ours for `ours.checks` checks, the peer for `peer.checks`. `wrong` of each is
 * the command over a document with a mistake. The rounds of warming up come on top and do not count.
 */
export async function warm(name, { rounds, warmUps }, ours, peer) {
  const sides = [ours, peer];
  for (const side of sides) {
    mustFind({ name: side.name, command: side.wrong });
  }
  const workers = sides.map(side => new Worker(side));
  try {
    const times = [[], []];
    const computed = [[], []];
    const ratios = [];
    let cost;
    for (let i = -warmUps; i < rounds; i++) {
      const medians = [];
      for (const who of i % 2 === 0 ? [0, 1] : [1, 0]) {
        const answer = await workers[who].ask(`check ${sides[who].checks}`);
        medians[who] = median(answer.ns);
        if (i >= 0) {
          times[who].push(...ms(answer.ns));
          computed[who].push(answer.cpuNs / 1e6 / answer.ns.length);
        }
        cost = answer.allocations === undefined ? cost : answer;
      }
      if (i >= 0) {
        ratios.push(medians[1] / medians[0]);
      }
    }
    return {
      name,
      rounds,
      ours: { ...summary(ours.name, times[0]), cpuMs: round(median(computed[0])), checks: times[0].length, ...peak(workers[0].peakKB), allocations: cost.allocations, allocatedMB: round(cost.bytes / 2 ** 20) },
      peer: { ...summary(peer.name, times[1]), cpuMs: round(median(computed[1])), checks: times[1].length, ...peak(workers[1].peakKB) },
      ratio: round(median(ratios)),
      ratioOfCPU: round(median(computed[1]) / median(computed[0])),
    };
  } finally {
    workers.forEach(worker => worker.end());
  }
}

export const kindsOfEdit = {
  letter: 'a letter typed into a name',
  quote: 'a quote typed into a name',
  brace: 'the closing brace of an object deleted',
  ref: 'a letter typed into a ref that others refer to',
  expression: 'a letter typed into a reference',
};

/**
 * One-character edits all over a document, each with all findings of the new text: what each kind costs, there and back,
 * as a share of a full check that the same process makes in between.
 */
export async function edits({ rounds, warmUps, times }, ours) {
  const worker = new Worker(ours);
  try {
    const measured = Object.fromEntries(Object.keys(kindsOfEdit).map(kind => [kind, { there: [], back: [], shares: { there: [], back: [] }, computed: [] }]));
    const checks = [];
    const computed = [];
    for (let i = -warmUps; i < rounds; i++) {
      const checked = await worker.ask(`check ${ours.checks}`);
      const check = ms(checked.ns);
      if (i >= 0) {
        checks.push(...check);
        computed.push(checked.cpuNs / 1e6 / ours.checks);
      }
      for (const [kind, series] of Object.entries(measured)) {
        const answer = await worker.ask(`${kind} ${times}`);
        series.cost = answer;
        if (i >= 0) {
          series.computed.push(answer.cpuNs / 1e6 / times / 2);
        }
        for (const [way, ns] of [['there', answer.ns], ['back', answer.backNs]]) {
          if (i >= 0) {
            series[way].push(...ms(ns));
            series.shares[way].push(median(ms(ns)) / median(check));
          }
        }
      }
    }
    return {
      check: { ...summary('full check', checks), cpuMs: round(median(computed)) },
      ...peak(worker.peakKB),
      kinds: Object.entries(measured).map(([kind, { there, back, shares, computed: ofEdits, cost }]) => ({
        kind,
        name: kindsOfEdit[kind],
        edits: there.length,
        there: { ...summary('there', there), p99Ms: round(quantile(there, 0.99)), percent: round(100 * median(shares.there)) },
        back: { ...summary('back', back), p99Ms: round(quantile(back, 0.99)), percent: round(100 * median(shares.back)) },
        cpuMs: round(median(ofEdits)),
        percentOfCPU: round((100 * median(ofEdits)) / median(computed)),
        allocations: Math.round(cost.allocations / 2),
        allocatedKB: round(cost.bytes / 2 / 1024),
      })),
    };
  } finally {
    worker.end();
  }
}
