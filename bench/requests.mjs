// node requests.mjs --programs FOLDER --out FOLDER [--turns N] [--smoke]
// Measures `nf-run serve` beside json-server and beside a handler that does nothing, and runs against a server beside runs in
// process. FOLDER holds nf-run, asker and handler. Writes requests.json and requests.md, and prints the latter. --smoke: few
// resources, once.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chainTemplate, fanTemplate } from './fabric.mjs';
import { median, round } from './statistics.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    programs: { type: 'string' },
    out: { type: 'string' },
    turns: { type: 'string', default: '3' },
    smoke: { type: 'boolean', default: false },
  },
});
const size = options.smoke
  ? { turns: 1, resources: 60, single: 20, many: 40, slow: 10, nodes: 5, runs: 1 }
  : { turns: Number(options.turns), resources: 10_000, single: 3000, many: 10_000, slow: 60, nodes: 200, runs: 3 };
const connections = 16;
const page = 50;
const out = resolve(options.out);
mkdirSync(out, { recursive: true });
// Beside the results, since the folder for temporary files may be in memory.
const work = mkdtempSync(join(out, 'requests-'));
const started = [];
process.on('exit', () => {
  started.forEach(child => child.kill('SIGKILL'));
  rmSync(work, { recursive: true, force: true });
});
const program = name => resolve(options.programs, name);
const token = 'bench';
// A key in a file: no keyring of this machine is touched.
const env = { ...process.env, NF_KEY: 'file', NF_SERVE_TOKENS: token };
let folders = 0;
const folder = () => join(work, `state-${folders++}`);

