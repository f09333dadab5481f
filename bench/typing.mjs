// node typing.mjs --programs FOLDER --schemas FOLDER --template FILE --out FOLDER [--smoke] [--peers NAME,...] [--series TEXT]
// Types into language servers, ours and others, and measures what somebody who types waits for. FOLDER holds nf-lsp and
// null. Writes typing.json and typing.md, and prints the latter. --smoke: little documents, once, for whether it works.
// --series: only what has TEXT in its name, as the tables write it, and with the servers that are asked often.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grow, largeTemplate, workflowOfSteps } from './documents.mjs';
import { servers as all } from './servers.mjs';
import { median, quantile, round } from './statistics.mjs';
import { Typist } from './typist.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    programs: { type: 'string' },
    schemas: { type: 'string' },
    template: { type: 'string' },
    out: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    peers: { type: 'string', default: 'json,yaml,actions' },
    series: { type: 'string', default: '' },
  },
});
const out = resolve(options.out);
mkdirSync(out, { recursive: true });
const schema = join(out, 'schema.json');
execFileSync(process.execPath, [join(here, 'bundle.mjs'), resolve(options.schemas), schema]);

const modules = join(here, 'node_modules');
const servers = all({ programs: resolve(options.programs), modules, schema });
const named = names => ['null', 'ours', ...names.filter(name => options.peers.split(',').includes(name))].map(name => servers[name]);
const everybody = named(['json', 'yaml', 'actions']);
const likeUs = named(['json']);

// The same text for all; for the server that reads workflows one that is as long, with an expression for each of its lines.
const template = JSON.parse(readFileSync(options.template, 'utf8'));
const documents = [
  { name: '20 KB', template: grow(template, options.smoke ? 1000 : 20_000), every: options.smoke ? [150, 300] : [10, 100], points: options.smoke ? [1, 1] : [25, 5] },
  ...(options.smoke ? [] : [{ name: '200 KB', template: largeTemplate(18), every: [100, 5000], points: [25, 3] }]),
].map(document => ({ ...document, workflow: workflowOfSteps(Math.round(document.template.length / 350), document.template.length) }));

/** Lets each of the servers have its turn, the first one another time, so that what else the machine does meets all. */
async function inTurns(typists, times, turn) {
  for (let i = 0; i < times; i++) {
    for (let k = 0; k < typists.length; k++) {
      await turn(typists[(i + k) % typists.length], i);
    }
  }
}

/**
 * Starts the servers on a text each, has somebody type into them, and tells what they took, the first one's time taken off
 * from the others'. `offers` says that there is something to complete somewhere.
 */
async function measure({ name, who, textOf, offers, play }) {
  const typists = await Promise.all(who.map(server => Typist.start(server, textOf(server))));
  const series = new Map(typists.map(typist => [typist, { completion: [], findings: [], most: 0, offered: 0 }]));
  const keystroke = async (typist, ...change) => {
    const { completionMs, findingsMs, offered } = await typist.keystroke(...change);
    const measured = series.get(typist);
    measured.completion.push(completionMs);
    measured.findings.push(findingsMs);
    measured.most = Math.max(measured.most, typist.found.length);
    measured.offered = Math.max(measured.offered, offered);
  };
  await play(typists, keystroke);
  const idle = series.get(typists[0]);
  const rows = [];
  for (const typist of typists) {
    const { server, found } = typist;
    const { completion, findings, most, offered } = series.get(typist);
    const wrong = found.filter(isProblem);
    if (!server.blind && (most === 0 || wrong.length > 0)) {
      throw new Error(`${name}: ${server.name} has found ${most} problems in broken text at most, and in the right one ${JSON.stringify(wrong.slice(0, 3))}`);
    }
    if (!server.blind && offers && offered === 0) {
      throw new Error(`${name}: ${server.name} has offered nothing anywhere`);
    }
    // Of each share of the keystrokes, what the same share takes where nothing is done: the pipe, the client, the machine.
    const net = kind => {
      const [p50, p99] = [0.5, 0.99].map(q => {
        const nothing = typist === typists[0] ? 0 : quantile(idle[kind], q);
        return round(Math.max(0, quantile(series.get(typist)[kind], q) - nothing));
      });
      return { p50, p99 };
    };
    const { peakKB, cpuMs } = await typist.end();
    rows.push({
      name: server.name, keystrokes: completion.length, completion: net('completion'), findings: net('findings'), cpuS: round(cpuMs / 1000), peakMB: round(peakKB / 1024), most, offered,
    });
    console.error(`${name}: ${JSON.stringify(rows.at(-1))}`);
  }
  return { name, rows };
}

/** A finding of the levels error and warning; a server that names no level means an error. */
const isProblem = ({ severity = 1 }) => severity <= 2;

/** From the first character to the last; one of `every` is waited for. */
const typing = (document, who, every) => ({
  name: `${document.name} typed, 1 of ${every} keystrokes awaited`,
  who,
  textOf: () => '',
  offers: true,
  play: async (typists, keystroke) => {
    const times = Math.ceil(Math.max(...typists.map(({ server }) => document[server.reads].length)) / every);
    await inTurns(typists, times, async (typist, i) => {
      const text = document[typist.server.reads];
      const [from, to] = [i, i + 1].map(n => Math.min(text.length, n * every));
      if (to > from + 1) {
        await typist.append(text.slice(from, to - 1));
      }
      if (to > from) {
        await keystroke(typist, to - 1, 0, text[to - 1]);
      }
    });
  },
});

