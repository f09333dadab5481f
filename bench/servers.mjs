// The language servers that are typed at, each as an editor's extension starts it: the same text, the same client, and the
// same schema for all that take one.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The servers, by short names. `reads` is what its documents are. `pushDelayMs` is how long a server that sends its
 * findings by itself lets a document rest before it looks at it; the others are asked.
 */
export function servers({ programs, modules, schema }) {
  const schemaURL = pathToFileURL(schema).href;
  const template = { reads: 'template', uri: 'file:///bench/template.json', languageId: 'json' };
  const npm = name => [process.execPath, join(modules, '.bin', name), '--stdio'];
  return {
    null: { name: 'null', ...template, command: [join(programs, 'null')], blind: true },
    ours: { name: 'nf-lsp', ...template, command: [join(programs, 'nf-lsp')] },
    json: {
      name: 'vscode-json-language-server',
      ...template,
      command: npm('vscode-json-language-server'),
      options: { provideFormatter: true, handledSchemaProtocols: ['file'] },
      configure: client => client.notify('workspace/didChangeConfiguration', {
        settings: { json: { validate: { enable: true }, schemas: [{ fileMatch: ['*.json'], url: schemaURL }] } },
      }),
    },
    yaml: {
      name: 'yaml-language-server',
      reads: 'template',
      uri: 'file:///bench/template.yaml',
      languageId: 'yaml',
      command: npm('yaml-language-server'),
      pushDelayMs: 200,
      answers: {
        'workspace/configuration': ({ items }) => items.map(({ section }) =>
          (section === 'yaml' ? { validate: true, completion: true, schemas: { [schemaURL]: '*.yaml' }, schemaStore: { enable: false } } : null)),
      },
    },
    actions: {
      name: '@actions/languageserver',
      reads: 'workflow',
      uri: 'file:///bench/.github/workflows/steps.yml',
      languageId: 'github-actions-workflow',
      command: npm('actions-languageserver'),
      pushDelayMs: 0,
    },
  };
}
