// Templates that keep the language json, beside the editor's own JSON extension and without it: inside the extension host.
// What is asked is asked of all extensions at once, as the editor does, so that whatever is doubled shows.
'use strict';
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { id, until, open, after, hover, labels, openText, carryOut } = require('./world.cjs');

const beside = process.env.NF_TEST_JSON === 'beside';
const ours = 'northflank';

const all = document => vscode.languages.getDiagnostics(document.uri);
const sources = document => all(document).map(one => one.source).sort();
const names = symbols => symbols.map(symbol => symbol.name);
const execute = (command, ...args) => vscode.commands.executeCommand(command, ...args);

const template = (steps, more = '') => `{
  "apiVersion": "v1.2",
  "name": "Shop",${more}
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
${steps}
  ] } }
}
`;
const project = '    { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } }';

const tests = new Map([
  ['the JSON extension is there, or not, as the suite says', async () => {
    await open('payload.json');
    await until('the extension to be active', () => vscode.extensions.getExtension(id)?.isActive);
    assert.equal(vscode.extensions.getExtension('vscode.json-language-features') !== undefined, beside);
  }],
  ['a template keeps the language json where nobody wants another', async () => {
    const document = await open('payload.json');
    await until('an explanation', () => hover(document, after(document, '"Combined')));
    assert.equal(document.languageId, 'json');
  }],
  ['a mistake of the syntax is told once', async () => {
    const document = await openText('payload-syntax.json', template(`${project},|`));
    const found = await until('the finding', () => all(document).length > 0 && all(document));
    await new Promise(resolve => setTimeout(resolve, 1500)); // whoever else has something to say about it says it by now
    assert.deepEqual(sources(document), [beside ? 'json' : ours], JSON.stringify(found.map(one => one.message)));
  }],
  ['what only templates have is told all the same', async () => {
    const document = await openText('payload-kind.json', template(`${project},\n    { "kind": "Projekt", "spec": {} }|`));
    await until('the finding', () => all(document).length === 1);
    assert.deepEqual(sources(document), [ours]);
  }],
  ['what a schema says too is told once', async () => {
    const document = await openText('payload-schema.json', template(project.replace('"Shop"', '7').replace('"europe-west" }', '"europe-west", "colour": "red" }'), '\n  "$schema": "https://api.northflank.com/v1/schemas/template",|'));
    await until('the finding', () => all(document).length > 0);
    await until('one voice', () => {
      const wrong = all(document).filter(one => document.getText(one.range) === '7');
      if (wrong.length === 1 && (wrong[0].source === ours) !== beside) {
        return true;
      }
      throw new Error(JSON.stringify(all(document).map(one => [one.source, one.code?.value ?? one.code, one.range, one.message])));
    });
    assert(all(document).some(one => one.source === ours && /colour/.test(one.message)), 'what the schema does not say is told');
  }],
  ['a property is offered once', async () => {
    const document = await openText('payload-offer.json', template(`${project},\n    { "ref": "x", "|": }`));
    const offered = await until('the properties', async () => {
      const list = (await labels(document, vscode.window.activeTextEditor.selection.active)).map(label => label.replaceAll('"', ''));
      return list.includes('kind') && list;
    });
    assert.deepEqual(offered.filter((label, i) => offered.indexOf(label) !== i), []);
    assert(offered.includes('skipNodeExecution'), `ours beside theirs: ${offered}`);
  }],
  ['a value is offered once', async () => {
    const document = await openText('payload-value.json', template(`${project},\n    { "kind": "|" }`));
    const offered = await until('the kinds', async () => {
      const list = (await labels(document, vscode.window.activeTextEditor.selection.active)).map(label => label.replaceAll('"', ''));
      return list.includes('Project') && list.includes('EgressIp') && list; // the second is no word of a document, which VS Code offers by itself
    });
    assert.deepEqual(offered.filter((label, i) => offered.indexOf(label) !== i), []);
  }],
  ['a property is explained once', async () => {
    const document = await openText('payload-hover.json', template(project, '\n  "$schema": "https://api.northflank.com/v1/schemas/template",|'));
    const at = after(document, '"nam');
    const explained = await until('an explanation', async () => {
      const hovers = await execute('vscode.executeHoverProvider', document.uri, at);
      return hovers.length > 0 && hovers;
    });
    assert.equal(explained.length, 1, JSON.stringify(explained));
  }],
  ['the outline holds everything once', async () => {
    const document = await open('payload.json');
    const symbols = await until('the outline', async () => {
      const list = await execute('vscode.executeDocumentSymbolProvider', document.uri);
      return list?.length > 0 && list;
    });
    const roots = names(symbols);
    assert.equal(new Set(roots).size, roots.length, `doubled: ${roots}`);
    // One provider: theirs lists the properties of the root, ours the document.
    assert.equal(roots.includes('apiVersion'), beside, `${roots}`);
  }],
  ['there is one formatter', async () => {
    const document = await openText('payload-format.json', '{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[|]}}}');
    await until('the document to be formatted', async () => {
      await execute('editor.action.formatDocument');
      return document.lineCount > 3;
    });
    assert.match(document.getText(), /"steps": \[\]/);
    await execute('workbench.action.files.revert');
  }],
  ['folding ranges are there once', async () => {
    // Without indentation, by which VS Code folds where nobody else does.
    const document = await openText('payload-fold.json', template(`${project},\n{\n"kind": "Workflow",\n"spec": {\n"type": "sequential",\n"steps": [\n${project}\n]\n}\n}|`).replace(/^ +/gm, ''));
    const ranges = await until('folding ranges', async () => {
      const list = await execute('vscode.executeFoldingRangeProvider', document.uri);
      return list?.length > 3 && list;
    });
    const starts = ranges.map(range => range.start);
    assert.equal(new Set(starts).size, starts.length, `doubled: ${starts}`);
  }],
  ['colours are nobody\'s twice', async () => {
    const document = await open('payload.json');
    const places = (await execute('vscode.executeDocumentColorProvider', document.uri)).map(({ range }) => JSON.stringify(range));
    assert.equal(new Set(places).size, places.length, `doubled: ${places}`);
  }],
  ['links lead somewhere once', async () => {
    const document = await openText('payload-link.json', template(project, '\n  "$schema": "https://api.northflank.com/v1/schemas/template",|'));
    const links = await until('the link', async () => {
      const list = await execute('vscode.executeLinkProvider', document.uri);
      return list?.length > 0 && list;
    });
    assert.equal(links.length, 1, JSON.stringify(links));
  }],
]);

/** What needs no program of ours, such as links and colours, which VS Code finds by itself: the negative control leaves these out of what has to fail. */
const alone = new Set([
  'the JSON extension is there, or not, as the suite says',
  'colours are nobody\'s twice',
  'links lead somewhere once',
]);

exports.run = () => carryOut([...tests].filter(([name]) => process.env.NF_TEST_SUITE !== 'control' || !alone.has(name)));
