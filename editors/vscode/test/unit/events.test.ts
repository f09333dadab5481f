import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventReader, newerEvents, Progress, question, startedRun, type RunEvent } from '../../src/events.ts';

const node = (path: string, kind: string, label: string) => ({ path, kind, label });
const created: RunEvent = {
  type: 'run.created',
  run: 'r',
  nodes: [
    { ...node('/spec', 'Workflow', 'Workflow'), flow: 'sequential' },
    node('/spec/0', 'Addon', 'content'),
    node('/spec/1', 'Condition', 'Condition'),
  ],
};

describe('reading a stream of events', () => {
  const read = (...pieces: string[]) => {
    const events: string[] = [];
    const others: string[] = [];
    const newer: number[] = [];
    const reader = new EventReader(event => events.push(event.type), line => others.push(line), version => newer.push(version));
    pieces.forEach(piece => reader.push(piece));
    reader.end();
    return { events, others, newer };
  };

  it('takes an event that comes in pieces', () => {
    assert.deepEqual(read('{"type":"a"', ',"run":"r"}\n{"ty', 'pe":"b"}\n').events, ['a', 'b']);
  });

  it('takes a last event without a newline', () => {
    assert.deepEqual(read('{"type":"a"}').events, ['a']);
  });

  it('passes lines on that are no events', () => {
    assert.deepEqual(read('hello\r\n[1]\nnull\n{"v":1}\n\n'), { events: [], others: ['hello', '[1]', 'null', '{"v":1}'], newer: [] });
  });

  it('takes events of its version, and of programs that tell none', () => {
    assert.deepEqual(read('{"v":1,"type":"a"}\n{"type":"b"}\n'), { events: ['a', 'b'], others: [], newer: [] });
  });

  it('does not read what is newer, and tells of it once', () => {
    assert.deepEqual(read('{"v":2,"type":"a"}\n{"v":2,"type":"b"}\n'), { events: [], others: [], newer: [2] });
    assert.match(newerEvents(2), /tells of runs in version 2, and the extension reads version 1: .*Update the extension/);
  });
});

describe('the answer to a detached start', () => {
  it('names the run, however it is laid out', () => {
    assert.equal(startedRun('{\n  "run": "r1"\n}\n'), 'r1');
  });

  it('is nothing in any other text', () => {
    for (const text of ['', 'r1', '{}', '{"run":7}', '{"run":""}', 'null']) {
      assert.equal(startedRun(text), undefined, text);
    }
  });
});

describe('what events add up to', () => {
  it('counts what does something and leaves workflows out', () => {
    const progress = new Progress();
    progress.apply(created);
    assert.deepEqual([...progress.steps.values()].map(step => step.title), ['Addon content', 'Condition']);
    assert.deepEqual([progress.done, progress.total], [0, 2]);
  });

  it('keeps every state that a node was in', () => {
    const progress = new Progress();
    progress.apply(created);
    const at = { type: 'node.attempt', run: 'r', node: node('/spec/0', 'Addon', 'content') };
    progress.apply({ ...at, state: 'running' });
    progress.apply({ ...at, state: 'waiting', subject: 'addon content', detail: 'provisioning' });
    assert.equal(progress.steps.get('/spec/0')?.remark, 'addon content: provisioning');
    progress.apply({ ...at, state: 'waiting' });
    progress.apply({ ...at, state: 'success' });
    assert.deepEqual(progress.steps.get('/spec/0')?.states, ['pending', 'running', 'waiting', 'success']);
    assert.equal(progress.done, 1);
  });

  it('puts the steps of iterations in the place of those of their loop', () => {
    const progress = new Progress();
    progress.apply({ type: 'run.created', run: 'r', nodes: [
      { ...node('/spec', 'LoopWorkflow', 'all'), flow: 'loop' },
      node('/spec/spec/steps/0', 'Addon', 'data'),
      node('/spec/spec/stepson', 'Addon', 'other'),
    ] });
    progress.apply({ type: 'node.iterations', run: 'r', node: node('/spec', 'LoopWorkflow', 'all'), nodes: [
      { ...node('/spec/spec/iterations/0', 'Iteration', 'all[a]'), flow: 'sequential' },
      node('/spec/spec/iterations/0/steps/0', 'Addon', 'data[a]'),
      { ...node('/spec/spec/iterations/1', 'Iteration', 'all[b]'), flow: 'sequential' },
      node('/spec/spec/iterations/1/steps/0', 'Addon', 'data[b]'),
    ] });
    assert.deepEqual([...progress.steps.values()].map(step => step.title), ['Addon other', 'Addon data[a]', 'Addon data[b]']);
    progress.apply({ type: 'node.attempt', run: 'r', node: node('/spec/spec/iterations/1/steps/0', 'Addon', 'data[b]'), state: 'success' });
    assert.equal(progress.done, 1);
  });

  it('says why a node has failed', () => {
    const progress = new Progress();
    progress.apply(created);
    progress.apply({ type: 'node.state', run: 'r', node: node('/spec/1', 'Condition', 'Condition'), state: 'failure', error: { message: 'no' } });
    assert.deepEqual(progress.failures().map(step => `${step.title}: ${step.remark}`), ['Condition: no']);
  });

  it('takes a run for concluded only when it is said to be', () => {
    const progress = new Progress();
    progress.apply({ type: 'run.state', run: 'r', state: 'unknown' });
    assert.deepEqual([progress.status, progress.concluded], ['unknown', false]);
    progress.apply({ type: 'run.state', run: 'r', state: 'failure', concluded: true, error: { message: 'the addon failed' } });
    assert.deepEqual([progress.status, progress.concluded, progress.reason], ['failure', true, 'the addon failed']);
  });

  it('passes over events of a later version', () => {
    const progress = new Progress();
    progress.apply(created);
    assert.equal(progress.apply({ type: 'node.cost', run: 'r', node: node('/spec/0', 'Addon', 'content'), state: 'success' }), undefined);
    assert.equal(progress.done, 0);
  });
});

it('a user is asked once about a node that waits for people', () => {
  const at = { type: 'node.attempt', run: 'r', node: { path: '/spec/0', kind: 'Approval', ref: 'gate', label: 'gate' } };
  assert.deepEqual(question({ ...at, state: 'approval_wait', approval: { needed: 2 } }), { node: '/spec/0', text: 'gate waits for 2 approvals.' });
  assert.equal(question({ ...at, state: 'approval_wait', approval: { needed: 2, given: [{ by: 'ann' }] } }), undefined);
  assert.equal(question({ ...at, state: 'success', approval: { needed: 1, given: [] } }), undefined);
  assert.equal(question({ ...at, state: 'approval_wait' }), undefined, 'the platform asks there');
});
