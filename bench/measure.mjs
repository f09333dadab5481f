// node measure.mjs --programs FOLDER --schemas FOLDER --template FILE --out FOLDER [--runs N] [--rounds N] [--smoke]
// Measures our programs beside their peers, whole processes and warm ones. FOLDER holds nf-run, empty and analysis.
// Writes results.json and results.md, and prints the latter. --smoke: little documents, once, for whether it works.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { edits, warm } from './warm.mjs';
import { grow, largeTemplate, nodesOfApplication, templateOfSteps, workflowOfSteps } from './documents.mjs';
import { pair } from './processes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    programs: { type: 'string' },
    schemas: { type: 'string' },
    template: { type: 'string' },
    out: { type: 'string' },
    runs: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '15' },
    smoke: { type: 'boolean', default: false },
  },
});
const size = options.smoke
  ? { runs: 1, largeRuns: 1, warmUps: 0, rounds: 1, checks: 1, edits: 2, applications: 2, steps: 10 }
  : { runs: Number(options.runs), largeRuns: Math.ceil(Number(options.runs) / 2), warmUps: 5, rounds: Number(options.rounds), checks: 5, edits: 40, applications: 100, steps: 1000 };
const out = resolve(options.out);
mkdirSync(out, { recursive: true });

const write = (name, text) => {
  const file = join(out, name);
  writeFileSync(file, text);
  return file;
};
// Little documents prove nothing, so a smoke run has no targets.
const aim = (comparison, target, met) => options.smoke || Object.assign(comparison, { target, met });
const program = name => resolve(options.programs, name);
const kilobytes = text => `${Math.round(Buffer.byteLength(text) / 1000).toLocaleString('en')} KB`;

// The documents, and each with a mistake that is found where something is checked at all.
const small = grow(JSON.parse(readFileSync(options.template, 'utf8')), 20_000);
const large = largeTemplate(size.applications);
const steps = templateOfSteps(size.steps);
const workflow = workflowOfSteps(size.steps, steps.length);
const files = {
  small: write('small.json', small),
  large: write('large.json', large),
  largeWrong: write('large-wrong.json', large.replace('"sequential"', '"sideways"')),
  steps: write('steps.json', steps),
  stepsWrong: write('steps-wrong.json', steps.replace('{refs.step-1.', '{refs.stop-1.')),
  workflow: write('steps.yml', workflow),
  workflowWrong: write('steps-wrong.yml', workflow.replace('{ steps.step-1.', '{ steps.stop-1.')),
};
const schema = join(out, 'schema.json');
execFileSync(process.execPath, [join(here, 'bundle.mjs'), resolve(options.schemas), schema]);

const checkOf = file => [program('analysis'), file];
const jsonPeer = file => [process.execPath, join(here, 'json-peer.mjs'), schema, file];
const actionsPeer = file => [process.execPath, join(here, 'actions-peer.mjs'), file];
const json = 'vscode-json-languageservice';
const actions = '@actions/languageservice';
const right = { input: 'check 1\n', says: /"problems":0/ };
const nodes = (size.applications * nodesOfApplication).toLocaleString('en');

const start = pair(
  'start and end of a process', size.runs, size.warmUps,
  { name: 'nf-run version', command: [program('nf-run'), 'version'], says: /./ },
  { name: 'an empty Go program', command: [program('empty')], says: /^$/ },
);
aim(start, 'at most 10 ms over the peer', start.differenceMs <= 10);

const check = pair(
  `process that checks a template of ${kilobytes(small)}`, size.runs, size.warmUps,
  { name: 'nf-run check', command: [program('nf-run'), 'check', files.small], says: /./ },
  { name: json, command: jsonPeer(files.small), ...right },
);
aim(check, 'at least 10 times as fast', check.ratio >= 10);

const checkLarge = pair(
  `process that checks ${nodes} nodes, ${kilobytes(large)}`, size.largeRuns, size.warmUps,
  { name: 'nf-run check', command: [program('nf-run'), 'check', files.large], says: /./ },
  { name: json, command: jsonPeer(files.large), ...right },
);

const once = pair(
  `parse and check of ${nodes} nodes, once per process`, size.largeRuns, size.warmUps,
  { name: 'internal/analysis', command: checkOf(files.large), ...right },
  { name: json, command: jsonPeer(files.large), ...right },
);
aim(once, 'under 64 MB', once.ours.peakMB < 64);

