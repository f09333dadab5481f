// Runs, and a server that dies, inside the extension host. The runner fails one node of files whose name says so.
'use strict';
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const vscode = require('vscode');
const { until, open, after, findings, hover, openText, carryOut } = require('./world.cjs');

const template = (name, steps) => `{
  "apiVersion": "v1.2",
  "name": "${name}",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "${name}", "region": "europe-west" } },
${steps}
  ] } }
}
`;
const group = (ref, name) => `    { "kind": "SecretGroup", "ref": "${ref}", "spec": { "projectId": "\${refs.shop.id}", "name": "${name}", "secretType": "environment", "priority": 1, "secrets": { "variables": { "COLOUR": "blue" } } } }`;
/** What is provisioned takes time, and what waits for it. */
const addon = `    { "kind": "Addon", "ref": "data", "spec": { "projectId": "\${refs.shop.id}", "name": "Data", "type": "redis", "version": "latest", "billing": { "deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1 } } },
    { "kind": "Condition", "spec": { "kind": "Addon", "spec": { "type": "running", "data": { "projectId": "\${refs.shop.id}", "addonId": "\${refs.data.id}" } } } }`;
const execute = (command, ...args) => vscode.commands.executeCommand(command, ...args);
const failures = document => vscode.languages.getDiagnostics(document.uri).filter(one => one.source === 'nf-run');
const lineOf = (document, text) => after(document, text).line;

/** The processes of the language server that this extension host has started. */
const servers = () => execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  .split('\n').filter(line => line.trim().endsWith('nf-lsp')).map(line => Number.parseInt(line, 10));

const tests = new Map([
  ['a run that fails says so, and what it has failed with is a finding at the node', async () => {
    const document = await openText('payload-failing.northflank.json', template('Failing', `${group('colours', 'Colours')},\n${group('more', 'More')}|`));
    await until('the server', () => hover(document, after(document, '"Secret')));
    const run = await execute('northflank.runTemplate', document.uri);
    assert.equal(run?.status, 'failure', JSON.stringify(run));
    assert.deepEqual(run.steps.map(step => step.states.at(-1)), ['success', 'failure', 'pending']);
    const found = await until('the finding', () => failures(document).length > 0 && failures(document));
    assert.equal(found.length, 1);
    assert.match(found[0].message, /no capacity/);
    assert.equal(found[0].range.start.line, lineOf(document, '"colours"'));

    const again = await execute('northflank.retryRun', { head: { id: run.id, file: document.uri.fsPath, target: 'local' } });
    assert.equal(again?.status, 'success', JSON.stringify(again));
    assert.equal(again.id, run.id);
    await until('the finding to go', () => failures(document).length === 0);
  }],
  ['a run goes up to the node at the cursor and no further', async () => {
    const document = await openText('payload-part.northflank.json', template('Part', `${group('col|ours', 'Colours')},\n${group('more', 'More')}`));
    await until('the server', () => hover(document, after(document, '"Secret')));
    const run = await execute('northflank.runUpToHere');
    assert.equal(run?.status, 'success', JSON.stringify(run));
    assert.deepEqual(run.steps.map(step => step.title), ['Project shop', 'SecretGroup colours']);
  }],
  ['tasks run, plan and check a template', async () => {
    const document = await openText('northflank.json', template('Tasks', `${group('colours', 'Colours')}|`));
    for (const [command, code] of [['check', 0], ['plan', 0], ['run', 0]]) {
      const task = await until(`the task ${command}`, async () => {
        const tasks = await vscode.tasks.fetchTasks({ type: 'northflank' }); // the file is a new one: the search may not know it yet
        return tasks.find(one => one.definition.command === command && document.uri.fsPath.endsWith(one.definition.file)) ?? assert.fail(`only: ${tasks.map(one => one.name)}`);
      });
      const ended = new Promise(resolve => {
        const listening = vscode.tasks.onDidEndTaskProcess(event => {
          if (event.execution.task.name === task.name) {
            listening.dispose();
            resolve(event.exitCode);
          }
        });
      });
      await vscode.tasks.executeTask(task);
      assert.equal(await ended, code, command);
    }
  }],
  ['a server that is killed comes back, and nothing that was typed meanwhile is lost', async () => {
    const document = await openText('payload-killed.northflank.json', template('Killed', `${group('colours', 'Colours')}|`));
    await until('the server', () => hover(document, after(document, '"Secret')));
    const before = servers();
    assert.equal(before.length, 1);
    process.kill(before[0], 'SIGKILL');
    const typed = await vscode.window.activeTextEditor.edit(edit => edit.replace(new vscode.Range(after(document, '"SecretGrou'), after(document, '"SecretGroup')), 'x'));
    assert(typed);
    assert.match(document.getText(), /"SecretGroux"/);
    await until('another server', () => servers().length === 1 && servers()[0] !== before[0]);
    await until('what is wrong with the text of now', () => findings(document).some(one => document.getText(one.range) === '"SecretGroux"'));
    await execute('undo');
    await until('nothing to be wrong', () => findings(document).length === 0 && document.getText().includes('"SecretGroup"'));
    await execute('workbench.action.files.revert');
  }],
  ['a run whose process was killed is resumed', async () => {
    const document = await openText('payload-resumed.northflank.json', template('Resumed', `${addon},\n${group('colours', 'Colours')}|`));
    const running = spawn(process.env.NF_TEST_RUNNER, ['run', document.uri.fsPath, '--delay', '20s', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let told = '';
    running.stdout.on('data', text => (told += text));
    await until('a node under way', () => told.split('\n').some(line => line.includes('"ref":"data"') && line.includes('"node.attempt"')));
    const gone = new Promise(resolve => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
    const { run: id } = JSON.parse(told.split('\n')[0]);
    const run = await execute('northflank.resumeRun', { head: { id, file: document.uri.fsPath, target: 'local' } });
    assert.equal(run?.id, id);
    assert.equal(run.status, 'success', JSON.stringify(run));
    assert.deepEqual(run.steps.map(step => step.states.at(-1)), ['success', 'success', 'success', 'success']);
  }],
  ['a run goes on when the server is killed', async () => {
    const document = await openText('payload-slow.northflank.json', template('Slow', `${group('colours', 'Colours')}|`));
    await until('the server', () => hover(document, after(document, '"Secret')));
    const run = execute('northflank.runTemplate', document.uri);
    process.kill(servers()[0], 'SIGKILL');
    assert.equal((await run)?.status, 'success');
  }],
]);

exports.run = () => carryOut([...tests]);
