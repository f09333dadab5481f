// node run.mjs --vscode FOLDER --vsix FILE --runner FILE --templates FOLDER [--pictures FOLDER] [--counts FILE]
// Tests the packed extension in real VS Code: inside its extension host, as a user sees it, in an untrusted workspace,
// and once more with programs that do nothing, where every test has to fail. The runner is the nf-run of the package.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lookAtGitOps } from './gitops-ui.mjs';
import { Session } from './session.mjs';
import { steps } from './ui.mjs';

const { values: options } = parseArgs({
  options: {
    vscode: { type: 'string' },
    vsix: { type: 'string' },
    runner: { type: 'string' },
    templates: { type: 'string' },
    pictures: { type: 'string' },
    counts: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'nf-vscode-pictures-'));
const pictures = resolve(options.pictures ?? scratch);
mkdirSync(pictures, { recursive: true });

let passed = 0;
let failed = 0;
function report(name, error, ms) {
  if (error === undefined) {
    passed++;
    console.log(`ok - vscode: ${name} (${ms} ms)`);
  } else {
    failed++;
    // VS Code's stack traces quote whole bundles: a line is cut, and so is their number.
    const lines = error.split('\n').slice(0, 40).map(line => `\n    ${line.slice(0, 400)}`);
    console.log(`not ok - vscode: ${name} (${ms} ms)${lines.join('')}`);
  }
}

const base = { vscode: options.vscode, vsix: resolve(options.vsix), templates: resolve(options.templates), chromium: options.chromium };
const sources = Object.fromEntries(['payload.json', 'payload-mistake.json'].map(name => [name, readFileSync(join(base.templates, name), 'utf8')]));

/** Does `use` with a session; what goes wrong around the tests is a failure of its own. */
async function within(name, extra, use) {
  let session;
  try {
    session = await Session.start({ ...base, ...extra });
    await use(session);
  } catch (error) {
    report(`the session ${name}`, `${error.message}\n${(session?.log ?? '').split('\n').slice(-15).join('\n')}`, 0);
  } finally {
    await session?.stop();
  }
}

async function lookAt(session, wait, folder, failures) {
  const results = [];
  // A second run of a template has nothing to wait for: this one is as new to the platform as the first.
  writeFileSync(join(session.workspace, 'fresh.json'), sources['payload.json'].replaceAll('Headless CMS', 'Fresh CMS'));
  const world = { sources, wait, pictures: folder, open: async file => (page = await session.open(file)) };
  let page;
  for (const [name, step] of steps(world)) {
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

await within('in a trusted workspace', {}, async session => {
  for (const { name, error, ms } of await session.inHost('host.cjs', 240_000)) {
    report(`in the extension host: ${name}`, error, ms);
  }
});

const repository = { environment: { NF_TEST_RUNNER: resolve(options.runner) } };
await within('beside a repository', repository, async session => {
  for (const { name, error, ms } of await session.inHost('gitops.cjs', 300_000)) {
    report(`beside a repository: ${name}`, error, ms);
  }
  const started = Date.now();
  const error = await lookAtGitOps(session, 60_000, pictures).then(() => undefined, failure => failure.message);
  report('beside a repository: the view, the lens and the status bar show what both sides have changed', error, Date.now() - started);
});

const slow = {
  settings: { 'northflank.runner.path': join(import.meta.dirname, 'slow-runner') },
  environment: { NF_TEST_RUNNER: resolve(options.runner) },
};
await within('with a slow runner', slow, async session => {
  for (const { name, error, ms } of await lookAt(session, 60_000, pictures, scratch)) {
    report(`on the screen: ${name}`, error, ms);
  }
});

await within('in an untrusted workspace', { trusted: false, environment: { NF_TEST_SUITE: 'untrusted' } }, async session => {
  for (const { name, error, ms } of await session.inHost('host.cjs', 120_000)) {
    report(name, error, ms);
  }
});

// The negative control: tests that pass with programs that do nothing would pass with anything.
const dead = {
  settings: { 'northflank.server.path': '/bin/false', 'northflank.runner.path': '/bin/false' },
  environment: { NF_TEST_SUITE: 'control', NF_TEST_WAIT: '3000' },
};
const deadBeside = { settings: dead.settings, environment: { ...dead.environment, ...repository.environment } };
await within('with dead programs beside a repository', deadBeside, async session => {
  for (const { name, error, ms } of await session.inHost('gitops.cjs', 120_000)) {
    report(`negative control: without programs this fails: ${name}`, error === undefined ? 'it passed' : undefined, ms);
  }
});
await within('with dead programs', dead, async session => {
  for (const { name, error, ms } of [...(await session.inHost('host.cjs', 120_000)), ...(await lookAt(session, 3000, session.state, session.state))]) {
    report(`negative control: without programs this fails: ${name}`, error === undefined ? 'it passed' : undefined, ms);
  }
});

console.log(`pictures: ${pictures}`);
if (options.counts) {
  writeFileSync(options.counts, `${passed} ${failed} 0\n`);
}
process.exit(failed === 0 && passed > 0 ? 0 : 1);
