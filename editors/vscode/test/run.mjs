// node run.mjs --vscode FOLDER --vsix FILE --runner FILE --templates FOLDER [--pictures FOLDER] [--counts FILE] [--only GROUP,...]
// Tests the packed extension in real VS Code, in the groups below: each has a VS Code of its own. The runner is the nf-run of
// the package.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lookAtGitOps } from './gitops-ui.mjs';
import { Session } from './session.mjs';
import { asking, contrasting, steps } from './ui.mjs';

const { values: options } = parseArgs({
  options: {
    vscode: { type: 'string' },
    vsix: { type: 'string' },
    runner: { type: 'string' },
    templates: { type: 'string' },
    pictures: { type: 'string' },
    counts: { type: 'string' },
    only: { type: 'string' },
    step: { type: 'string' },
    label: { type: 'string', default: 'vscode' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'nf-vscode-pictures-'));
const pictures = resolve(options.pictures ?? scratch);
mkdirSync(pictures, { recursive: true });

let passed = 0;
let failed = 0;
let again = 0;
let results = []; // of the group that is being tested

function report(name, error, ms) {
  results.push({ name, error, ms });
}

/**
 * Tests a group, and once more in a new VS Code where something fails: what fails twice is a failure. A test that passed at the second
 * try only is said and counted as such, with what the first one said: it has a race, here or in the extension.
 */
async function play(group, test) {
  results = [];
  await test(group);
  const first = new Map(results.filter(({ error }) => error !== undefined).map(({ name, error }) => [name, error]));
  if (first.size > 0) {
    console.log(`# ${group}: ${first.size} failed, once more`);
    results = [];
    await test(group);
  }
  for (const { name, error, ms } of results) {
    const earlier = first.get(name);
    first.delete(name);
    if (error !== undefined) {
      failed++;
      console.log(`not ok - ${options.label}: ${name} (${ms} ms)${indented(error)}`);
      continue;
    }
    passed++;
    if (earlier === undefined) {
      console.log(`ok - ${options.label}: ${name} (${ms} ms)`);
    } else {
      again++;
      console.log(`ok - ${options.label}: ${name} (${ms} ms; at the second try, the first said:)${indented(earlier)}`);
    }
  }
  for (const [name, error] of first) {
    if (name === around(group)) {
      again++;
      console.log(`# at the first try: ${name}${indented(error)}`);
    } else {
      failed++;
      console.log(`not ok - ${options.label}: ${name}: did not come to its turn at the second try; the first said:${indented(error)}`);
    }
  }
}

/** What is told that goes wrong around a group's tests: at the second try it has nobody who says that it went well. */
const around = group => `the session ${group}`;

/** VS Code's stack traces quote whole bundles: a line is cut, and so is their number. */
function indented(error) {
  return error.split('\n').slice(0, 40).map(line => `\n    ${line.slice(0, 400)}`).join('');
}

const base = { vscode: options.vscode, vsix: resolve(options.vsix), templates: resolve(options.templates), chromium: options.chromium };
const sources = Object.fromEntries(['payload.json', 'payload-mistake.json'].map(name => [name, readFileSync(join(base.templates, name), 'utf8')]));

// One node after the other, so that each can be seen.
const group = (ref, more = '') => `    { "kind": "SecretGroup", "ref": "${ref}", "spec": { "projectId": "\${refs.shop.id}", "name": "${ref}", "secretType": "environment", "priority": 1, "secrets": { "variables": { "COLOUR": "blue"${more} } } } }`;
const template = (name, steps, more = '') => `{
  "apiVersion": "v1.2", "name": "${name}",${more}
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "${name}", "region": "${more === '' ? 'europe-west' : '\${args.REGION}'}" } },

${steps}
  ] } }
}
`;
const visible = `${group('colours')},\n    { "kind": "Addon", "ref": "data", "spec": { "projectId": "\${refs.shop.id}", "name": "Data", "type": "redis", "version": "latest", "billing": { "deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1 } } },\n    { "kind": "Condition", "spec": { "kind": "Addon", "spec": { "type": "running", "data": { "projectId": "\${refs.shop.id}", "addonId": "\${refs.data.id}" } } } },\n${group('more')}`;
const templates = {
  'northflank.json': template('Shop', visible),
  'contrast.northflank.json': template('Contrast', visible),
  'reopened.northflank.json': template('Reopened', visible),
  'missing.northflank.json': template('Missing', group('colours', ', "PASSWORD": "\${args.DB_PASSWORD}", "TOKEN": "\${secrets.shared.values.TOKEN}"'),
    '\n  "arguments": { "REGION": { "type": "string", "required": true }, "DB_PASSWORD": { "type": "secret", "required": true } },'),
  'gate.northflank.json': template('Gate', `    { "kind": "Approval", "ref": "gate", "spec": { "amount": 1 } },\n${group('colours')}`),
};

/** Does `use` with a session; what goes wrong around the tests is a failure of its own. */
async function within(name, extra, use) {
  let session;
  try {
    session = await Session.start({ ...base, ...extra });
    await use(session);
  } catch (error) {
    report(around(name), `${error.message}\n${(session?.log ?? '').split('\n').slice(-15).join('\n')}`, 0);
  } finally {
    await session?.stop();
  }
}

async function lookAt(session, wait, folder, failures, list = steps) {
  const results = [];
  // A second run of a template has nothing to wait for: this one is as new to the platform as the first.
  writeFileSync(join(session.workspace, 'fresh.json'), sources['payload.json'].replaceAll('Headless CMS', 'Fresh CMS'));
  for (const [name, text] of Object.entries(templates)) {
    writeFileSync(join(session.workspace, name), text);
  }
  const world = {
    sources, wait, pictures: folder,
    open: async file => (page = await session.open(file)),
    check: { nothingLeft: async texts => session.nothingLeft(texts), setting: (name, value) => session.setting(name, value) },
  };
  let page;
  for (const [name, step] of list(world)) {
    if (options.step !== undefined && !options.step.split(',').includes(name)) {
      continue;
    }
    const started = Date.now();
    let error;
    try {
      await step.run();
    } catch (failure) {
      const picture = join(failures, `failed-${name}.png`);
      await page?.screenshot({ path: picture }).catch(() => {});
      error = `${failure.message.split('\n')[0]}\npicture: ${picture}`;
    }
    await page?.close().catch(() => {});
    results.push({ name: step.title, error, ms: Date.now() - started });
  }
  return results;
}

/** Tests inside the extension host, of modules beside this file, each in a window of its own. */
async function inside(group, extra, ...modules) {
  await within(group, extra, async session => {
    for (const module of modules) {
      for (const { name, error, ms } of await session.inHost(module, 600_000)) {
        report(`${group}: ${name}`, error, ms);
      }
    }
  });
}

const slow = {
  settings: { 'northflank.runner.path': join(import.meta.dirname, 'slow-runner') },
  environment: { NF_TEST_RUNNER: resolve(options.runner) },
};
// Nothing answers here: no program of ours, and no JSON extension that tells what a test is to hear from ours.
const dead = {
  json: false,
  settings: { 'northflank.server.path': '/bin/false', 'northflank.runner.path': '/bin/false' },
  environment: { NF_TEST_SUITE: 'control', NF_TEST_WAIT: '1500', NF_TEST_JSON: 'without', NF_TEST_RUNNER: '/bin/false' },
};
// The vendor's schema, as an editor has it that may load it.
const vendor = {
  'northflank.detect': 'never',
  'json.schemas': [{ url: 'https://api.northflank.com/v1/schemas/template', schema: {
    type: 'object',
    properties: { name: { type: 'string', description: 'The name of the template.' }, spec: { $ref: '#/definitions/node' } },
    definitions: { node: { properties: { spec: { properties: { name: { type: 'string' }, steps: { items: { $ref: '#/definitions/node' } } } } } } },
  } }],
};

const repository = { environment: { NF_TEST_RUNNER: resolve(options.runner) } };

/** The client library alone, bundled as the extension is. */
function library() {
  const file = join(scratch, 'library.cjs');
  const entry = join(import.meta.dirname, '..', 'node_modules', 'vscode-languageclient', 'lib', 'node', 'main.js');
  execFileSync(process.execPath, [join(import.meta.dirname, '..', 'node_modules', 'esbuild', 'bin', 'esbuild'), entry, `--outfile=${file}`, '--bundle', '--minify', '--platform=node', '--target=node20', '--format=cjs', '--external:vscode', '--log-level=warning']);
  return file;
}

const groups = {
  'in the extension host': group => inside(group, {}, 'host.cjs', 'language.cjs'),
  'beside a repository': group => within(group, repository, async session => {
    for (const { name, error, ms } of await session.inHost('gitops.cjs', 600_000)) {
      report(`${group}: ${name}`, error, ms);
    }
    const started = Date.now();
    const error = await lookAtGitOps(session, 120_000, pictures).then(() => undefined, failure => failure.message);
    report(`${group}: the view, the lens and the status bar show what both sides have changed`, error, Date.now() - started);
  }),
  'beside the JSON extension': group => inside(group, { settings: vendor, environment: { NF_TEST_JSON: 'beside' } }, 'json.cjs'),
  'without the JSON extension': group => inside(group, { json: false, settings: vendor, environment: { NF_TEST_JSON: 'without' } }, 'json.cjs'),
  'runs': group => inside(group, { ...slow, environment: { ...slow.environment, NF_TEST_DELAY: '10ms' } }, 'runs.cjs'),
  'speed': group => inside(group, { settings: { 'northflank.detect': 'never' }, environment: { NF_TEST_LIBRARY: library() } }, 'speed.cjs'),
  'on the screen': group => within(group, slow, async session => {
    for (const { name, error, ms } of await lookAt(session, 120_000, pictures, scratch)) {
      report(`${group}: ${name}`, error, ms);
    }
  }),
  'where it is asked': group => within(group, { settings: { 'northflank.detect': 'ask' } }, async session => {
    for (const { name, error, ms } of await lookAt(session, 120_000, pictures, scratch, asking)) {
      report(`${group}: ${name}`, error, ms);
    }
  }),
  'in high contrast': group => within(group, { ...slow, settings: { ...slow.settings, 'workbench.colorTheme': 'Default High Contrast' } }, async session => {
    for (const { name, error, ms } of await lookAt(session, 120_000, pictures, scratch, contrasting)) {
      report(`${group}: ${name}`, error, ms);
    }
  }),
  'in an untrusted workspace': group => inside(group, { trusted: false, environment: { NF_TEST_SUITE: 'untrusted' } }, 'host.cjs'),
  // Tests that pass with programs that do nothing would pass with anything.
  'negative control beside a repository': group => within(group, { settings: dead.settings, environment: { ...dead.environment, ...repository.environment } }, async session => {
    for (const { name, error, ms } of await session.inHost('gitops.cjs', 400_000)) {
      report(`${group}: without programs this fails: ${name}`, error === undefined ? 'it passed' : undefined, ms);
    }
  }),
  'negative control': group => within(group, dead, async session => {
    const inHost = [];
    for (const module of ['host.cjs', 'language.cjs', 'json.cjs', 'runs.cjs']) {
      inHost.push(...(await session.inHost(module, 400_000)));
    }
    for (const { name, error, ms } of [...inHost, ...(await lookAt(session, 3000, session.state, session.state, world => new Map([...steps(world)].filter(([, step]) => !step.alone))))]) {
      report(`${group}: without programs this fails: ${name}`, error === undefined ? 'it passed' : undefined, ms);
    }
  }),
};
const only = options.only?.split(',');
for (const [group, test] of Object.entries(groups)) {
  if (only === undefined || only.includes(group)) {
    await play(group, test);
  }
}

console.log(`pictures: ${pictures}`);
if (options.counts) {
  writeFileSync(options.counts, `${passed} ${failed} 0 ${again}\n`);
}
process.exit(failed === 0 && passed > 0 ? 0 : 1);
