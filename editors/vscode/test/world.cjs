// What the tests inside the extension host share.
'use strict';
const assert = require('node:assert/strict');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

const workspace = process.env.NF_TEST_WORKSPACE;
const wait = Number(process.env.NF_TEST_WAIT ?? 60_000);
const id = 'nf-lsp.northflank-templates';

/** Asks until the answer is truthy; the last answer's error is what a timeout reports. */
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

async function open(name) {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(join(workspace, name)));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The position right after `text`, where it stands for the first time after `anchor`. */
function after(document, text, anchor = '') {
  const source = document.getText();
  const from = source.indexOf(anchor);
  const at = source.indexOf(text, from);
  assert(from >= 0 && at >= 0, `${document.fileName} holds no ${anchor} ... ${text}`);
  return document.positionAt(at + text.length);
}

const findings = document => vscode.languages.getDiagnostics(document.uri).filter(finding => /^(nf-lsp|northflank)/.test(finding.source ?? ''));

async function labels(document, position) {
  const list = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, position, undefined, 100);
  return list.items.map(item => (typeof item.label === 'string' ? item.label : item.label.label));
}

async function hover(document, position) {
  const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap(one => one.contents.map(content => (typeof content === 'string' ? content : content.value))).join('\n');
}

/** Opens a template of its own, with the cursor at the bar. */
async function openText(name, text) {
  const file = join(workspace, name);
  const at = text.indexOf('|');
  writeFileSync(file, text.replace('|', ''));
  const document = await open(name);
  const cursor = document.positionAt(at);
  vscode.window.activeTextEditor.selection = new vscode.Selection(cursor, cursor);
  return document;
}

/** Types as a person does, so that brackets and quotes close by themselves and lists open. */
async function type(text) {
  for (const character of text) {
    await vscode.commands.executeCommand('type', { text: character });
    await new Promise(resolve => setTimeout(resolve, 30));
  }
}

/** Chooses what the list that is open has first, once that has made of the text what it should. */
async function choose(document, wanted) {
  const line = () => document.lineAt(vscode.window.activeTextEditor.selection.active.line).text.trim();
  await until(`${wanted} instead of ${line()}`, async () => {
    await vscode.commands.executeCommand('acceptSelectedSuggestion');
    await new Promise(resolve => setTimeout(resolve, 100));
    return line() === wanted;
  });
}

/** Does tests one after the other and writes what came of each where the session looks for it. */
async function carryOut(tests) {
  const results = [];
  for (const [name, test] of tests) {
    const started = Date.now();
    let error;
    let note;
    try {
      note = await test();
    } catch (failure) {
      error = String(failure?.message ?? failure);
    }
    results.push({ name: note === undefined ? name : `${name}: ${note}`, error, ms: Date.now() - started });
  }
  writeFileSync(process.env.NF_TEST_RESULTS, JSON.stringify(results));
}

module.exports = { workspace, wait, id, until, open, after, findings, labels, hover, openText, type, choose, carryOut };
