// A VS Code of its own for one group of tests: fresh state, the package under test installed, served on loopback, and
// a headless Chromium to look at it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// What makes the pictures and the assertions the same everywhere: no greeting, no side bars that come and go, no
// request to anywhere but this machine.
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Light Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'files.autoSave': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'editor.minimap.enabled': false,
  'editor.stickyScroll.enabled': false,
  'json.schemaDownload.enable': false,
  'git.enabled': false,
  'northflank.detect': 'always',
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/** The folders with the package installed, by the VS Code that has installed it: sessions take place one after the other and share it. */
const installed = new Map();

export class Session {
  /**
   * @param {{ vscode: string, vsix: string, templates: string, settings?: object, environment?: object, trusted?: boolean, json?: boolean, chromium: string }} options
   *   json: whether the editor has its built-in JSON extension; vscode: the folder with code-server and playwright-core; templates: those that start with payload are copied to the workspace.
   */
  static async start(options) {
    const session = new Session();
    try {
      await session.#start(options);
    } catch (error) {
      await session.stop();
      throw error;
    }
    return session;
  }

  async #start({ vscode, vsix, templates, settings = {}, environment = {}, trusted = true, json = true, chromium }) {
    this.state = mkdtempSync(join(tmpdir(), 'nf-vscode-'));
    this.workspace = join(this.state, 'templates');
    cpSync(templates, this.workspace, { recursive: true, filter: path => path === templates || basename(path).startsWith('payload') });
    const home = join(this.state, 'home');
    const data = join(this.state, 'data');
    this.results = join(this.state, 'results.json');
    mkdirSync(home);
    // The server's machine is a remote one to the window: settings of machine scope are read from Machine alone.
    for (const [place, content] of [['User', { ...quiet, ...settings }], ['Machine', settings]]) {
      mkdirSync(join(data, place), { recursive: true });
      writeFileSync(join(data, place, 'settings.json'), JSON.stringify(content));
    }
    const env = {
      ...process.env,
      HOME: home,
      TMPDIR: this.state,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_DATA_HOME: join(home, '.local', 'share'),
      XDG_STATE_HOME: join(home, '.local', 'state'),
      XDG_CACHE_HOME: join(home, '.cache'),
      NF_STATE: join(home, 'nf-state'),
      NF_KEY: 'file',
      EXTENSIONS_GALLERY: '{"serviceUrl":""}',
      NF_TEST_WORKSPACE: this.workspace,
      NF_TEST_RESULTS: this.results,
      ...environment,
    };
    this.vscode = json ? vscode : withoutJSON(vscode, this.state);
    const server = [join(this.vscode, 'node_modules', 'code-server', 'out', 'node', 'entry.js'), '--user-data-dir', data];
    const key = `${vscode} ${vsix}`;
    if (!installed.has(key)) {
      const folder = mkdtempSync(join(tmpdir(), 'nf-vscode-extensions-'));
      process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      execFileSync(process.execPath, [...server, '--extensions-dir', folder, '--install-extension', vsix], { env, stdio: 'pipe', timeout: 300_000 });
      installed.set(key, folder);
    }
    server.push('--extensions-dir', installed.get(key));

