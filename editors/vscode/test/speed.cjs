// How long things take in the extension host, printed and not judged but for the activation: inside the extension host.
'use strict';
const assert = require('node:assert/strict');
const { join } = require('node:path');
const vscode = require('vscode');
const { id, until, openText, carryOut } = require('./world.cjs');

const median = times => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
const ms = time => `${time.toFixed(1)} ms`;

/** How long a module takes to load, each time as if for the first time. */
function loading(file) {
  return median(Array.from({ length: 5 }, () => {
    delete require.cache[require.resolve(file)];
    const begun = performance.now();
    require(file);
    return performance.now() - begun;
  }));
}

/** From a keystroke until a finding of these sources is there, and after its end until that is gone. */
async function squiggle(document, at, is) {
  const times = [];
  for (let i = 0; i < 7; i++) {
    const shown = wanted => until('the finding', () => vscode.languages.getDiagnostics(document.uri).some(is) === wanted);
    const heard = new Promise(resolve => {
      const listening = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
        if (uris.some(uri => uri.toString() === document.uri.toString()) && vscode.languages.getDiagnostics(document.uri).some(is)) {
          listening.dispose();
          resolve(performance.now());
        }
      });
    });
    const position = document.positionAt(at);
    vscode.window.activeTextEditor.selection = new vscode.Selection(position, position);
    const begun = performance.now();
    await vscode.commands.executeCommand('type', { text: 'x' });
    times.push((await heard) - begun);
    await vscode.commands.executeCommand('deleteLeft');
    await shown(false);
  }
  return median(times);
}

const template = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } },
${Array.from({ length: 200 }, (_, i) => `    { "kind": "SecretGroup", "ref": "g${i}", "spec": { "projectId": "\${refs.shop.id}", "name": "group-${i}", "secretType": "environment", "priority": 1, "secrets": { "variables": { "N": "${i}" } } } }`).join(',\n')}
  ] } }
}
`;

const tests = new Map([
  ['activation takes less than 100 ms beyond the client library', async () => {
    const extension = vscode.extensions.getExtension(id);
    await openText('payload-start.northflank.json', '{}|');
    const { activationTime } = await extension.activate();
    const whole = loading(join(extension.extensionPath, 'out', 'extension.js'));
    const library = loading(process.env.NF_TEST_LIBRARY);
    const own = activationTime + whole - library;
    assert(own < 100, `${ms(own)}: loading ${ms(whole)}, of that the library ${ms(library)}, activating ${ms(activationTime)}`);
    return `${ms(own)}: loading ${ms(whole)}, of that the library ${ms(library)}, activating ${ms(activationTime)}`;
  }],
  ['a keystroke becomes a squiggle', async () => {
    const document = await openText('payload-typing.json', template.replace('"ref": "g100"', '"ref": "g100"|'));
    const kind = template.indexOf('"SecretGroup", "ref": "g100"') + '"Secret'.length;
    const ours = await squiggle(document, kind, one => one.source === 'northflank');
    // Between two values nothing may stand: that is the JSON extension's to say in the same file.
    const theirs = await squiggle(document, template.indexOf(', "ref": "g100"'), one => one.source === 'json');
    return `${ms(ours)}, the JSON extension's in the same file of 200 nodes ${ms(theirs)}`;
  }],
]);

exports.run = () => carryOut([...tests]);
