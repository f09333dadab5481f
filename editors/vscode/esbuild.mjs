// Bundles the extension into one file: VS Code loads it, and nothing of node_modules is shipped. Beside it goes the schema
// of settings files, by which the editor completes them.
import { copyFileSync, mkdirSync } from 'node:fs';
import { build } from 'esbuild';

mkdirSync('out', { recursive: true });
copyFileSync('../../schemas/settings.json', 'out/settings.schema.json');

await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'out/extension.js',
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  logLevel: 'warning',
});
