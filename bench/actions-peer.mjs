// node actions-peer.mjs FILE: GitHub's own language service over one workflow. Answers requests as serve.mjs says. It
// keeps what it has parsed by the name of the file, so that is dropped before each check, as its server does on an edit.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { serve } from './serve.mjs';

// Its modules import JSON without saying so, as bundlers allow and Node.js does not.
registerHooks({
  load: (url, context, next) => next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { registerLogger, validate } = await import('@actions/languageservice');
const { clearCacheEntry } = await import('@actions/languageservice/utils/workflow-cache');
const { TextDocument } = await import('vscode-languageserver-textdocument');

// What goes wrong within it is only logged, and would look like a very fast check.
const fail = message => {
  throw new Error(message);
};
registerLogger({ error: fail, warn: fail, info: () => {}, log: () => {} });

const text = readFileSync(process.argv[2], 'utf8');
const uri = 'file:///repository/.github/workflows/steps.yml';
let version = 0;
await serve(() => {
  clearCacheEntry(uri);
  return validate(TextDocument.create(uri, 'yaml', ++version, text));
});
