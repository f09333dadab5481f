// Pull, push and conflicts between a template and a bare repository, through VS Code's own API: runs inside the extension host.
'use strict';
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const vscode = require('vscode');

const workspace = process.env.NF_TEST_WORKSPACE;
const wait = Number(process.env.NF_TEST_WAIT ?? 60_000);
const control = process.env.NF_TEST_SUITE === 'control';
const origin = join(workspace, '..', 'origin.git');
const theirs = join(workspace, '..', 'theirs');
const file = join(workspace, 'payload-linked.json');
const uri = vscode.Uri.file(file);
const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const template = (storage, replicas) => `{
  "apiVersion": "v1.2",
  "name": "Linked",
  "project": { "id": "shop" },
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        {
          "kind": "Addon",
          "ref": "db",
          "spec": {
            "name": "Database",
            "type": "redis",
            "version": "7.2-latest",
            "billing": { "deploymentPlan": "nf-compute-20", "storage": ${storage}, "replicas": ${replicas} }
          }
        }
      ]
    }
  }
}
`;

async function until(what, ask) {
  let failure = 'no answer';
  for (const end = Date.now() + wait; Date.now() < end; ) {
    try {
      const answer = await ask();
      if (answer) {
        return answer;
      }
    } catch (error) {
      failure = error.message;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${wait} ms for ${what}: ${failure}`);
}

async function open() {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

/** Replaces the whole text, as an edit of the user. */
async function write(document, text, save = true) {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end), text);
  assert(await vscode.workspace.applyEdit(edit));
  if (save) {
    assert(await document.save());
  }
}

const lenses = async document => (await vscode.commands.executeCommand('vscode.executeCodeLensProvider', document.uri, 100)).map(lens => lens.command?.title ?? '');
const lens = (document, title) => until(`the lens ${title}`, async () => (await lenses(document)).includes(title));

/** Somebody else's commit. */
function commit(text, message) {
  git('-C', theirs, 'pull', '-q');
  writeFileSync(join(theirs, 'linked.json'), text);
  git('-C', theirs, 'commit', '-qam', message);
  git('-C', theirs, 'push', '-q');
}

const sync = (command, ...args) => vscode.commands.executeCommand(`northflank.sync.${command}`, uri, ...args);
const inRepository = () => git('-C', origin, 'show', 'main:linked.json');

/** A repository with the template, and a link to it, both made at the prompt. */
function prepare() {
  git('config', '--global', 'user.name', 'Ada');
  git('config', '--global', 'user.email', 'ada@example.com');
  git('config', '--global', 'init.defaultBranch', 'main');
  git('init', '-q', '--bare', origin);
  mkdirSync(workspace, { recursive: true });
  writeFileSync(file, template(4096, 1));
  execFileSync(process.env.NF_TEST_RUNNER, ['sync', 'link', file, '--repo', origin, '--branch', 'main', '--path', '/linked.json'], { stdio: 'pipe' });
}

const tests = new Map([
  ['a template that is linked and new says so, and its first push makes it', async () => {
    const document = await open();
    await lens(document, 'Git: new, not pushed yet');
    const done = await sync('push');
    assert.equal(done?.outcome, 'pushed', JSON.stringify(done));
    assert.equal(inRepository(), template(4096, 1));
    git('clone', '-q', origin, theirs);
    await lens(document, 'Git: in step');
  }],
  ['a change shows before it is saved, a hover tells what stood there, and a push brings it there', async () => {
    const document = await open();
    await write(document, template(8192, 1), false);
    await lens(document, 'Git: 1 change');
    const at = document.positionAt(document.getText().indexOf('"storage"') + 3);
    await until('the value of before', async () => {
      const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, at);
      return hovers.flatMap(one => one.contents.map(content => content.value ?? content)).join('\n').includes('When both sides last agreed') && hovers.some(one => one.contents.some(content => (content.value ?? content).includes('`4096`')));
    });
    const done = await sync('push', 'More storage'); // saves it
    assert.equal(done?.outcome, 'pushed', JSON.stringify(done));
    assert.equal(inRepository(), template(8192, 1));
    assert.equal(git('-C', origin, 'log', '-1', '--format=%s', 'main').trim(), 'More storage');
    await lens(document, 'Git: in step');
  }],
  ['somebody else\'s change shows when the repository is asked, and a pull brings it here', async () => {
    const document = await open();
    commit(template(8192, 2), 'Two replicas');
    const status = await sync('status');
    assert.equal(status?.links[0].status, 'behind', JSON.stringify(status));
    await lens(document, 'Git: 1 behind');
    const done = await sync('pull');
    assert.equal(done?.outcome, 'updated', JSON.stringify(done));
    assert.equal(readFileSync(file, 'utf8'), template(8192, 2));
    await until('the editor to show it', () => document.getText() === template(8192, 2));
    await lens(document, 'Git: in step');
  }],
  ['changes of both sides that go together are merged by a push', async () => {
    const document = await open();
    commit(template(8192, 3), 'Three replicas');
    await write(document, template(16384, 2));
    const done = await sync('push');
    assert.equal(done?.outcome, 'pushed', JSON.stringify(done));
    assert.equal(inRepository(), template(16384, 3));
    await until('the editor to show both', () => document.getText() === template(16384, 3));
  }],
  ['a conflict changes nothing, is shown in the diff editor, and is settled', async () => {
    const document = await open();
    commit(template(1024, 3), 'Less');
    await write(document, template(2048, 3));
    const pulled = await sync('pull');
    assert.equal(pulled?.outcome, 'conflict', JSON.stringify(pulled));
    assert.equal(readFileSync(file, 'utf8'), template(2048, 3));
    const [conflict] = pulled.conflicts;
    assert.deepEqual([conflict.base, conflict.ours, conflict.theirs], ['16384', '2048', '1024']);
    await lens(document, 'Resolve');
    await lens(document, 'Git: 1 change, 1 behind, 1 conflict');
    await vscode.commands.executeCommand('northflank.sync.openConflict', { kind: 'conflict', template: { uri }, conflict });
    const tab = await until('the diff editor', () => {
      const active = vscode.window.tabGroups.activeTabGroup.activeTab;
      return active?.input instanceof vscode.TabInputTextDiff && active;
    });
    const read = async one => (await vscode.workspace.openTextDocument(one)).getText();
    assert.deepEqual([await read(tab.input.original), await read(tab.input.modified)], ['1024\n', '2048\n']);
    await vscode.window.tabGroups.close(tab);
    const settled = await sync('resolve', { take: { [conflict.id]: 'theirs' } });
    assert.equal(settled?.outcome, 'merged', JSON.stringify(settled));
    await until('the editor to show theirs', () => document.getText() === template(1024, 3));
    await open();
    await lens(document, 'Git: in step');
  }],
  ['a conflict is put together in the merge editor, and the file is taken as it is then', async () => {
    const document = await open();
    commit(template(4096, 3), 'More');
    await write(document, template(2048, 3));
    assert.equal((await sync('pull'))?.outcome, 'conflict');
    await vscode.commands.executeCommand('northflank.sync.merge', uri);
    const tab = await until('the merge editor', () => vscode.window.tabGroups.all.flatMap(group => group.tabs).find(one => one.label.startsWith('Merging: ')));
    const versions = await until('the three versions', () => {
      const texts = vscode.workspace.textDocuments.filter(one => one.uri.scheme === 'northflank-git' && one.uri.path.endsWith(`/${basename(file)}`));
      const found = Object.fromEntries(texts.map(one => [one.uri.path.split('/')[1], one.getText()]));
      return found.base && found.theirs && found.ours && found;
    });
    assert.deepEqual(versions, { base: template(1024, 3), theirs: template(4096, 3), ours: template(2048, 3) });
    assert.equal(document.getText(), template(2048, 3)); // the result begins with the file
    await write(document, template(3072, 3));
    const settled = await sync('resolve', { edited: true });
    assert.equal(settled?.outcome, 'merged', JSON.stringify(settled));
    await vscode.window.tabGroups.close(tab);
    const pushed = await sync('push');
    assert.equal(pushed?.outcome, 'pushed', JSON.stringify(pushed));
    assert.equal(inRepository(), template(3072, 3));
    await write(document, template(1024, 3));
    assert.equal((await sync('push'))?.outcome, 'pushed');
  }],
  ['what the repository has is put beside the file', async () => {
    const document = await open();
    await write(document, template(512, 3));
    await vscode.commands.executeCommand('northflank.sync.compareWithRepository', uri);
    const { input } = await until('the diff editor', () => {
      const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
      return tab?.input instanceof vscode.TabInputTextDiff && tab;
    });
    assert.equal((await vscode.workspace.openTextDocument(input.original)).getText(), template(1024, 3));
    assert.equal(input.modified.toString(), uri.toString());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  }],
  ['a template with an error is not pushed', async () => {
    const document = await open();
    await write(document, template(512, 3).replace('"redis"', '"no-such-database"').replace('"spec": {\n            "name": "Database"', '"spec": {\n            "name": 7'));
    const before = inRepository();
    assert.equal(await sync('push'), undefined);
    assert.equal(inRepository(), before);
    await write(document, template(1024, 3));
  }],
  ['in a working copy a hover tells what stands at HEAD, until that is committed at the prompt', async () => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(join(theirs, 'linked.json')));
    await vscode.window.showTextDocument(document);
    const [, was] = /"storage": (\d+)/.exec(document.getText());
    await write(document, document.getText().replace(`"storage": ${was}`, '"storage": 77'));
    const hover = async () => {
      const at = document.positionAt(document.getText().indexOf('"storage"') + 3);
      return (await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, at)).flatMap(one => one.contents.map(content => content.value ?? content)).join('\n');
    };
    assert.match(await until('what stands at HEAD', async () => (await hover()).includes('At HEAD') && hover()), new RegExp(`At HEAD \\(\`[0-9a-f]{10}\`\\): \`${was}\``));
    git('-C', theirs, 'commit', '-qam', 'Elsewhere');
    await until('the commit to be heard of', async () => !(await hover()).includes('At HEAD'));
    git('-C', theirs, 'reset', '-q', '--hard', 'HEAD~1');
    await until('the file to be as before', () => document.getText().includes(`"storage": ${was}`));
  }],
  ['with the setting, a save without errors pushes; without it, it does not', async () => {
    const document = await open();
    await write(document, template(2048, 3));
    await lens(document, 'Git: 1 change');
    assert.equal(inRepository(), template(1024, 3));
    await vscode.workspace.getConfiguration('northflank').update('sync.pushOnSave', true, vscode.ConfigurationTarget.Workspace);
    try {
      await write(document, template(4096, 3));
      await until('the push', () => inRepository() === template(4096, 3));
    } finally {
      await vscode.workspace.getConfiguration('northflank').update('sync.pushOnSave', undefined, vscode.ConfigurationTarget.Workspace);
    }
  }],
  ['with the setting, a save without errors runs the template, once', async () => {
    const document = await open();
    const runs = () => JSON.parse(execFileSync(process.env.NF_TEST_RUNNER, ['runs', '--json'], { encoding: 'utf8' })).filter(run => run.template === 'Linked').length;
    const before = runs();
    await vscode.workspace.getConfiguration('northflank').update('runOnSave', true, vscode.ConfigurationTarget.Workspace);
    try {
      await write(document, template(8192, 3));
      await until('the run', () => runs() === before + 1);
      // The run command saves by itself: that is one run, too.
      await write(document, template(4096, 3), false);
      void vscode.commands.executeCommand('northflank.runTemplate', uri);
      await until('the second run', () => runs() >= before + 2);
      await new Promise(resolve => setTimeout(resolve, 1500));
      assert.equal(runs(), before + 2);
    } finally {
      await vscode.workspace.getConfiguration('northflank').update('runOnSave', undefined, vscode.ConfigurationTarget.Workspace);
    }
  }],
]);

exports.run = async () => {
  const results = [];
  try {
    prepare();
  } catch (error) {
    results.push({ name: 'a bare repository and a link', error: control ? undefined : String(error.message), ms: 0 });
  }
  for (const [name, test] of tests) {
    const started = Date.now();
    let error;
    try {
      await test();
    } catch (failure) {
      error = String(failure?.message ?? failure);
    }
    results.push({ name, error, ms: Date.now() - started });
  }
  writeFileSync(process.env.NF_TEST_RESULTS, JSON.stringify(results));
};
