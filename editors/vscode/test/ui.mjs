// What a user sees: the editor in a browser, driven by keys and pointer, with a picture of each step.
import { join } from 'node:path';

/** Puts the caret at a place, given as in the editor: counted from one. */
async function goTo(page, line, column) {
  await page.keyboard.press('Control+G');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

async function command(page, name) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill(`>${name}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
}

/** Line and column, counted from one, right after `text`, where it stands for the first time after `anchor`. */
function place(source, text, anchor) {
  const at = source.indexOf(text, source.indexOf(anchor)) + text.length;
  const before = source.slice(0, at).split('\n');
  return [before.length, before.at(-1).length + 1];
}

/**
 * The steps, each on its own window so that one that fails does not take the next with it.
 * @param {{ open: (file: string) => Promise<import('playwright-core').Page>, sources: Record<string, string>, wait: number, pictures: string }} world
 */
export function steps({ open, sources, wait, pictures }) {
  const shoot = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });
  const opened = async (file, at) => {
    const page = await open(file);
    await page.locator('.monaco-editor .view-line').first().waitFor({ timeout: 60_000 });
    await page.locator('.monaco-editor .view-lines').first().click();
    await goTo(page, ...at);
    return page;
  };
  const right = sources['payload.json'];
  const wrong = sources['payload-mistake.json'];

  return new Map([
    ['finding', {
      title: 'the mistake is underlined, and the Problems view says what to write',
      async run() {
        const page = await opened('payload-mistake.json', place(wrong, '"addonId', '"kind": "Service"'));
        await page.locator('.squiggly-error').first().waitFor({ timeout: wait });
        await command(page, 'Problems: Focus on Problems View');
        await page.locator('.markers-panel .monaco-list-row', { hasText: 'serviceId' }).waitFor({ timeout: wait });
        await shoot(page, 'finding');
        return page;
      },
    }],
    ['completion', {
      title: 'completion inside an expression shows the references',
      async run() {
        const page = await opened('payload.json', place(right, '${refs.', '"vcsData"'));
        await page.keyboard.press('Control+Space');
        await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'content' }).first().waitFor({ timeout: wait });
        await shoot(page, 'completion');
        return page;
      },
    }],
    ['hover', {
      title: 'hovering over a kind shows what it is',
      async run() {
        const page = await opened('payload.json', place(right, '"CombinedService', '"steps"'));
        const word = page.locator('.monaco-editor .view-line span span', { hasText: '"CombinedService"' }).first();
        const shown = page.locator('.monaco-hover:visible', { hasText: /combined/i }).first();
        // Lenses and hints that arrive late move the word away from the pointer: come again.
        for (const end = Date.now() + wait; ; ) {
          await page.mouse.move(5, 5);
          await word.hover();
          try {
            await shown.waitFor({ timeout: 3000 });
            break;
          } catch (error) {
            if (Date.now() > end) {
              throw error;
            }
          }
        }
        await shoot(page, 'hover');
        return page;
      },
    }],
    ['run', {
      title: 'a run shows the state of its nodes as they change, and its end',
      async run() {
        const page = await opened('payload.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        const toast = page.locator('.notification-toast');
        await toast.filter({ hasText: /\d+ of \d+ · .*: (running|waiting|success)/ }).first().waitFor({ timeout: wait });
        await shoot(page, 'vscode-run');
        await toast.filter({ hasText: /all \d+ nodes are done/ }).first().waitFor({ timeout: wait });
        await shoot(page, 'vscode-run-done');
        return page;
      },
    }],
    ['stop', {
      title: 'a run that is cancelled is stopped',
      async run() {
        const page = await opened('fresh.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        const toast = page.locator('.notification-toast');
        const running = toast.filter({ hasText: /\d+ of \d+ · / }).first();
        await running.waitFor({ timeout: wait });
        await running.getByRole('button', { name: 'Cancel' }).click({ timeout: wait });
        await toast.filter({ hasText: /the run ended: aborted/ }).first().waitFor({ timeout: wait });
        return page;
      },
    }],
  ]);
}
