// node engine.mjs --programs FOLDER --out FOLDER [--tofu FILE] [--turns N] [--chain] [--smoke]
// Measures durable runs of nf-run beside OpenTofu, and beside what the disk allows. FOLDER holds nf-run and commits. Without
// --tofu ours is measured alone; with --chain without the fans, which take OpenTofu ten minutes and more. Writes engine.json and engine.md, and prints the latter. --smoke: little templates, once.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chainConfiguration, chainTemplate, countedConfiguration, emptyTemplate, fanConfiguration, fanTemplate } from './fabric.mjs';
import { peak } from './processes.mjs';
import { median, round, summary } from './statistics.mjs';

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string' },
    out: { type: 'string' },
    tofu: { type: 'string' },
    turns: { type: 'string', default: '3' },
    chain: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
});
const size = options.smoke
  ? { turns: 1, fan: 20, chain: 10, line: [10, 20], starts: 1, commits: 10 }
  : { turns: Number(options.turns), fan: 10_000, chain: 1000, line: [1000, 10_000, 100_000], starts: 20, commits: 1000 };
const out = resolve(options.out);
mkdirSync(out, { recursive: true });
// Beside the results, since the folder for temporary files may be in memory.
const work = mkdtempSync(join(out, 'engine-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const program = name => resolve(options.programs, name);
const tofu = options.tofu && resolve(options.tofu);
const thousands = count => count.toLocaleString('en');
const write = (name, text) => {
  const file = join(work, name);
  writeFileSync(file, text);
  return file;
};
let folders = 0;
const folder = () => mkdtempSync(join(work, `${folders++}-`));

// OpenTofu asks nobody for news, and goes by no configuration of this machine.
const env = { ...process.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: undefined };

/** Runs a command to its end and answers its milliseconds and the most memory that it had; throws when it does not end well. */
function run(command, { cwd = work, says }) {
  return new Promise((done, failed) => {
    const begun = process.hrtime.bigint();
    const child = spawn(command[0], command.slice(1), { cwd, stdio: ['ignore', 'pipe', 'pipe'], env });
    let stdout = '';
    let stderr = '';
    let kb = 0;
    const look = setInterval(() => {
      try {
        kb = Math.max(kb, Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
      } catch {
        // only Linux says it there, and only until the end
      }
    }, 50);
    child.stdout.on('data', text => (stdout = (stdout + text).slice(-10_000)));
    child.stderr.on('data', text => (stderr = (stderr + text).slice(-10_000)));
    child.on('error', failed);
    child.on('close', status => {
      const ms = Number(process.hrtime.bigint() - begun) / 1e6;
      clearInterval(look);
      if (status !== 0 || !says.test(stdout)) {
        failed(new Error(`${command.join(' ')} ended with ${status}:\n${stdout}${stderr}`));
        return;
      }
      done({ ms, kb, stdout });
    });
  });
}

const nfRun = (state, ...args) => [program('nf-run'), ...args, '--state', state];
const immediately = ['--delay', '1ns']; // life cycles take no time
const ourRun = async (file, state = folder()) => {
  const result = await run(nfRun(state, 'run', file, ...immediately), { says: /: success$/m });
  const [{ startedAt, concludedAt }] = JSON.parse(execFileSync(nfRun(state, 'runs', '--json')[0], nfRun(state, 'runs', '--json').slice(1), { encoding: 'utf8' }));
  return { ...result, inside: Date.parse(concludedAt) - Date.parse(startedAt), state };
};
const ourPlan = file => run(nfRun(folder(), 'plan', file), { says: /./ });
const configuration = text => {
  const dir = folder();
  writeFileSync(join(dir, 'main.tf'), text);
  execFileSync(tofu, ['init', '-input=false'], { cwd: dir, env, stdio: 'ignore' });
  return dir;
};
const theirRun = text => run([tofu, 'apply', '-auto-approve', '-input=false', '-no-color'], { cwd: configuration(text), says: /^Apply complete! Resources: [1-9]\d* added/m });
const theirPlan = text => run([tofu, 'plan', '-input=false', '-no-color'], { cwd: configuration(text), says: /^Plan: [1-9]\d* to add/m });

/** Measures ours and the peer in turns, so that what else the machine does meets both. */
async function compare(name, times, ours, peer) {
  const all = { ours: [], peer: [] };
  for (let turn = 0; turn < size.turns; turn++) {
    for (let i = 0; i < times; i++) {
      all.ours.push(await ours());
    }
    if (tofu) {
      all.peer.push(await peer());
    }
  }
  const side = (who, runs) => ({ ...summary(who, runs.map(({ ms }) => ms)), ...peak(Math.max(...runs.map(({ kb }) => kb))) });
  const result = { name, runs: all.ours.length, ours: side('nf-run', all.ours) };
  if (tofu) {
    Object.assign(result, { peerRuns: all.peer.length, peer: side('OpenTofu', all.peer) });
    result.ratio = round(result.peer.medianMs / result.ours.medianMs);
  }
  return result;
}
// Little templates prove nothing, so a smoke run has no targets.
const aim = (of, target, met) => options.smoke || met === undefined || Object.assign(of, { target, met });
const atLeast = (comparison, times) => aim(comparison, `at least ${times} times as fast`, comparison.ratio && comparison.ratio >= times);

const fan = write('fan.json', fanTemplate(size.fan));
const chain = write('chain.json', chainTemplate(size.chain));
const empty = write('empty.json', emptyTemplate());
const fans = options.chain ? [] : [
  await compare(`${thousands(size.fan)} independent resources, apply`, 2, () => ourRun(fan), () => theirRun(fanConfiguration(size.fan))),
  await compare(`the same, written as one with count = ${size.fan}`, 1, () => ourRun(fan), () => theirRun(countedConfiguration(size.fan))),
];
const chains = [
  await compare(`a chain of ${thousands(size.chain)}, plan`, 2, () => ourPlan(chain), () => theirPlan(chainConfiguration(size.chain))),
  await compare(`a chain of ${thousands(size.chain)}, apply`, 2, () => ourRun(chain), () => theirRun(chainConfiguration(size.chain))),
];
fans.forEach(comparison => atLeast(comparison, 20));
chains.forEach(comparison => atLeast(comparison, 30));
const comparisons = [...fans, ...chains];

// The nodes of a chain follow one another, each with a commit of the journal and, at the same time, one of the platform.
const rates = { append: [], journal: [], resource: [], both: [], chain: [] };
for (let turn = 0; turn < size.turns * 2 + 1; turn++) {
  const allowed = JSON.parse((await run([program('commits'), work, String(size.commits)], { says: /./ })).stdout);
  for (const kind of ['append', 'journal', 'resource', 'both']) {
    rates[kind].push(allowed[kind]);
  }
  const { inside } = await ourRun(chain);
  rates.chain.push({ reached: (size.chain * 1000) / inside, allowed: allowed.both, appends: allowed.append });
}
const commits = {
  append: round(median(rates.append)),
  journal: round(median(rates.journal)),
  resource: round(median(rates.resource)),
  both: round(median(rates.both)),
  chain: round(median(rates.chain.map(({ reached }) => reached))),
  share: round(100 * median(rates.chain.map(({ reached, allowed }) => reached / allowed))),
  shareOfAppends: round(100 * median(rates.chain.map(({ reached, appends }) => (2 * reached) / appends))),
};
aim(commits, 'at least 80 %', commits.share >= 80);

const line = [];
for (const nodes of size.line) {
  const file = write(`fan-${nodes}.json`, fanTemplate(nodes));
  const runs = [];
  for (let turn = 0; turn < (nodes > 10_000 ? 1 : size.turns); turn++) {
    const { state, ...result } = await ourRun(file);
    runs.push(result);
    rmSync(state, { recursive: true });
  }
  const ms = median(runs.map(result => result.ms));
  line.push({ nodes, runs: runs.length, ms: round(ms), usPerNode: round((1000 * ms) / nodes), ...peak(Math.max(...runs.map(({ kb }) => kb))) });
}

const again = folder();
const starts = { first: [], again: [] };
await run(nfRun(again, 'run', empty), { says: /: success$/m });
for (let i = 0; i < size.starts; i++) {
  starts.first.push((await run(nfRun(folder(), 'run', empty), { says: /: success$/m })).ms);
  starts.again.push((await run(nfRun(again, 'run', empty), { says: /: success$/m })).ms);
}
const begun = [summary('in a state folder that is there', starts.again), summary('the first run, which makes the state folder', starts.first)];
aim(begun[0], 'under 30 ms', begun[0].medianMs < 30);

const result = {
  version: 1,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${process.platform}-${process.arch}` },
  versions: {
    'nf-run': execFileSync(program('nf-run'), ['version'], { encoding: 'utf8' }).trim().split('\n')[0],
    node: process.version,
    ...(tofu && { OpenTofu: JSON.parse(execFileSync(tofu, ['version', '-json'], { encoding: 'utf8', env })).terraform_version.replace(/-dev$/, '') }), // it calls every build of one's own dev
  },
  comparisons,
  commits,
  line,
  empty: begun,
};

const yesNo = ({ met }) => (met === undefined ? '' : met ? 'yes' : 'no');
const spread = side => (side ? `${side.medianMs} (${side.p10Ms}-${side.p90Ms})` : '');
const memory = side => (side?.peakMB === undefined ? '' : `${side.peakMB} MB`);
const markdown = [
  '| what | nf-run, ms (10-90 %) | memory | OpenTofu, ms (10-90 %) | memory | times as fast | target | met |',
  '| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |',
  ...comparisons.map(c => `| ${c.name} | ${spread(c.ours)} | ${memory(c.ours)} | ${spread(c.peer)} | ${memory(c.peer)} | ${c.ratio ?? ''} | ${c.target ?? ''} | ${yesNo(c)} |`),
  '',
  '| durable commits, one after the other | a second |',
  '| --- | ---: |',
  `| half a kilobyte appended to a file, and fsync | ${commits.append} |`,
  `| two records added to a journal | ${commits.journal} |`,
  `| a resource put on the local platform | ${commits.resource} |`,
  `| both of these at once, as a pair | ${commits.both} |`,
  `| such pairs in a run of the chain of ${thousands(size.chain)} | ${commits.chain} |`,
  '',
  `The chain reaches ${commits.share} % of the pairs that the disk allows${commits.target ? ` (target: ${commits.target}; met: ${yesNo(commits)})` : ''}, and makes ${commits.shareOfAppends} % of as many commits as appends with fsync one after the other.`,
  '',
  '| nodes in a fan | ms | microseconds a node | memory |',
  '| ---: | ---: | ---: | ---: |',
  ...line.map(l => `| ${thousands(l.nodes)} | ${l.ms} | ${l.usPerNode} | ${memory(l)} |`),
  '',
  '| process that runs an empty workflow | ms (10-90 %) | target | met |',
  '| --- | ---: | --- | --- |',
  ...begun.map(b => `| ${b.name} | ${spread(b)} | ${b.target ?? ''} | ${yesNo(b)} |`),
  '',
  `${result.machine.cores} cores, ${result.machine.platform}; ${tofu ? `OpenTofu ${result.versions.OpenTofu}` : 'without OpenTofu'}.`,
  '',
].join('\n');
writeFileSync(join(out, 'engine.json'), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(join(out, 'engine.md'), markdown);
console.log(markdown);