    const port = await freePort();
    this.host = `127.0.0.1:${port}`;
    this.log = '';
    this.server = spawn(process.execPath, [
      ...server, '--auth', 'none', '--bind-addr', this.host, '--disable-telemetry', '--disable-update-check',
      '--disable-getting-started-override', '--disable-proxy',
      // The oldest that is tested has no such option.
      ...(readFileSync(join(this.vscode, 'node_modules', 'code-server', 'out', 'node', 'cli.js'), 'utf8').includes('reconnection-grace-time') ? ['--reconnection-grace-time', '1'] : []),
      ...(trusted ? ['--disable-workspace-trust'] : []),
    ], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.server.stdout, this.server.stderr]) {
      stream.on('data', chunk => (this.log += chunk));
    }
    await this.#healthy();

    const { chromium: browser } = createRequire(join(vscode, 'package.json'))('playwright-core');
    this.context = await browser.launchPersistentContext(join(this.state, 'chromium'), {
      executablePath: chromium,
      headless: true,
      viewport: { width: 1280, height: 800 },
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
  }

  async #healthy() {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(200)) {
      if (this.server.exitCode !== null) {
        break;
      }
      const reply = await fetch(`http://${this.host}/healthz`).catch(() => undefined);
      if (reply?.ok) {
        return;
      }
    }
    throw new Error(`code-server did not start:\n${this.log}`);
  }

  /** A page that is patient: the first load of VS Code takes a busy machine longer than a page of the web may. */
  async #page() {
    const page = await this.context.newPage();
    page.setDefaultNavigationTimeout(120_000);
    return page;
  }

  /** Opens a window on the workspace, with a file open in it. */
  async open(file) {
    const page = await this.#page();
    await page.goto(this.#url([['openFile', this.#remote(join(this.workspace, file))]]));
    return page;
  }

  /** Runs a test module inside the extension host and answers what it wrote to its results file. */
  async inHost(module, timeout) {
    rmSync(this.results, { force: true }); // of a module before this one
    const page = await this.#page();
    const output = [];
    const { promise, resolve } = Promise.withResolvers();
    await page.exposeFunction('codeAutomationLog', (type, args) => output.push(`[${type}] ${args.join(' ')}`));
    await page.exposeFunction('codeAutomationExit', resolve);
    // VS Code takes a test module only with its smoke-test driver, and the driver shows no notifications: so it is
    // switched on in this window alone, in the settings that the page was served with.
    await page.addInitScript(() => {
      const original = Element.prototype.getAttribute;
      Element.prototype.getAttribute = function (name) {
        const value = original.call(this, name);
        return name === 'data-settings' ? value?.replace('"developmentOptions":{', '"developmentOptions":{"enableSmokeTestDriver":true,') : value;
      };
    });
    const timer = setTimeout(() => resolve('timeout'), timeout);
    await page.goto(this.#url([
      ['extensionDevelopmentPath', this.#remote(join(here, 'runner'))],
      ['extensionTestsPath', this.#remote(join(here, module))],
    ]));
    const code = await promise;
    clearTimeout(timer);
    await page.close();
    try {
      return JSON.parse(readFileSync(this.results, 'utf8'));
    } catch {
      throw new Error(`the test module wrote no results (exit ${code}); the window said:\n${output.slice(-30).join('\n')}`);
    }
  }

  /** Waits until the workspace's settings say so; that a window has heard of it shows in the window. */
  async setting(name, value) {
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
      try {
        if (JSON.parse(readFileSync(join(this.workspace, '.vscode', 'settings.json'), 'utf8'))[name] === value) {
          return;
        }
      } catch {
        // It is not there yet, or is being written.
      }
    }
    throw new Error(`${name} is not ${value}`);
  }

  /** Fails where one of the texts stands in a file of the session, or a file of arguments is left. */
  nothingLeft(texts) {
    const left = readdirSync(this.state).filter(name => name.startsWith('northflank-'));
    if (left.length > 0) {
      throw new Error(`left behind: ${left}`);
    }
    for (const text of texts) {
      const found = spawnSync('grep', ['-rlF', '--exclude-dir=chromium', '-e', text, this.state], { encoding: 'utf8' }).stdout;
      if (found !== '') {
        throw new Error(`${text} stands in ${found}`);
      }
    }
  }

  #remote(path) {
    return `vscode-remote://${this.host}${path}`;
  }

  #url(payload) {
    const query = new URLSearchParams({ folder: this.workspace, payload: JSON.stringify([['skipWelcome', 'true'], ...payload]) });
    return `http://${this.host}/?${query}`;
  }

  async stop() {
    await this.context?.close().catch(() => {});
    if (this.server && this.server.exitCode === null) {
      const gone = new Promise(resolve => this.server.once('exit', resolve));
      kill(this.server.pid, 'SIGTERM');
      await Promise.race([gone, sleep(5000)]);
      kill(this.server.pid, 'SIGKILL');
    }
    rmSync(this.state, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The same editor without its JSON extension: a copy that shares its files. */
function withoutJSON(vscode, state) {
  const copy = join(state, 'vscode');
  execFileSync('cp', ['-al', vscode, copy]);
  rmSync(join(copy, 'node_modules', 'code-server', 'lib', 'vscode', 'extensions', 'json-language-features'), { recursive: true });
  return copy;
}

/** Ends a process and all that it started: the server leads a process group of its own. */
function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
