// How a peer is asked, the same as bench/analysis: a line `check N` on standard input is answered by a line of JSON with
// the number of problems, the nanoseconds of each of N checks, those that the process has computed for all of them, and the
// most memory that it has had in use.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Answers requests with what `check` does, which resolves to the problems that it finds. */
export async function serve(check) {
  for await (const line of createInterface({ input: process.stdin })) {
    const times = Number(/^check (\d+)$/.exec(line)?.[1]);
    if (!(times > 0)) {
      throw new Error(`${JSON.stringify(line)} is not "check N"`);
    }
    const ns = [];
    let problems;
    const idle = process.cpuUsage();
    for (let i = 0; i < times; i++) {
      const begun = process.hrtime.bigint();
      problems = await check();
      ns.push(Number(process.hrtime.bigint() - begun));
    }
    const { user, system } = process.cpuUsage(idle);
    const messages = problems.slice(0, 3).map(problem => problem.message);
    console.log(JSON.stringify({ problems: problems.length, messages, ns, cpuNs: (user + system) * 1000, peakKB: peak() }));
  }
}

function peak() {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // only Linux says it there
  }
}
