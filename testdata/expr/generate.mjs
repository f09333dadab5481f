// Writes the vectors of the expression language: `node testdata/expr/generate.mjs`. See README.md.
import { writeFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const here = dirname(fileURLToPath(import.meta.url));
for (const file of readdirSync(join(here, 'cases')).sort()) {
  const { default: suites } = await import(join(here, 'cases', file));
  if (suites === undefined) {
    console.error(`${file}: skipped`);
    continue;
  }
  const vectors = suites.flatMap((s) => s.vectors);
  const name = file.replace('.mjs', '.json');
  writeFileSync(join(here, 'vectors', name), '[\n' + vectors.map((v) => '  ' + JSON.stringify(v)).join(',\n') + '\n]\n');
  console.error(`${name}: ${vectors.length} vectors`);
}
