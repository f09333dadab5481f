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
 * @param {{ open: (file: string) => Promise<import('playwright-core').Page>, sources: Record<string, string>, wait: number, pictures: string,
 *   check: { nothingLeft: (texts: string[]) => Promise<void>, setting: (name: string, value: string) => Promise<void> } }} world
 */
export function steps({ open, sources, wait, pictures, check }) {
  const shoot = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });
  const opened = async (file, at) => {
    const page = await open(file);
    await page.locator('.monaco-editor .view-line').first().waitFor({ timeout: 60_000 });
    await page.locator('#status\\.editor\\.mode', { hasText: 'Northflank Template' }).waitFor({ timeout: wait });
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
    ['runs', {
      title: 'the view of runs shows the nodes with their states, and a node leads to its place',
      async run() {
        const page = await opened('northflank.json', [1, 1]);
        await command(page, 'Northflank: Focus on Runs View');
        await page.locator('.monaco-editor .view-lines').first().click();
        await command(page, 'Northflank: Run Template');
        const row = text => page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
        await row(/Shop.*(running|waiting) · \d of \d/).waitFor({ timeout: wait });
        await row(/SecretGroup colours/).waitFor({ timeout: wait });
        await page.locator('.cgmr[class*="ced-"]').first().waitFor({ timeout: wait }); // the gutter
        await shoot(page, 'vscode-runs');
        await row(/SecretGroup colours.*success · \d/).waitFor({ timeout: wait });
        await row(/SecretGroup colours/).click();
        await page.locator('#status\\.editor\\.selection', { hasText: /Ln 6,/ }).waitFor({ timeout: wait });
        await row(/Shop.*success/).waitFor({ timeout: wait }); // rows of a run that goes on are drawn anew, also under the pointer
        await row(/SecretGroup colours/).hover();
        await row(/SecretGroup colours/).locator('.action-label[aria-label*="Open Response"]').click({ timeout: wait });
        await page.locator('.tab', { hasText: 'colours.json' }).waitFor({ timeout: wait });
        await page.locator('.monaco-editor .view-line', { hasText: /"COLOUR": "\*\*\*"/ }).or(page.locator('.monaco-editor .view-line', { hasText: '"path"' })).first().waitFor({ timeout: wait });
        return page;
      },
    }],
    ['graph', {
      title: 'the graph is drawn, leads to nodes by pointer and keys, and marks the node at the cursor',
      async run() {
        const page = await opened('payload.json', [1, 1]);
        await command(page, 'Northflank: Show Graph');
        const graph = page.frameLocator('iframe.webview').frameLocator('#active-frame');
        const node = path => graph.locator(`.node[data-path="${path}"]`);
        const project = node('/spec/spec/steps/0');
        await project.waitFor({ timeout: wait });
        await project.click();
        const [line] = place(right, '"ref": ', '"Project"');
        await page.locator('#status\\.editor\\.selection', { hasText: `Ln ${line},` }).waitFor({ timeout: wait });
        await graph.locator('.node.here[data-path="/spec/spec/steps/0"]').waitFor({ timeout: wait });
        await shoot(page, 'vscode-graph');
        await project.focus();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.locator('#status\\.editor\\.selection', { hasNotText: `Ln ${line},` }).waitFor({ timeout: wait });
        const label = await project.getAttribute('aria-label');
        if (!label?.startsWith('project, Project')) {
          throw new Error(`the label for screen readers is ${label}`);
        }
        return page;
      },
    }],
    ['plan', {
      title: 'the plan is a page with what each node does and costs',
      async run() {
        const page = await opened('contrast.northflank.json', [1, 1]); // nobody has run it here
        await command(page, 'Northflank: Plan Template');
        const plan = page.frameLocator('iframe.webview').frameLocator('#active-frame');
        await plan.locator('header', { hasText: /a month/ }).waitFor({ timeout: wait });
        await plan.locator('.node', { hasText: 'data' }).first().waitFor({ timeout: wait });
        await plan.locator('details', { has: plan.locator('summary a', { hasText: /^data$/ }) }).locator('summary .kind').first().click();
        await plan.locator('td', { hasText: '/billing/deploymentPlan' }).first().waitFor({ timeout: wait });
        await shoot(page, 'vscode-plan');
        await plan.locator('a', { hasText: /^colours$/ }).first().click();
        await page.locator('#status\\.editor\\.selection', { hasText: /Ln 6,/ }).waitFor({ timeout: wait });
        return page;
      },
    }],
    ['arguments', {
      title: 'arguments and secrets that nobody has given are asked for, secrets without being shown',
      async run() {
        const page = await opened('missing.northflank.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        const box = page.locator('.quick-input-widget:visible');
        const answer = async (title, type, text) => {
          await box.filter({ hasText: title }).waitFor({ timeout: wait });
          const input = box.locator('input.input');
          if ((await input.getAttribute('type')) !== type) {
            throw new Error(`${title} is asked for in a box of the type ${await input.getAttribute('type')}`);
          }
          await input.fill(text);
          await page.keyboard.press('Enter');
        };
        await answer('argument REGION', 'text', 'europe-west');
        await answer('argument DB_PASSWORD', 'password', 'pa${ss}w0rd-zzz');
        await answer('secret shared.values.TOKEN', 'password', 'token-zzz');
        await page.locator('.notification-toast').filter({ hasText: /all \d+ nodes are done/ }).first().waitFor({ timeout: wait });
        await check.nothingLeft(['pa${ss}w0rd-zzz', 'token-zzz']);
        return page;
      },
    }],
    ['approval', {
      title: 'a run that waits for people asks, and goes on when they approve',
      async run() {
        const page = await opened('gate.northflank.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        const question = page.locator('.notification-toast').filter({ hasText: /gate waits for an approval/ }).first();
        await question.waitFor({ timeout: wait });
        await shoot(page, 'vscode-approval');
        await question.getByRole('button', { name: 'Approve' }).click();
        await page.locator('.notification-toast').filter({ hasText: /all \d+ nodes are done/ }).first().waitFor({ timeout: wait });
        return page;
      },
    }],
    ['target', {
      title: 'nothing runs on the hosted platform without a yes',
      alone: true, // the extension asks before it starts a program
      async run() {
        const page = await opened('northflank.json', [1, 1]);
        const choose = async label => {
          await command(page, 'Northflank: Select Target');
          await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
          await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
        };
        await choose('real resources');
        await check.setting('northflank.run.target', 'northflank');
        await command(page, 'Northflank: Run Template');
        const dialog = page.locator('.monaco-dialog-box');
        await dialog.filter({ hasText: /on the hosted platform \(northflank\)/ }).waitFor({ timeout: wait });
        await shoot(page, 'vscode-hosted');
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await dialog.waitFor({ state: 'hidden' });
        await choose('nothing leaves');
        await check.setting('northflank.run.target', 'local');
        if ((await page.locator('.notification-toast').count()) > 0) {
          throw new Error(`something happened: ${await page.locator('.notification-toast').allInnerTexts()}`);
        }
        return page;
      },
    }],
  ]);
}

