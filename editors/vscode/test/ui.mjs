// What a user sees: the editor in a browser, driven by keys and pointer, with a picture of each step.
import { join } from 'node:path';

/** Does something that an editor under way may miss, such as a click on a list that is drawn anew, until what it is for is there. */
export async function again(act, shown, wait, each = 5000) {
  for (const end = Date.now() + wait; ; ) {
    await act();
    try {
      return await shown.first().waitFor({ timeout: Math.min(each, wait) });
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
  }
}

/** Where templates are run, as the status of the language says it: the extension says it from the moment on that its commands are there. */
const target = (page, name) => page.locator(`.statusbar-item [aria-label*="Northflank target: ${name}"]`).first().waitFor({ state: 'attached', timeout: 120_000 });

/** Opens the box that the keys open, and answers its input. */
async function box(page, keys) {
  const input = page.locator('.quick-input-widget:visible input.input');
  await again(() => page.keyboard.press(keys), input, 30_000);
  return input;
}

/** Puts the caret at a place, given as in the editor: counted from one. */
async function goTo(page, line, column) {
  const there = page.locator('#status\\.editor\\.selection', { hasText: new RegExp(`Ln ${line}, Col ${column}(?!\\d)`) });
  await again(async () => {
    const input = await box(page, 'Control+G');
    await input.fill(`:${line}:${column}`);
    await page.keyboard.press('Enter');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden', timeout: 5000 }).catch(() => page.keyboard.press('Escape'));
  }, there, 60_000);
}

export async function command(page, name) {
  const input = await box(page, 'F1');
  await input.fill(`>${name}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
}

/** Runs the template by the button in the title of its editor. */
async function runByTitle(page, wait) {
  await page.locator('.editor-actions .action-label[aria-label*="Run Template"]').first().click({ timeout: wait });
}

/** Runs the template by the menu of the editor's text. */
async function runByMenu(page, wait) {
  const entry = page.locator('.monaco-menu .action-item:visible', { hasText: /^Run Template$/ });
  await again(async () => {
    await page.keyboard.press('Escape'); // a menu that is still being drawn
    await page.locator('.monaco-editor .view-lines').first().click({ button: 'right', timeout: 5000 }).catch(() => {});
  }, entry, wait);
  await entry.first().click({ timeout: wait });
}

/**
 * A notification. One is shown for some seconds, which are over before a slow machine has made a picture, and is kept where
 * notifications are listed: there it is looked for when it is not shown any more.
 */
export async function notification(page, text, wait) {
  const told = page.locator('.notification-toast, .notifications-center .monaco-list-row').filter({ hasText: text });
  const listed = page.locator('.notifications-center.visible');
  for (const end = Date.now() + wait; ; ) {
    try {
      await told.first().waitFor({ timeout: Math.min(15_000, wait) });
      return told.first();
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
      if ((await listed.count()) === 0) {
        await command(page, 'Notifications: Show Notifications');
      }
    }
  }
}

/** Answers a notification, which may move to the list between the look and the click. */
export async function answer(page, text, button, wait) {
  for (const end = Date.now() + wait; ; ) {
    try {
      await (await notification(page, text, wait)).getByRole('button', { name: button, exact: true }).click({ timeout: 5000 });
      return;
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
  }
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
    await page.locator('.monaco-editor .view-line').first().waitFor({ timeout: 180_000 }); // of a window that has just begun to load
    await page.locator('#status\\.editor\\.mode', { hasText: 'Northflank Template' }).waitFor({ timeout: wait });
    await target(page, '');
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
        await again(async () => {
          await page.keyboard.press('Escape'); // what was asked before the server was there
          await page.keyboard.press('Control+Space');
        }, page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'content' }), wait);
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
      title: 'the button in the title runs the template: the states of its nodes are shown as they change, and its end',
      async run() {
        const page = await opened('payload.json', [1, 1]);
        await runByTitle(page, wait);
        const toast = page.locator('.notification-toast');
        await toast.filter({ hasText: /\d+ of \d+ · .*: (running|waiting|success)/ }).first().waitFor({ timeout: wait });
        await shoot(page, 'vscode-run');
        await notification(page, /all \d+ nodes are done/, wait);
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
        await notification(page, /the run ended: aborted/, wait);
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
        await row(/Shop.*success/).waitFor({ timeout: wait }); // rows of a run that goes on are drawn anew, also under the pointer
        await again(() => row(/SecretGroup colours/).click(), page.locator('#status\\.editor\\.selection', { hasText: /Ln 6,/ }), wait);
        await again(async () => {
          await row(/SecretGroup colours/).hover();
          await row(/SecretGroup colours/).locator('.action-label[aria-label*="Open Response"]').click({ timeout: 5000 }).catch(() => {});
        }, page.locator('.tab', { hasText: 'colours.json' }), wait);
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
        const [line] = place(right, '"ref": ', '"Project"');
        await again(() => project.click(), page.locator('#status\\.editor\\.selection', { hasText: `Ln ${line},` }), wait);
        await graph.locator('.node.here[data-path="/spec/spec/steps/0"]').waitFor({ timeout: wait });
        await shoot(page, 'vscode-graph');
        // Each key goes to the node that has the focus, wherever the editor has put it meanwhile.
        await project.press('ArrowDown');
        await graph.locator('.node:focus:not([data-path="/spec/spec/steps/0"])').press('ArrowDown');
        await graph.locator('.node:focus').press('Enter');
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
        await again(() => plan.locator('details', { has: plan.locator('summary a', { hasText: /^data$/ }) }).locator('summary .kind').first().click(),
          plan.locator('td:visible', { hasText: '/billing/deploymentPlan' }), wait);
        await shoot(page, 'vscode-plan');
        await again(() => plan.locator('a', { hasText: /^colours$/ }).first().click(), page.locator('#status\\.editor\\.selection', { hasText: /Ln 6,/ }), wait);
        return page;
      },
    }],
    ['arguments', {
      title: 'arguments and secrets that nobody has given are asked for, secrets without being shown',
      async run() {
        const page = await opened('missing.northflank.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        const asks = page.locator('.quick-input-widget:visible');
        const give = async (title, type, text) => {
          await asks.filter({ hasText: title }).waitFor({ timeout: wait });
          const input = asks.locator('input.input');
          if ((await input.getAttribute('type')) !== type) {
            throw new Error(`${title} is asked for in a box of the type ${await input.getAttribute('type')}`);
          }
          await input.fill(text);
          await page.keyboard.press('Enter');
        };
        await give('argument REGION', 'text', 'europe-west');
        await give('argument DB_PASSWORD', 'password', 'pa${ss}w0rd-zzz');
        await give('secret shared.values.TOKEN', 'password', 'token-zzz');
        await notification(page, /all \d+ nodes are done/, wait);
        await check.nothingLeft(['pa${ss}w0rd-zzz', 'token-zzz']);
        return page;
      },
    }],
    ['approval', {
      title: 'a run that waits for people asks, and goes on when they approve',
      async run() {
        const page = await opened('gate.northflank.json', [1, 1]);
        await command(page, 'Northflank: Run Template');
        await notification(page, /gate waits for an approval/, wait);
        await shoot(page, 'vscode-approval');
        await answer(page, /gate waits for an approval/, 'Approve', wait);
        await notification(page, /all \d+ nodes are done/, wait);
        return page;
      },
    }],
    ['refuse', {
      title: 'a run from the menu of the text waits for people and ends when they refuse, and the reason is asked for',
      async run() {
        const page = await opened('gate.northflank.json', [1, 1]);
        await runByMenu(page, wait);
        await answer(page, /gate waits for an approval/, 'Refuse', wait);
        const reason = page.locator('.quick-input-widget:visible', { hasText: 'why is it refused' }).locator('input.input');
        await reason.waitFor({ timeout: wait });
        await reason.fill('Not on a Friday');
        await page.keyboard.press('Enter');
        await notification(page, /the run failed\..*Approval gate/, wait);
        return page;
      },
    }],
    ['reopened', {
      title: 'a run goes on when its window is closed, is picked up by the next one, and is stopped in the view',
      async run() {
        const first = await opened('reopened.northflank.json', [1, 1]);
        await command(first, 'Northflank: Run Template');
        await first.locator('.notification-toast').filter({ hasText: /\d+ of \d+ · / }).first().waitFor({ timeout: wait });
        await first.close();
        const page = await opened('reopened.northflank.json', [1, 1]);
        await command(page, 'Northflank: Focus on Runs View');
        const row = text => page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
        await row(/Reopened.*(running|waiting) · \d of \d/).waitFor({ timeout: wait });
        await again(async () => {
          await row(/Reopened/).hover();
          await row(/Reopened/).locator('.action-label[aria-label*="Stop Run"]').click({ timeout: 5000 }).catch(() => {});
        }, row(/Reopened.*(aborting|aborted)/), wait);
        await row(/Reopened.*aborted/).waitFor({ timeout: wait });
        return page;
      },
    }],
    ['walkthrough', {
      title: 'the walkthrough leads to a new template',
      alone: true, // it starts no program
      async run() {
        const page = await opened('northflank.json', [1, 1]);
        await command(page, 'Welcome: Open Walkthrough...');
        await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Northflank Templates' }).first().click();
        const steps = page.locator('.gettingStartedContainer');
        for (const title of ['Write a template', 'See what it would do', 'Run it on this machine', 'Run it on Northflank']) {
          await steps.locator('.step-title', { hasText: title }).first().waitFor({ timeout: wait });
        }
        await steps.getByRole('button', { name: 'New Template' }).first().click();
        await page.locator('#status\\.editor\\.mode', { hasText: 'Northflank Template' }).waitFor({ timeout: wait });
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
        await target(page, 'northflank'); // it has heard of the setting
        await command(page, 'Northflank: Run Template');
        const dialog = page.locator('.monaco-dialog-box');
        await dialog.filter({ hasText: /on the hosted platform \(northflank\)/ }).waitFor({ timeout: wait });
        await shoot(page, 'vscode-hosted');
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await dialog.waitFor({ state: 'hidden' });
        await choose('nothing leaves');
        await check.setting('northflank.run.target', 'local');
        await target(page, 'local');
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
        const question = /payload.json looks like a Northflank template/;
        await notification(page, question, wait);
        await page.screenshot({ path: join(pictures, 'vscode-detect.png') });
        await answer(page, question, 'Yes', wait);
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
        await target(page, '');
        await page.locator('.monaco-editor .view-lines').first().click();
        await command(page, 'Northflank: Show Graph');
        const graph = page.frameLocator('iframe.webview').frameLocator('#active-frame');
        await graph.locator('.node').first().waitFor({ timeout: wait });
        await page.locator('.monaco-editor .view-lines').first().click();
        await command(page, 'Northflank: Run Template');
        await graph.locator('.node.running, .node.waiting').first().waitFor({ timeout: wait });
        await graph.locator('.node.leaf.success').nth(1).waitFor({ timeout: wait });
        await page.screenshot({ path: join(pictures, 'vscode-graph-contrast.png') });
        await notification(page, /all \d+ nodes are done/, wait);
        return page;
      },
    }],
  ]);
}