const full = await warm(
  `parse and check of ${nodes} nodes, ${kilobytes(large)}, warm`, size,
  { name: 'internal/analysis', command: checkOf(files.large), wrong: checkOf(files.largeWrong), checks: size.checks },
  { name: json, command: jsonPeer(files.large), wrong: jsonPeer(files.largeWrong), checks: Math.ceil(size.checks / 2) },
);
aim(full, 'at least 10 times as fast, under 64 MB', full.ratio >= 10 && full.ours.peakMB < 64);

const ofSteps = await warm(
  `parse and check of ${size.steps.toLocaleString('en')} steps with 3 expressions each, ${kilobytes(steps)}, warm`,
  { rounds: Math.ceil(size.rounds / 2), warmUps: Math.min(size.warmUps, 2) },
  { name: 'internal/analysis', command: checkOf(files.steps), wrong: checkOf(files.stepsWrong), checks: size.checks },
  { name: actions, command: actionsPeer(files.workflow), wrong: actionsPeer(files.workflowWrong), checks: 1 },
);
aim(ofSteps, 'at least 200 times as fast', ofSteps.ratio >= 200);

const editing = await edits(
  { rounds: size.rounds, warmUps: size.warmUps, times: size.edits },
  { name: 'internal/analysis', command: checkOf(files.large), checks: size.checks },
);
for (const kind of editing.kinds) {
  aim(kind, 'under 2 % of a full check', Math.max(kind.there.percent, kind.back.percent) < 2);
}

const versionOf = name => JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version;
const result = {
  version: 2,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${process.platform}-${process.arch}` },
  versions: {
    'nf-run': execFileSync(program('nf-run'), ['version'], { encoding: 'utf8' }).trim().split('\n')[0],
    node: process.version,
    [json]: versionOf(json),
    [actions]: versionOf(actions),
  },
  comparisons: [start, check, checkLarge, once, full, ofSteps],
  edits: editing,
};

const yesNo = met => (met === undefined ? '' : met ? 'yes' : 'no');
const spread = ({ medianMs, p10Ms, p90Ms }) => `${medianMs} (${p10Ms}-${p90Ms})`;
const memory = ({ peakMB }) => (peakMB === undefined ? '' : `${peakMB} MB`);
const markdown = [
  '| what | ours | ms (10-90 %) | memory | peer | ms (10-90 %) | memory | times as fast | by CPU time | target | met |',
  '| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | --- |',
  ...result.comparisons.map(({ name, ours, peer, differenceMs, ratio, ratioOfCPU = '', target = '', met }) =>
    `| ${name} | ${ours.name} | ${spread(ours)} | ${memory(ours)} | ${peer.name} | ${spread(peer)} | ${memory(peer)} | ${name === start.name ? `${differenceMs} ms more` : ratio} | ${ratioOfCPU} | ${target} | ${yesNo(met)} |`),
  '',
  `| one-character edit in the ${nodes} nodes, and all findings anew | ms (10-90 %) | of a full check | taken back, ms (10-90 %) | of a full check | both by CPU time | allocated | target | met |`,
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |',
  ...editing.kinds.map(({ name, there, back, percentOfCPU, allocatedKB, target = '', met }) =>
    `| ${name} | ${spread(there)} | ${there.percent} % | ${spread(back)} | ${back.percent} % | ${percentOfCPU} % | ${allocatedKB} KB | ${target} | ${yesNo(met)} |`),
  '',
  `A full check took ${spread(editing.check)} ms beside the edits, ${editing.check.cpuMs} ms by CPU time, and allocated ${full.ours.allocatedMB} MB in ${full.ours.allocations.toLocaleString('en')} pieces.`,
  '',
  `${result.machine.cores} cores, ${result.machine.platform}; Node.js ${process.version}, ${json} ${versionOf(json)}, ${actions} ${versionOf(actions)};`,
  `${size.runs} pairs of processes, ${size.largeRuns} of those with the large template; ${full.ours.checks} and ${full.peer.checks} warm checks of the ${nodes} nodes, ${ofSteps.ours.checks} and ${ofSteps.peer.checks} of the steps, ${editing.kinds[0].edits} edits of each kind.`,
].join('\n');
write('results.json', `${JSON.stringify(result, undefined, 2)}\n`);
write('results.md', `${markdown}\n`);
console.log(markdown);
