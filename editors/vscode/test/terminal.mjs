// node terminal.mjs --vscode FOLDER --out FILE.png [--chromium FILE] -- COMMAND...
// A picture of what a command shows in a terminal: runs it on a pseudo-terminal and draws its output with xterm.js, which
// comes with VS Code.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals: command } = parseArgs({
  options: {
    vscode: { type: 'string' },
    out: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    columns: { type: 'string', default: '120' },
  },
  allowPositionals: true,
});
const columns = Number(options.columns);
const quoted = command.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
const output = execFileSync('script', ['-qec', `stty cols ${columns} rows 60; ${quoted}`, '/dev/null'], {
  encoding: 'utf8',
  env: { ...process.env, TERM: 'xterm-256color' },
  timeout: 120_000,
});

const xterm = resolve(options.vscode, 'node_modules/code-server/lib/vscode/node_modules/@xterm/xterm');
const { chromium } = createRequire(resolve(options.vscode, 'package.json'))('playwright-core');
const browser = await chromium.launch({ executablePath: options.chromium, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1200 }, deviceScaleFactor: 1.5 });
  await page.setContent('<body style="margin:0"><div id="frame" style="display:inline-block;padding:12px;background:#1e1e1e"></div>');
  await page.addStyleTag({ content: readFileSync(join(xterm, 'css', 'xterm.css'), 'utf8') });
  await page.addScriptTag({ content: readFileSync(join(xterm, 'lib', 'xterm.js'), 'utf8') });
  await page.evaluate(({ columns, text }) => new Promise(done => {
    const terminal = new window.Terminal({ cols: columns, rows: 60, fontFamily: 'DejaVu Sans Mono', fontSize: 13, scrollback: 0, theme: { background: '#1e1e1e', cursor: '#1e1e1e' } });
    terminal.open(document.getElementById('frame'));
    terminal.write(text, () => {
      const buffer = terminal.buffer.active;
      // Fewer rows than up to the cursor would push the first ones out.
      terminal.resize(columns, buffer.cursorY + 1);
      terminal.scrollToTop();
      setTimeout(done, 300);
    });
  }), { columns, text: `$ ${command.join(' ')}\r\n${output}` });
  await page.locator('#frame').screenshot({ path: options.out });
} finally {
  await browser.close();
}
