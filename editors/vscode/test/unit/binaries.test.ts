import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { find, type Places } from '../../src/binaries.ts';

describe('finding a program', () => {
  const folders: string[] = [];
  let folder: string;
  let places: Places;

  const program = (...path: string[]) => {
    const file = join(folder, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
    return file;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nf-find-'));
    folders.push(folder);
    places = {
      configured: '',
      extensionFolder: join(folder, 'extension'),
      path: [join(folder, 'a'), join(folder, 'b')].join(delimiter),
      platform: 'linux',
    };
  });
  after(() => folders.forEach(one => rmSync(one, { recursive: true })));

  it('takes what the setting names, before the bundle and PATH', () => {
    const wanted = program('mine', 'server');
    program('extension', 'bin', 'nf-lsp');
    program('a', 'nf-lsp');
    assert.deepEqual(find('nf-lsp', 'the.setting', { ...places, configured: wanted }), { path: wanted, from: 'setting' });
  });

  it('does not pass over a setting that leads nowhere', () => {
    program('extension', 'bin', 'nf-lsp');
    const found = find('nf-lsp', 'the.setting', { ...places, configured: join(folder, 'gone') });
    assert.match('missing' in found ? found.missing : '', /the\.setting .*gone/);
  });

  it('takes no relative setting, which would mean another program in every folder', () => {
    const found = find('nf-lsp', 'the.setting', { ...places, configured: './nf-lsp' });
    assert.match('missing' in found ? found.missing : '', /absolute/);
  });

  it('takes the bundle before PATH', () => {
    const wanted = program('extension', 'bin', 'nf-run');
    program('a', 'nf-run');
    assert.deepEqual(find('nf-run', 'the.setting', places), { path: wanted, from: 'bundle' });
  });

  it('takes the first of PATH that can be started', () => {
    chmodSync(program('a', 'nf-run'), 0o644);
    const wanted = program('b', 'nf-run');
    assert.deepEqual(find('nf-run', 'the.setting', places), { path: wanted, from: 'PATH' });
  });

  it('leaves relative entries of PATH out', () => {
    const before = process.cwd();
    program('nf-run');
    process.chdir(folder);
    try {
      assert('missing' in find('nf-run', 'the.setting', { ...places, path: ['.', ''].join(delimiter) }));
    } finally {
      process.chdir(before);
    }
  });

  it('looks for the .exe on Windows', () => {
    const wanted = program('extension', 'bin', 'nf-run.exe');
    assert.deepEqual(find('nf-run', 'the.setting', { ...places, platform: 'win32' }), { path: wanted, from: 'bundle' });
  });

  it('takes no folder for a program', () => {
    mkdirSync(join(folder, 'a', 'nf-run'), { recursive: true });
    const found = find('nf-run', 'the.setting', places);
    assert.match('missing' in found ? found.missing : '', /nf-run was not found.*the\.setting/);
  });
});
