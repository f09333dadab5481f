// What the extension gives to VS Code, asked through VS Code's own API: runs inside the extension host.
'use strict';
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { id, until, open, after, findings, labels, hover, openText, type, choose, carryOut } = require('./world.cjs');

const typed = body => `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } },
${body}
  ] } }
}
`;

/** Does what no server and no runner is needed for; the negative control leaves these out of what has to fail. */
const alone = new Map([
  ['the extension starts with the first JSON file', async () => {
    await open('payload.json');
    await until('the extension to be active', () => vscode.extensions.getExtension(id)?.isActive);
  }],
]);

const trusted = new Map([
  ['a mistake is found at its place, once, and the message says what to write', async () => {
    const document = await open('payload-mistake.json');
    const found = await until('a finding', () => findings(document).length > 0 && findings(document));
    assert.equal(found.length, 1, `findings: ${found.map(finding => finding.message).join(' | ')}`);
    assert.match(document.getText(found[0].range), /addonId/);
    assert.match(found[0].message, /serviceId/);
    assert.equal(found[0].severity, vscode.DiagnosticSeverity.Error);
  }],
  ['the finding goes when the mistake is corrected, without saving', async () => {
    const document = await open('payload-mistake.json');
    await until('a finding', () => findings(document).length === 1);
    const end = after(document, '"addonId', '"kind": "Service"');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(end.translate(0, -'addonId'.length), end), 'serviceId');
    assert(await vscode.workspace.applyEdit(edit));
    try {
      await until('the finding to go', () => findings(document).length === 0);
    } finally {
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
  }],
  ['completion inside an expression offers the nodes of the template', async () => {
    const document = await open('payload.json');
    const offered = await until('the references', async () => {
      const all = await labels(document, after(document, '${refs.', '"vcsData"'));
      return ['project', 'content', 'cms'].every(name => all.includes(name)) && all;
    });
    assert(!offered.includes('CombinedService'), 'kinds are no references');
  }],
  ['completion of a kind offers the kinds of nodes', async () => {
    const document = await open('payload.json');
    await until('the kinds', async () => {
      const all = (await labels(document, after(document, '"kind": "', '"ref": "content"'))).map(label => label.replaceAll('"', ''));
      return ['SecretGroup', 'CombinedService', 'Condition'].every(kind => all.includes(kind));
    });
  }],
  ['a kind of node that is chosen is written with the indentation of its place', async () => {
    const document = await open('payload.json');
    const editor = vscode.window.activeTextEditor;
    const before = after(document, '"steps": [', '"project"');
    const indent = `${document.lineAt(before.line).text.match(/^\s*/)[0]}  `;
    await editor.edit(edit => edit.insert(before, `\n${indent}`));
    const here = before.with(before.line + 1, indent.length);
    editor.selection = new vscode.Selection(here, here);
    try {
      await until('a node', async () => {
        await vscode.commands.executeCommand('editor.action.triggerSuggest');
        await new Promise(resolve => setTimeout(resolve, 500));
        await vscode.commands.executeCommand('acceptSelectedSuggestion');
        return document.lineAt(here.line).text.length > indent.length;
      });
      const written = Array.from({ length: 8 }, (_, i) => document.lineAt(here.line + i).text);
      assert.deepEqual(written.map(line => line.replace(/"ref": ".*"/, '"ref": "…"')), [
        '{', '  "kind": "Workflow",', '  "ref": "…",', '  "spec": {', '    "type": "sequential",', '    "steps": []', '  }', '},',
      ].map(line => indent + line));
    } finally {
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
  }],
  ['a node is typed letter by letter, with what is chosen from lists', async () => {
    const document = await openText('payload-typed.northflank.json', typed('    |'));
    await type('{\n"');
    await choose(document, '"kind": ""');
    await type('SecretG');
    await choose(document, '"kind": "SecretGroup"');
    await vscode.commands.executeCommand('cursorEnd');
    await type(',\n"spec": {\nprojectI');
    await choose(document, '"projectId": "${refs.shop.id}"');
    await vscode.commands.executeCommand('cursorEnd');
    await type('\nsecretT');
    await choose(document, '"secretType": ""');
    assert.match(document.getText(), /"projectId": "\$\{refs\.shop\.id\}",\n/);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['a dollar in quotes offers the references that fit, whole', async () => {
    const document = await openText('payload-dollar.northflank.json', typed('{ "kind": "SecretGroup", "spec": { "projectId": | } }'));
    await type('"$');
    await choose(document, '{ "kind": "SecretGroup", "spec": { "projectId": "${refs.shop.id}" } }');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['a ref is renamed with its references, and a template is formatted without a question', async () => {
    const text = typed('{"kind":"SecretGroup","spec":{"name":"keys","secretType":"environment","priority":10,"projectId":"${refs.shop.id}"}}');
    const document = await openText('payload-renamed.northflank.json', text.replace('"shop"', '"sh|op"'));
    const edits = await until('the edits', () => vscode.commands.executeCommand(
      'vscode.executeDocumentRenameProvider', document.uri, vscode.window.activeTextEditor.selection.active, 'store'));
    assert(await vscode.workspace.applyEdit(edits));
    assert.match(document.getText(), /"ref": "store"[^]*\$\{refs\.store\.id\}/);
    let formatted = false;
    void vscode.commands.executeCommand('editor.action.formatDocument').then(() => (formatted = true));
    await until('the end of formatting', () => formatted);
    assert.match(document.getText(), /\n +"kind": "SecretGroup",\n/);
    await until('no finding', () => findings(document).length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }],
  ['hovering over a kind explains it', async () => {
    const document = await open('payload.json');
    assert.match(await until('an explanation', () => hover(document, after(document, '"Combined'))), /combined/i);
  }],
  ['a right template has no finding', async () => {
    const document = await open('payload.json');
    await until('the server to answer for this text', () => hover(document, after(document, '"Combined')));
    assert.deepEqual(findings(document).map(finding => finding.message), []);
  }],
  ['the check command succeeds on a right template and fails on a wrong one', async () => {
    const check = async name => vscode.commands.executeCommand('northflank.checkTemplate', (await open(name)).uri);
    assert.equal(await check('payload.json'), 0);
    assert.equal(await check('payload-mistake.json'), 1);
  }],
  ['the plan command succeeds', async () => {
    const document = await open('payload.json');
    assert.equal(await vscode.commands.executeCommand('northflank.planTemplate', document.uri), 0);
  }],
  ['the run command runs the template to its end and sees every node through its states', async () => {
    await open('payload.json');
    const run = await vscode.commands.executeCommand('northflank.runTemplate');
    assert.equal(run?.status, 'success', JSON.stringify(run));
    assert.equal(run.steps.length, 7, JSON.stringify(run.steps));
    for (const { title, states } of run.steps) {
      assert.equal(states.at(-1), 'success', `${title}: ${states}`);
      assert(states.includes('running'), `only its end was seen: ${title}: ${states}`);
    }
  }],
  ['the lenses check, plan and run as the commands do, and count references', async () => {
    const document = await open('payload.json');
    const lenses = await until('the lenses', async () => {
      const all = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', document.uri, 100);
      return all.length > 3 && all.every(lens => lens.command) && all;
    });
    const run = lens => vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
    const titled = title => lenses.find(lens => lens.command.title === title) ?? assert.fail(`no lens ${title}`);
    assert.equal(await run(titled('Check')), 0);
    assert.equal(await run(titled('Plan')), 0);
    assert.equal((await run(titled('Run')))?.status, 'success');
    await run(lenses.find(lens => /[1-9]\d* references?/.test(lens.command.title)));
  }],
  ['a template with a mistake is not run', async () => {
    assert.equal(await vscode.commands.executeCommand('northflank.checkTemplate', (await open('payload.json')).uri), 0);
    const document = await open('payload-mistake.json');
    const run = await vscode.commands.executeCommand('northflank.runTemplate', document.uri);
    assert(run === undefined, `it ran: ${JSON.stringify(run)}`);
  }],
  ['the server can be restarted', async () => {
    const document = await open('payload-mistake.json');
    await vscode.commands.executeCommand('northflank.restartServer');
    await until('the finding to be there again', () => findings(document).length === 1);
  }],
]);

const untrusted = new Map([
  ['an untrusted workspace gets no findings and no server', async () => {
    const document = await open('payload-mistake.json');
    await until('the extension to be active', () => vscode.extensions.getExtension(id)?.isActive);
    await new Promise(resolve => setTimeout(resolve, 2000));
    assert.equal(vscode.workspace.isTrusted, false);
    assert.deepEqual(findings(document), []);
    assert.deepEqual(await labels(document, after(document, '${refs.', '"vcsData"')).then(all => all.filter(label => label === 'cms')), []);
  }],
  ['an untrusted workspace runs nothing, also when a command is called by name', async () => {
    const document = await open('payload.json');
    for (const command of ['runTemplate', 'planTemplate', 'checkTemplate']) {
      assert.equal(await vscode.commands.executeCommand(`northflank.${command}`, document.uri), undefined);
    }
  }],
]);

exports.run = () => {
  const suite = process.env.NF_TEST_SUITE;
  return carryOut(suite === 'untrusted' ? [...untrusted] : [...(suite === 'control' ? [] : alone), ...trusted]);
};
