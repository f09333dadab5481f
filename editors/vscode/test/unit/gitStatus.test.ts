import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marksOf, nameOf, titleOf, versionText, type GitStatus, type LinkStatus, type PlacedChange, type Range } from '../../src/gitStatus.ts';

const line = (n: number): Range => ({ start: { line: n, character: 0 }, end: { line: n, character: 1 } });
const status = (more: Partial<GitStatus>): GitStatus => ({ uri: 'file:///t.json', version: 1, state: 'ahead', links: [], ours: [], theirs: [], conflicts: [], ...more });
const change = (what: PlacedChange['what'], n: number, more: Partial<PlacedChange> = {}): PlacedChange => ({ what, path: '/spec', node: 'db', range: line(n), ...more });
const link = { name: 'Shop', repository: 'r', branch: 'main', path: '/t.json' };

test('of a linked document the changes since both sides last agreed are marked', () => {
  const marks = marksOf(status({ links: [link], base: 'b', ours: [change('added', 1)], head: { commit: 'c', changes: [change('added', 9)] } }));
  assert.deepEqual(marks, { added: [line(1)], changed: [], removed: [] });
});

test('of others, those since HEAD, also before the first push', () => {
  for (const links of [[], [link]]) {
    assert.deepEqual(marksOf(status({ links, head: { commit: 'c', changes: [change('removed', 9)] } })), { added: [], changed: [], removed: [line(9)] });
  }
});

test('the values that have changed are marked and not the whole node, of what has moved the name', () => {
  const marks = marksOf(status({
    head: { commit: 'c', changes: [change('changed', 1, { parts: [line(3), line(5)], selectionRange: line(2) }), change('changed', 7, { selectionRange: line(8) }), change('moved', 10, { selectionRange: line(11) })] },
  }));
  assert.deepEqual(marks.changed, [line(3), line(5), line(8), line(11)]);
});

test('nothing is marked where nothing is known', () => {
  assert.deepEqual(marksOf(status({ state: 'unknown' })), { added: [], changed: [], removed: [] });
});

test('changes are called by node and kind, or by property', () => {
  assert.equal(nameOf({ what: 'added', node: 'db', kind: 'Addon', path: '' }), 'db (Addon)');
  assert.equal(nameOf({ what: 'added', node: 'Workflow', kind: 'Workflow', path: '' }), 'Workflow');
  assert.equal(nameOf({ what: 'added', property: 'arguments', path: '' }), 'arguments');
});

test('links that only nf-run knows have a title in the same words', () => {
  const of = (more: Partial<LinkStatus>): string => titleOf({ ...link, file: '/t.json', ours: [], theirs: [], conflicts: [], ...more });
  const one = { what: 'added' as const, path: '' };
  assert.equal(of({ status: 'in-sync' }), 'in step');
  assert.equal(of({ status: 'diverged', ours: [one, one], theirs: [one] }), '2 changes, 1 behind');
  assert.equal(of({ status: 'ahead' }), 'ahead');
  assert.equal(of({ error: 'no network', status: 'ahead' }), 'not known');
});

test('a value in conflict is a text of its own, indented as one', () => {
  const conflict = { id: 'x', why: '', ours: '{\n      "a": 1,\n      "b": [\n        2\n      ]\n    }', theirs: '3' };
  assert.equal(versionText(conflict, 'ours'), '{\n  "a": 1,\n  "b": [\n    2\n  ]\n}\n');
  assert.equal(versionText(conflict, 'theirs'), '3\n');
  assert.equal(versionText(conflict, 'base'), '');
});
