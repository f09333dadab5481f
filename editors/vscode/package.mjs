// node package.mjs [--binaries FOLDER] [--target PLATFORM] [--universal] [--release VERSION] [--out FILE]
// Bundles the extension and packs it: by default for this platform, with the nf-lsp and nf-run of the repository's bin/
// inside. --universal packs the one without programs, which looks for them on the user's machine. --release is the version
// that it gets, MAJOR.MINOR.PATCH, in the place of that of package.json.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    binaries: { type: 'string' },
    target: { type: 'string', default: `${process.platform}-${process.arch}` },
    universal: { type: 'boolean', default: false },
    release: { type: 'string' },
    out: { type: 'string' },
  },
});

const here = dirname(fileURLToPath(import.meta.url));
const bin = join(here, 'bin');
rmSync(bin, { recursive: true, force: true });
if (!options.universal) {
  const programs = resolve(options.binaries ?? join(here, '..', '..', 'bin'));
  mkdirSync(bin);
  const suffix = options.target.startsWith('win32') ? '.exe' : '';
  for (const name of ['nf-lsp', 'nf-run']) {
    const from = join(programs, name + suffix);
    if (!existsSync(from)) {
      console.error(`${from} is not there: build the two programs first (go build -o bin/ ./cmd/...)`);
      process.exit(1);
    }
    copyFileSync(from, join(bin, name + suffix));
    chmodSync(join(bin, name + suffix), 0o755);
  }
}
copyFileSync(join(here, '..', '..', 'LICENSE'), join(here, 'LICENSE'));

const variant = options.universal ? 'universal' : options.target;
const run = args => execFileSync(process.execPath, args, { cwd: here, stdio: 'inherit' });
run(['esbuild.mjs']);
run([
  join('node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies',
  '--out', resolve(options.out ?? `northflank-templates-${variant}.vsix`), ...(options.universal ? [] : ['--target', options.target]),
  ...(options.release === undefined ? [] : [options.release, '--no-update-package-json', '--no-git-tag-version']),
]);
