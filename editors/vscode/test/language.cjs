// Which files have the language of templates, and what editing them is like: inside the extension host.
'use strict';
const assert = require('node:assert/strict');
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');
const { workspace, id, until, open, after, findings, labels, openText, type, carryOut } = require('./world.cjs');

const right = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [] } }
}
`;

function write(name, text) {
  const file = join(workspace, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return open(name);
}

const tests = new Map([
  ['templates are known by their names', async () => {
    for (const name of ['northflank.json', 'shop.northflank.json', 'deep/northflank.json', '.northflank/shop.json']) {
      assert.equal((await write(name, '{}\n')).languageId, 'northflank', name);
    }
    assert.notEqual((await write('.northflank/settings.json', '{}\n')).languageId, 'northflank');
    assert.equal((await write('.northflank/sync.json', '{}\n')).languageId, 'json');
    assert.equal((await write('my-northflank.json', '{}\n')).languageId, 'json');
  }],
  ['other JSON files are known by their content, where the settings say so', async () => {
    const document = await write('shop.json', right);
    await until('the language', () => document.languageId === 'northflank');
    const other = await write('data.json', '{ "name": "data", "rows": [1, 2, 3] }\n');
    await until('the extension to be active', () => vscode.extensions.getExtension(id)?.isActive);
    await new Promise(resolve => setTimeout(resolve, 1000));
    assert.equal(other.languageId, 'json');
  }],
  ['a mistake of the syntax is found in a file that is no template yet', async () => {
    const document = await write('new.northflank.json', '{ "name": "x", }\n');
    await until('the finding', () => findings(document).length === 1);
  }],
  ['brackets and quotes close by themselves, and a new line is indented', async () => {
    const document = await openText('typed.northflank.json', '|');
    await type('{\n"name');
    await until('what was typed', () => document.getText() === '{\n  "name"\n}');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['completion opens inside of strings', async () => {
    const document = await open('payload.json');
    await until('the language', () => document.languageId === 'northflank');
    await until('the references', async () => (await labels(document, after(document, '${refs.', '"vcsData"'))).includes('cms'));
    assert.equal(vscode.workspace.getConfiguration('editor', document).get('quickSuggestions').strings, true);
  }],
  ['the server formats, and is the only one that does', async () => {
    const document = await write('format.northflank.json', '{"apiVersion":"v1.2","name":"Shop",\n"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[]}}}\n');
    await until('the server to format it', async () => {
      await vscode.commands.executeCommand('editor.action.formatDocument');
      return document.getText() === `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": []
    }
  }
}
`;
    });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['a file is formatted when it is saved, and its findings stay', async () => {
    const settings = vscode.workspace.getConfiguration('editor', { languageId: 'northflank' });
    await settings.update('formatOnSave', true, vscode.ConfigurationTarget.Workspace, true);
    const document = await write('saved.northflank.json', '{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Nonsense","spec":{}}}\n');
    await until('the finding', () => findings(document).length === 1);
    await vscode.window.activeTextEditor.edit(edit => edit.insert(new vscode.Position(0, 1), ' '));
    assert(await document.save());
    assert.match(document.getText(), /^\{\n {2}"apiVersion": "v1.2",\n/);
    await until('the finding in its new place', () => findings(document).length === 1 && document.getText(findings(document)[0].range) === '"Nonsense"');
    await settings.update('formatOnSave', undefined, vscode.ConfigurationTarget.Workspace, true);
  }],
  ['everything that can be fixed is fixed at once', async () => {
    const document = await write('fix.northflank.json', right.replace('"v1.2"', '"v1"').replace('"steps": [] }', '"steps": [] },'));
    await until('the finding', () => findings(document).length > 0);
    await until('the fixes', async () => {
      await vscode.commands.executeCommand('editor.action.fixAll');
      return !document.getText().includes('] },') && findings(document).every(one => one.severity !== vscode.DiagnosticSeverity.Error);
    });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['the outline and the breadcrumbs come from the server', async () => {
    const document = await open('payload.json');
    await until('the outline', async () => {
      const symbols = await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', document.uri);
      return symbols?.length === 1 && symbols[0].children.length > 0;
    });
  }],
]);

/** What needs no program of ours: the negative control leaves these out of what has to fail. */
const alone = new Set([
  'templates are known by their names',
  'brackets and quotes close by themselves, and a new line is indented',
]);

exports.run = () => carryOut([...tests].filter(([name]) => process.env.NF_TEST_SUITE !== 'control' || !alone.has(name)));