/**
 * Waits until the browser holds what the window keeps of its workspace: VS Code writes that a moment after an extension has been told that
 * it is kept, and a page that is closed in between takes it along.
 */
async function stored(page, text, wait) {
  for (const end = Date.now() + wait; Date.now() < end; await page.waitForTimeout(100)) {
    const found = await page.evaluate(async text => {
      const done = request => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        try {
          for (const store of database.objectStoreNames) {
            const values = await done(database.transaction(store).objectStore(store).getAll());
            if (values.some(value => typeof value === 'string' && value.includes(text))) {
              return true;
            }
          }
        } finally {
          database.close();
        }
      }
      return false;
    }, text);
    if (found) {
      return;
    }
  }
  throw new Error(`${text} is not stored`);
}

/** What happens where the setting says to ask. */
export function asking({ open, wait, pictures }) {
  return new Map([
    ['ask', {
      title: 'a JSON file that looks like a template gets the language when its owner says yes',
      async run() {
        const page = await open('payload.json');
        const mode = page.locator('#status\\.editor\\.mode');
        await mode.filter({ hasText: /^JSON$/ }).waitFor({ timeout: wait });
        const question = page.locator('.notification-toast').filter({ hasText: /payload.json looks like a Northflank template/ }).first();
        await question.waitFor({ timeout: wait });
        await page.screenshot({ path: join(pictures, 'vscode-detect.png') });
        await question.getByRole('button', { name: 'Yes' }).click();
        await mode.filter({ hasText: 'Northflank Template' }).waitFor({ timeout: wait });
        await stored(page, 'northflank.decided', wait);
        return page;
      },
    }],
    ['ask-again', {
      title: 'the answer is remembered',
      async run() {
        const page = await open('payload.json');
        await page.locator('#status\\.editor\\.mode', { hasText: 'Northflank Template' }).waitFor({ timeout: wait });
        return page;
      },
    }],
  ]);
}

/** What is to be seen in a theme of high contrast. */
export function contrasting({ open, wait, pictures }) {
  return new Map([
    ['graph-live', {
      title: 'the graph shows the states of a run as they change',
      async run() {
        const page = await open('contrast.northflank.json');
        await page.locator('#status\\.editor\\.mode', { hasText: 'Northflank Template' }).waitFor({ timeout: wait });
        await page.locator('.monaco-editor .view-lines').first().click();
        await command(page, 'Northflank: Show Graph');
        const graph = page.frameLocator('iframe.webview').frameLocator('#active-frame');
        await graph.locator('.node').first().waitFor({ timeout: wait });
        await page.locator('.monaco-editor .view-lines').first().click();
        await command(page, 'Northflank: Run Template');
        await graph.locator('.node.running, .node.waiting').first().waitFor({ timeout: wait });
        await graph.locator('.node.leaf.success').nth(1).waitFor({ timeout: wait });
        await page.screenshot({ path: join(pictures, 'vscode-graph-contrast.png') });
        await page.locator('.notification-toast').filter({ hasText: /all \d+ nodes are done/ }).first().waitFor({ timeout: wait });
        return page;
      },
    }],
  ]);
}