/** Starts a server and answers its address, which `says` finds in what it prints. */
function start(command, says, stdin = 'pipe') {
  return new Promise((done, failed) => {
    const child = spawn(command[0], command.slice(1), { cwd: work, env, stdio: [stdin, 'pipe', 'pipe'] });
    started.push(child);
    let text = '';
    const read = part => {
      text = (text + part).slice(-10_000);
      const found = says.exec(text);
      if (found) {
        done({ child, base: found[1] });
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', failed);
    child.on('close', status => failed(new Error(`${command.join(' ')} ended with ${status}:\n${text}`)));
  });
}
const serve = (state, ...args) =>
  start([program('nf-run'), 'serve', '--addr', '127.0.0.1:0', '--quiet', '--delay', '1ns', '--state', state, ...args], /(http:\/\/[\d.]+:\d+)/);

/** Runs asker, and answers what it has measured. */
function ask({ base, token = '' }, { method, path, body = '' }, connections, count) {
  return new Promise((done, failed) => {
    const child = spawn(program('asker'), [base, token, method, path, body, connections, count, size.resources].map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', part => (text += part));
    child.stderr.on('data', part => (text += part));
    child.on('error', failed);
    child.on('close', status => (status === 0 ? done(JSON.parse(text)) : failed(new Error(text))));
  });
}

const group = value => `"name":"node-{n}","secretType":"environment","priority":10,"secrets":{"variables":{"VALUE":"${value}"}}`;
const project = '/v1/projects/bench/secrets';
const ours = {
  get: { method: 'GET', path: `${project}/node-{n}/details` },
  list: { method: 'GET', path: `${project}?per_page=${page}&page=1` },
  put: { method: 'PUT', path: project, body: `{${group('changed {i}')}}` },
};
const theirs = {
  get: { method: 'GET', path: '/secrets/node-{n}' },
  list: { method: 'GET', path: `/secrets?_limit=${page}&_page=1` },
  put: { method: 'PUT', path: '/secrets/node-{n}', body: `{"id":"node-{n}","projectId":"bench",${group('changed {i}')}}` },
};

const server = await serve(folder());
server.token = token;
await ask(server, { method: 'POST', path: '/v1/projects', body: '{"name":"Bench","region":"europe-west"}' }, 1, 1);
await ask(server, { ...ours.put, body: `{${group('value {n}')}}` }, 64, size.resources);

const database = join(work, 'db.json');
const numbers = Array.from({ length: size.resources }, (_, n) => n);
writeFileSync(database, JSON.stringify({ secrets: numbers.map(n => ({ id: `node-${n}`, projectId: 'bench', ...JSON.parse(`{${group(`value ${n}`).replaceAll('{n}', n)}}`) })) }));
// json-server says nothing that tells when it is ready.
const port = await new Promise(done => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const peer = { base: `http://127.0.0.1:${port}` };
const peerProcess = spawn(process.execPath, [join(here, 'node_modules', 'json-server', 'lib', 'cli', 'bin.js'), '--quiet', '--host', '127.0.0.1', '--port', String(port), database], { stdio: 'ignore' });
started.push(peerProcess);
for (let tries = 0; ; tries++) {
  try {
    await fetch(`${peer.base}/secrets/node-0`);
    break;
  } catch (error) {
    if (tries === 200 || peerProcess.exitCode !== null) {
      throw error;
    }
    await new Promise(done => setTimeout(done, 100));
  }
}
const nothing = await start([program('handler')], /(http:\/\/[\d.:]+)\n/);

/** Measures one operation on all three, in turns, on one connection and on some. */
async function compare(kind) {
  const sides = { serve: [server, ours[kind], 1], nothing: [nothing, ours[kind], 1], 'json-server': [peer, theirs[kind], kind === 'get' ? 0.2 : 0] };
  const all = { serve: [], nothing: [], 'json-server': [] };
  for (let turn = 0; turn < size.turns; turn++) {
    for (const [name, [target, request, share]] of Object.entries(sides)) {
      const count = of => Math.max(size.slow, Math.round(share * of));
      const one = await ask(target, request, 1, count(size.single));
      const many = await ask(target, request, connections, count(size.many));
      all[name].push({ p50Ms: one.p50Ms, p99Ms: one.p99Ms, perSecond: many.perSecond, bytes: one.bytes });
    }
  }
  const of = name => Object.fromEntries(['p50Ms', 'p99Ms', 'perSecond', 'bytes'].map(what => [what, round(median(all[name].map(turn => turn[what])))]));
  const result = { kind, serve: of('serve'), nothing: of('nothing'), 'json-server': of('json-server') };
  result.share = round(median(all.serve.map(({ perSecond }, turn) => perSecond / all.nothing[turn].perSecond)));
  result.ratio = round(median(all.serve.map(({ perSecond }, turn) => perSecond / all['json-server'][turn].perSecond)));
  // Little servers prove nothing, so a smoke run has no targets.
  return options.smoke ? result : { ...result, target: 'a third of the rate of a handler that does nothing', met: result.share >= 1 / 3 };
}
const operations = [];
for (const kind of ['get', 'list', 'put']) {
  operations.push(await compare(kind));
}

/** Runs a template, and answers the milliseconds between the start and the end that the history has of it. */
function run(file, state, more = [], environment = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program('nf-run'), ['run', file, '--state', state, ...more], { env: { ...env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', part => (text = (text + part).slice(-5000)));
    child.on('close', status => {
      if (status !== 0) {
        failed(new Error(`${file} on ${more.join(' ')} ended with ${status}:\n${text}`));
        return;
      }
      const [{ startedAt, concludedAt }] = JSON.parse(execFileSync(program('nf-run'), ['runs', '--json', '--state', state], { encoding: 'utf8', env }));
      done(Date.parse(concludedAt) - Date.parse(startedAt));
    });
  });
}
const limit = 1_000_000_000; // so that the header says how many requests there were
async function left({ base }) {
  const answer = await fetch(`${base}/v1/login`, { headers: { authorization: `Bearer ${token}` } });
  return Number(answer.headers.get('x-ratelimit-remaining'));
}
const runs = [];
for (const [name, text] of [['a chain', chainTemplate(size.nodes)], ['a fan', fanTemplate(size.nodes)]]) {
  const file = join(work, `${name.replace(' ', '-')}.json`);
  writeFileSync(file, text);
  const all = [];
  for (let turn = 0; turn < size.turns * size.runs; turn++) {
    const localMs = await run(file, folder(), ['--delay', '1ns']);
    const remote = await serve(folder(), '--rate-limit', String(limit));
    const before = await left(remote);
    const remoteMs = await run(file, folder(), ['--target', 'northflank'], { NORTHFLANK_API_TOKEN: token, NORTHFLANK_API_HOST: remote.base });
    const requests = before - (await left(remote)) - 1;
    remote.child.removeAllListeners('close');
    remote.child.kill();
    all.push({ localMs, remoteMs, requests, perRequest: (remoteMs - localMs) / requests });
  }
  const of = what => round(median(all.map(turn => turn[what])));
  const result = { name: `${name} of ${size.nodes}`, localMs: of('localMs'), remoteMs: of('remoteMs'), requests: of('requests'), perNode: round(median(all.map(({ requests }) => requests / size.nodes))), perRequestMs: of('perRequest') };
  runs.push(options.smoke ? result : { ...result, target: 'at most 0.5 ms a request, under 3 requests a node', met: result.perRequestMs <= 0.5 && result.perNode < 3 });
}

const versionOf = name => JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version;
const result = {
  version: 1,
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, platform: `${process.platform}-${process.arch}` },
  versions: {
    'nf-run': execFileSync(program('nf-run'), ['version'], { encoding: 'utf8' }).trim().split('\n')[0],
    node: process.version,
    'json-server': versionOf('json-server'),
  },
  resources: size.resources,
  connections,
  operations,
  runs,
};
const yesNo = ({ met }) => (met === undefined ? '' : met ? 'yes' : 'no');
const servers = [['serve', 'nf-run serve'], ['nothing', 'a handler that does nothing'], ['json-server', 'json-server']];
const what = { get: 'get one', list: `list ${page}`, put: 'put one, durable' };
const markdown = [
  `| ${size.resources.toLocaleString('en')} resources | server | ms on one connection (p50 / p99) | requests a second on ${connections} | of the handler that does nothing | times json-server | target | met |`,
  '| --- | --- | ---: | ---: | ---: | ---: | --- | --- |',
  ...operations.flatMap(o =>
    servers.map(([key, name], i) =>
      `| ${i ? '' : what[o.kind]} | ${name} | ${o[key].p50Ms} / ${o[key].p99Ms} | ${o[key].perSecond} | ${i ? '' : `${round(100 * o.share)} %`} | ${i ? '' : o.ratio} | ${i ? '' : (o.target ?? '')} | ${i ? '' : yesNo(o)} |`)),
  '',
  '| run of nodes | in process, ms | `--target northflank` against `serve`, ms | requests | requests a node | ms a request more | target | met |',
  '| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |',
  ...runs.map(r => `| ${r.name} | ${r.localMs} | ${r.remoteMs} | ${r.requests} | ${r.perNode} | ${r.perRequestMs} | ${r.target ?? ''} | ${yesNo(r)} |`),
  '',
  `${result.machine.cores} cores, ${result.machine.platform}; Node.js ${process.version}, json-server ${result.versions['json-server']}.`,
  '',
].join('\n');
writeFileSync(join(out, 'requests.json'), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(join(out, 'requests.md'), markdown);
console.log(markdown);
process.exit(0); // the servers are ended on the way out
