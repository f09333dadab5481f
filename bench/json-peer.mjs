// node json-peer.mjs SCHEMA FILE: what an author has without nf-lsp: VS Code's JSON language service, with our schema,
// over one template. Answers requests as serve.mjs says; the schema is read once, the text is parsed each time.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { serve } from './serve.mjs';

const { getLanguageService, TextDocument } = createRequire(import.meta.url)('vscode-json-languageservice');
const [schemaFile, file] = process.argv.slice(2);

const service = getLanguageService({});
service.configure({ schemas: [{ uri: 'bench://template', fileMatch: ['*'], schema: JSON.parse(readFileSync(schemaFile, 'utf8')) }] });
const text = readFileSync(file, 'utf8');
let version = 0;
await serve(() => {
  const document = TextDocument.create('file:///template.json', 'json', ++version, text);
  return service.doValidation(document, service.parseJSONDocument(document));
});
