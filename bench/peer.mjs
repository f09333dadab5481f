// node peer.mjs SCHEMA FILE: what an author has without nf-run: VS Code's JSON language service, with our schema, over one
// template. Prints the number of problems, and each on a line of its own.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { getLanguageService, TextDocument } = createRequire(import.meta.url)('vscode-json-languageservice');
const [schemaFile, file] = process.argv.slice(2);

const service = getLanguageService({});
service.configure({ schemas: [{ uri: 'bench://template', fileMatch: ['*'], schema: JSON.parse(readFileSync(schemaFile, 'utf8')) }] });
const document = TextDocument.create('file:///template.json', 'json', 1, readFileSync(file, 'utf8'));
const problems = await service.doValidation(document, service.parseJSONDocument(document));
console.log(`${problems.length} problems`);
for (const problem of problems) {
  console.log(`${problem.range.start.line + 1}:${problem.range.start.character + 1} ${problem.message}`);
}
