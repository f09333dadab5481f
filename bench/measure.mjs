// node measure.mjs --programs FOLDER --schemas FOLDER --template FILE --out FOLDER [--runs N] [--smoke]
// Times whole processes, from the start to the end of each, and compares them in pairs. FOLDER holds nf-run and empty.
// Writes results.json and results.md, and prints the latter. --smoke: one run of each, for whether it works.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    programs: { type: 'string' },
    schemas: { type: 'string' },
    template: { type: 'string' },
    out: { type: 'string' },
    runs: { type: 'string', default: '60' },
    smoke: { type: 'boolean', default: false },
  },
});
const runs = options.smoke ? 1 : Number(options.runs);
const warmUps = options.smoke ? 0 : 5;
const out = resolve(options.out);
mkdirSync(out, { recursive: true });

/** A template of at least `bytes` that is right: the resources of the given one, over and over, each with its own names. */
function grow(file, bytes) {
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const steps = template.spec.spec.steps.at(-1).spec.steps;
  const resources = JSON.stringify(steps.filter(step => step.ref));
  const text = () => `${JSON.stringify(template, undefined, 2)}\n`;
  for (let copy = 2; text().length < bytes; copy++) {
    const renamed = JSON.parse(resources, (key, value) => {
      if (key === 'ref') {
        return `${value}${copy}`;
      }
      return typeof value === 'string' ? value.replace(/\$\{refs\.(\w+)/g, `\${refs.$1${copy}`) : value;
    });
    renamed.forEach(step => (step.spec.name = `${step.spec.name} ${copy}`));
    steps.push(...renamed);
  }
  return text();
}

/** Milliseconds from the start of a process to its end; throws when it does not end well or does not say what it should. */
function time({ command, says }) {
  const begun = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (status !== 0 || !says.test(stdout)) {
    throw new Error(`${command.join(' ')} ended with ${status ?? error}:\n${stdout}${stderr}`);
  }
  return ms;
}

const quantile = (numbers, q) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];
const round = number => Math.round(number * 100) / 100;
const summary = (name, times) => ({ name, medianMs: round(quantile(times, 0.5)), p10Ms: round(quantile(times, 0.1)), p90Ms: round(quantile(times, 0.9)) });

/** Runs two commands in turns, so that what else the machine does meets both. */
function pair(name, ours, peer) {
  const times = { ours: [], peer: [] };
  for (let i = -warmUps; i < runs; i++) {
    const round = i % 2 === 0 ? [['ours', ours], ['peer', peer]] : [['peer', peer], ['ours', ours]];
    for (const [who, what] of round) {
      const ms = time(what);
      if (i >= 0) {
        times[who].push(ms);
      }
    }
  }
  const differences = times.ours.map((ms, i) => ms - times.peer[i]);
  const ratios = times.ours.map((ms, i) => times.peer[i] / ms);
  return {
    name,
    runs,
    ours: summary(ours.name, times.ours),
    peer: summary(peer.name, times.peer),
    differenceMs: round(quantile(differences, 0.5)),
    ratio: round(quantile(ratios, 0.5)),
  };
}

const program = name => resolve(options.programs, name);
const template = join(out, 'template.json');
const schema = join(out, 'schema.json');
writeFileSync(template, grow(options.template, 20 * 1024));
execFileSync(process.execPath, [join(here, 'bundle.mjs'), resolve(options.schemas), schema]);

const start = pair(
  'start and end of a process',
  { name: 'nf-run version', command: [program('nf-run'), 'version'], says: /./ },
  { name: 'an empty Go program', command: [program('empty')], says: /^$/ },
);
const check = pair(
  `check of a template of ${Math.round(readFileSync(template).length / 1024)} KB`,
  { name: 'nf-run check', command: [program('nf-run'), 'check', template], says: /./ },
  { name: 'node with vscode-json-languageservice', command: [process.execPath, join(here, 'peer.mjs'), schema, template], says: /^0 problems/ },
);
start.target = 'at most 10 ms over the peer';
start.met = start.differenceMs <= 10;
check.target = 'at least 10 times as fast as the peer';
check.met = check.ratio >= 10;

const result = {
  version: 1,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${process.platform}-${process.arch}` },
  versions: {
    'nf-run': execFileSync(program('nf-run'), ['version'], { encoding: 'utf8' }).trim().split('\n')[0],
    node: process.version,
    'vscode-json-languageservice': JSON.parse(readFileSync(join(here, 'node_modules', 'vscode-json-languageservice', 'package.json'), 'utf8')).version,
  },
  comparisons: [start, check],
};
const markdown = [
  '| what | ours | ms (median, 10-90 %) | peer | ms (median, 10-90 %) | difference | ratio | target | met |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ...result.comparisons.map(({ name, ours, peer, differenceMs, ratio, target, met }) => {
    const spread = ({ medianMs, p10Ms, p90Ms }) => `${medianMs} (${p10Ms}-${p90Ms})`;
    return `| ${name} | ${ours.name} | ${spread(ours)} | ${peer.name} | ${spread(peer)} | ${differenceMs} ms | ${ratio} | ${target} | ${met ? 'yes' : 'no'} |`;
  }),
  '',
  `${result.machine.cores} cores of ${result.machine.cpu}, ${result.machine.platform}; Node.js ${result.versions.node}, vscode-json-languageservice ${result.versions['vscode-json-languageservice']}; ${runs} pairs each.`,
].join('\n');
writeFileSync(join(out, 'results.json'), `${JSON.stringify(result, undefined, 2)}\n`);
writeFileSync(join(out, 'results.md'), `${markdown}\n`);
console.log(markdown);
