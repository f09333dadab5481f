// node package.mjs [--binaries FOLDER --target linux-x64] --out FILE.vsix
// Bundles the extension and packs it. With --binaries, nf-lsp and nf-run of that folder travel in its bin/ and the
// package is for that one platform; without, it is the universal one that looks for them on the user's machine.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { binaries: { type: 'string' }, target: { type: 'string' }, out: { type: 'string' } },
});
if (!options.out || Boolean(options.binaries) !== Boolean(options.target)) {
  console.error('usage: node package.mjs [--binaries FOLDER --target PLATFORM] --out FILE.vsix');
  process.exit(2);
}

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, 'bin');
rmSync(bin, { recursive: true, force: true });
if (options.binaries) {
  mkdirSync(bin);
  const suffix = options.target.startsWith('win32') ? '.exe' : '';
  for (const name of ['nf-lsp', 'nf-run']) {
    const from = join(resolve(options.binaries), name + suffix);
    if (!existsSync(from)) {
      console.error(`${from} is not there: build the two programs first (go build -o bin/ ./cmd/...)`);
      process.exit(1);
    }
    copyFileSync(from, join(bin, name + suffix));
    chmodSync(join(bin, name + suffix), 0o755);
  }
}
copyFileSync(join(here, '..', '..', 'LICENSE'), join(here, 'LICENSE'));

const run = args => execFileSync(process.execPath, args, { cwd: here, stdio: 'inherit' });
run(['esbuild.mjs']);
run([
  join('node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies',
  '--out', resolve(options.out), ...(options.target ? ['--target', options.target] : []),
]);
