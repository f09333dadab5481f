// node bundle.mjs SCHEMAS OUT: one self-contained JSON Schema for template documents from the files of schemas/, so that
// the peer reads one file and follows no reference to another.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const [schemas, out] = process.argv.slice(2);
const start = 'documents/template.json';
const files = new Map();

/** A file's name among the definitions of the bundle. */
const key = file => file.replace('.json', '').replaceAll('/', '.');

function load(file) {
  if (!files.has(file)) {
    files.set(file, undefined); // files refer to each other in circles
    const schema = JSON.parse(readFileSync(join(schemas, file), 'utf8'));
    delete schema.$id;
    delete schema.$schema;
    files.set(file, rewrite(schema, file));
  }
}

function rewrite(value, file) {
  if (Array.isArray(value)) {
    return value.map(one => rewrite(one, file));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => {
    if (name !== '$ref' || typeof inner !== 'string') {
      return [name, rewrite(inner, file)];
    }
    const [path, pointer = ''] = inner.split('#');
    const target = path === '' ? file : normalize(join(dirname(file), path));
    load(target);
    return ['$ref', `#/$defs/${key(target)}${pointer}`];
  }));
}

load(start);
writeFileSync(out, JSON.stringify({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  // Not a plain $ref: the peer lays what it refers to over its siblings, $defs among them.
  allOf: [{ $ref: `#/$defs/${key(start)}` }],
  $defs: Object.fromEntries([...files].map(([file, schema]) => [key(file), schema])),
}));
