// What a user sees of a template whose file and repository have both changed: after gitops.cjs, in the same session.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { again, command } from './ui.mjs';

/** Has both sides change, opens the template beside the view, and takes a picture. */
export async function lookAtGitOps(session, wait, pictures) {
  const theirs = join(session.state, 'theirs');
  const env = { ...process.env, HOME: join(session.state, 'home') };
  const git = (...args) => execFileSync('git', ['-C', theirs, ...args], { env, stdio: 'pipe' });
  git('pull', '-q');
  const file = join(theirs, 'linked.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/"replicas": \d+/, '"replicas": 5'));
  git('commit', '-qam', 'Five replicas');
  git('push', '-q');
  writeFileSync(join(session.workspace, 'payload-linked.json'), text.replace(/"storage": \d+/, '"storage": 65536').replace('"steps": [', `"steps": [
        { "kind": "SecretGroup", "ref": "keys", "spec": { "name": "Keys", "secretType": "environment", "priority": 10 } },`));

  const page = await session.open('payload-linked.json');
  const seen = locator => locator.first().waitFor({ timeout: wait });
  await seen(page.locator('.monaco-editor .view-line'));
  const pane = page.locator('.pane-header', { hasText: /GitOps/i });
  await again(() => page.keyboard.press('Control+Shift+G'), pane, wait);
  await again(async () => {
    if ((await pane.first().getAttribute('aria-expanded')) === 'false') {
      await pane.first().click();
    }
  }, page.locator('.pane-header[aria-expanded="true"]', { hasText: /GitOps/i }), wait);
  await seen(page.locator('.codelens-decoration', { hasText: 'Git: 2 changes' }));
  await command(page, 'Northflank: Ask the Repository');
  await seen(page.locator('.codelens-decoration', { hasText: 'Git: 2 changes, 1 behind' }));
  await seen(page.locator('.statusbar-item', { hasText: '2 changes, 1 behind' }));
  for (const row of ['Changed here', 'Changed there', 'keys (SecretGroup)', 'db (Addon)']) {
    await seen(page.locator('.pane-body .monaco-list-row', { hasText: row }));
  }
  await page.screenshot({ path: join(pictures, 'vscode-gitops.png') });
  await page.close();
}