/** Quotes and braces in the middle third, typed or deleted and each time taken back. */
const toggling = (document, who, points) => ({
  name: `${document.name}, quotes and braces in its middle`,
  who,
  textOf: server => document[server.reads],
  offers: false,
  play: (typists, keystroke) => inTurns(typists, points, async (typist, i) => {
    const { text } = typist;
    const start = Math.round(text.length * (1 + (i + 0.5) / points) / 3);
    const next = character => text.indexOf(character, start);
    const inWord = start + /\w\w/.exec(text.slice(start)).index + 1;
    await keystroke(typist, inWord, 0, '"');
    await keystroke(typist, inWord, 1, '');
    for (const character of ['"', '{', '}']) {
      await keystroke(typist, next(character), 1, '');
      await keystroke(typist, next(character), 0, character);
    }
  }),
});

/** From the start of the process to the findings of a document with one mistake that is opened. */
async function starting(document, who, runs) {
  const wrong = { template: document.template.replace('"sequential"', '"sideways"'), workflow: document.workflow.replace('runs-on', 'runs-at') };
  const times = new Map(who.map(server => [server, []]));
  for (let run = options.smoke ? 0 : -1; run < runs; run++) {
    for (const server of who) {
      const typist = await Typist.start(server, wrong[server.reads]);
      if (!server.blind && !typist.found.some(isProblem)) {
        throw new Error(`${server.name} finds nothing in a document with a mistake when it is opened`);
      }
      await typist.end();
      if (run >= 0) {
        times.get(server).push(typist.firstMs);
      }
    }
  }
  return { name: `${document.name} opened, from the start of the process to its first finding`, rows: who.map(server => ({ name: server.name, p50: round(median(times.get(server))), p99: round(quantile(times.get(server), 0.99)), runs: times.get(server).length })) };
}

const plays = [];
const starts = options.series === '' ? await starting(documents[0], everybody, options.smoke ? 1 : 15) : undefined;
for (const document of documents) {
  const [often, seldom] = document.every;
  const [many, few] = document.points;
  for (const play of [typing(document, likeUs, often), typing(document, everybody, seldom), toggling(document, likeUs, many), toggling(document, everybody, few)]) {
    if (play.name.includes(options.series) && (options.series === '' || play.who === likeUs)) {
      plays.push(await measure(play));
    }
  }
}

const versionOf = name => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
const packages = ['vscode-langservers-extracted', 'vscode-json-languageservice', 'yaml-language-server', '@actions/languageserver'];
const result = {
  version: 1,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${process.platform}-${process.arch}` },
  versions: { node: process.version, ...Object.fromEntries(packages.map(name => [name, versionOf(name)])) },
  starts,
  plays,
};

const yesNo = met => (met ? 'yes' : 'no');
const both = ({ p50, p99 }) => `${p50} / ${p99}`;
const markdown = [
  '| what | server | keystrokes | completion, ms (p50 / p99) | findings, ms (p50 / p99) | CPU, s | peak memory |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
  ...plays.flatMap(({ name, rows }) => rows.map((row, i) =>
    `| ${i === 0 ? name : ''} | ${row.name} | ${row.keystrokes} | ${both(row.completion)} | ${both(row.findings)} | ${row.cpuS} | ${row.peakMB} MB |`)),
  '',
  ...(starts === undefined ? [] : [
    `| ${starts.name} | ms (p50 / p99) |`,
    '| --- | ---: |',
    ...starts.rows.map(row => `| ${row.name} | ${both(row)} |`),
    '',
  ]),
  ...(options.smoke ? [] : aims()),
  `${result.machine.cores} cores, ${result.machine.platform}; Node.js ${process.version}, ${packages.map(name => `${name} ${versionOf(name)}`).join(', ')}.`,
].join('\n');

/** What we aim at, beside VS Code's own server in the same play. */
function aims() {
  const lines = [];
  const aim = (what, ours, target) => lines.push(`| ${what} | ${round(ours)} | ${round(target)} | ${yesNo(ours <= target)} |`);
  for (const { name, rows } of plays.filter(({ rows }) => rows.length === likeUs.length && rows.length === 3)) {
    const [, ours, peer] = rows;
    for (const kind of ['completion', 'findings']) {
      for (const share of ['p50', 'p99']) {
        aim(`${name}: ${kind}, ${share}, ms`, ours[kind][share], peer[kind][share] / 10);
      }
    }
    if (name.startsWith('200 KB')) {
      aim(`${name}: completion, p99, ms, at all`, ours.completion.p99, 5);
      aim(`${name}: findings, p99, ms, at all`, ours.findings.p99, 5);
    }
    aim(`${name}: memory, MB`, ours.peakMB, peer.peakMB / 5);
  }
  if (starts !== undefined) {
    aim('start to first finding, ms', starts.rows[1].p50, 30);
  }
  return ['| target: a tenth of the time of vscode-json-language-server, a fifth of its memory | ours | at most | met |', '| --- | ---: | ---: | --- |', ...lines, ''];
}
writeFileSync(join(out, 'typing.json'), `${JSON.stringify(result, undefined, 2)}\n`);
writeFileSync(join(out, 'typing.md'), `${markdown}\n`);
console.log(markdown);
