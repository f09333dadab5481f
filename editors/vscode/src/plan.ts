// The plan view: what a run would do, node by node, with the differences and what it costs.
import { randomBytes } from 'node:crypto';
import { commands, Uri, ViewColumn, window, workspace, type Disposable, type ExtensionContext, type WebviewPanel } from 'vscode';
import type { Given } from './arguments.ts';
import { reveal } from './reveal.ts';
import type { Runner, Template } from './runner.ts';
import type { Server } from './server.ts';

/** A plan as docs/nf-run.md describes it. */
interface Plan {
  template?: string;
  target?: string;
  until?: string;
  nodes?: PlanNode[];
  problems?: Remark[];
  warnings?: Remark[];
  summary?: Record<string, number> & { cost?: Cost };
}

interface PlanNode {
  path: string;
  declared?: string;
  kind: string;
  ref?: string;
  label: string;
  parent?: number;
  flow?: string;
  action?: string;
  maybe?: boolean;
  each?: boolean;
  resource?: string;
  changes?: { path: string; before?: unknown; after?: unknown; unknown?: boolean; secret?: boolean }[];
  diff?: string;
  cost?: Cost;
}

interface Cost {
  before?: number;
  after?: number;
  /** What is to be paid besides. */
  leftOut?: string[];
}

interface Remark {
  node?: string;
  message: string;
}

const actions = ['create', 'update', 'apply', 'run', 'wait', 'skip', 'unchanged'];

export class PlanView implements Disposable {
  #context: ExtensionContext;
  #runner: Runner;
  #server: () => Server;
  /** One for each template. */
  #panels = new Map<string, WebviewPanel>();

  constructor(context: ExtensionContext, runner: Runner, server: () => Server) {
    this.#context = context;
    this.#server = server;
    this.#runner = runner;
  }

  dispose(): void {
    this.#panels.forEach(panel => panel.dispose());
  }

  /** Asks nf-run for the plan and shows it. Answers nf-run's exit code. */
  async show(template: Template, given: Given): Promise<number | undefined> {
    const { file, target, uri } = template;
    const { answer, ended } = await window.withProgress({ location: { viewId: 'northflank.runs' }, title: 'plan' }, () =>
      this.#runner.json<Plan>(['plan', file, '--target', target, '--json', ...given.flags], file));
    if (answer === undefined) {
      this.#runner.tellFailure('there is no plan', ended);
      return ended.code ?? undefined;
    }
    const panel = this.#panel(uri);
    const own = (name: string) => panel.webview.asWebviewUri(Uri.joinPath(this.#context.extensionUri, 'media', name)).toString();
    panel.webview.html = page(answer, uri, panel.webview.cspSource, own('plan.css'), own('plan.js'));
    panel.reveal(undefined, true);
    return ended.code ?? undefined;
  }

  #panel(uri: Uri): WebviewPanel {
    const key = uri.toString();
    const open = this.#panels.get(key);
    if (open !== undefined) {
      return open;
    }
    const panel = window.createWebviewPanel('northflank.plan', `Plan of ${workspace.asRelativePath(uri)}`, { viewColumn: ViewColumn.Beside, preserveFocus: true }, {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(this.#context.extensionUri, 'media')],
    });
    panel.onDidDispose(() => this.#panels.delete(key));
    panel.webview.onDidReceiveMessage(async (said: { type: string; path?: string }) => {
      switch (said.type) {
        case 'reveal':
          await reveal(this.#server(), uri, String(said.path), undefined, true);
          break;
        case 'run':
        case 'plan':
          await commands.executeCommand(`northflank.${said.type}Template`, uri);
      }
    });
    this.#panels.set(key, panel);
    return panel;
  }
}

function page(plan: Plan, uri: Uri, source: string, css: string, script: string): string {
  const nonce = randomBytes(16).toString('base64url');
  const { summary = {}, nodes = [] } = plan;
  const counts = actions.filter(action => (summary[action] ?? 0) > 0).map(action => `<span class="action ${action}">${summary[action]} ${action}</span>`);
  const depth = (node: PlanNode): number => {
    const around = nodes[node.parent ?? -1];
    return around === undefined ? 0 : depth(around) + 1;
  };
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source} 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>Plan</title>
<link rel="stylesheet" href="${css}">
<style nonce="${nonce}">${Array.from({ length: 12 }, (_, i) => `.d${i}{margin-left:${i}rem}`).join('')}</style>
</head>
<body>
<header>
<h1>${escape(plan.template ?? workspace.asRelativePath(uri))}</h1>
<p>on ${escape(plan.target ?? '')}${plan.until ? `, up to <code>${escape(plan.until)}</code>` : ''} · ${counts.join(' ') || 'nothing to do'} · ${summary.requests ?? 0} requests · <strong>${cost(summary.cost)}</strong></p>
<p><button data-do="run">Run</button> <button class="second" data-do="plan">Plan Again</button></p>
</header>
${remarks('Problems', 'failure', plan.problems)}${remarks('Warnings', 'warning', plan.warnings)}
<main>
${nodes.map(node => section(node, depth(node))).join('\n')}
</main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}

/** Leads to a node in the template. */
const link = (path: string, text: string) => `<a href="#" data-path="${escape(path)}">${escape(text)}</a>`;

function section(node: PlanNode, depth: number): string {
  const words = [
    node.action ? `<span class="action ${escape(node.action)}">${escape(node.action)}${node.maybe ? '?' : ''}</span>` : '',
    `<span class="kind">${escape(node.kind)}${node.flow ? `, ${escape(node.flow)}` : ''}</span>`,
    node.each ? '<span class="kind">each iteration</span>' : '',
    node.resource ? `<code>${escape(node.resource)}</code>` : '',
    node.cost && (node.cost.after || node.cost.before) ? `<span class="cost">${cost(node.cost)}</span>` : '',
  ].filter(Boolean);
  const details = node.diff ? diff(node.diff) : changes(node);
  const head = `${link(node.declared ?? node.path, node.label)} ${words.join(' ')}`;
  const at = `d${Math.min(depth, 11)}`;
  return details === '' ? `<div class="node ${at}">${head}</div>` : `<details class="node ${at}"${node.action === 'update' ? ' open' : ''}><summary>${head}</summary>${details}</details>`;
}

function changes({ changes }: PlanNode): string {
  if (!changes?.length) {
    return '';
  }
  const shown = (value: unknown) => (value === undefined ? '' : `<code>${escape(typeof value === 'string' ? value : JSON.stringify(value))}</code>`);
  return `<table><thead><tr><th scope="col">Property</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>${changes.map(change =>
    `<tr><td><code>${escape(change.path)}</code></td><td>${shown(change.before)}</td><td>${change.unknown ? '<em>known after apply</em>' : shown(change.after)}</td></tr>`).join('')}</tbody></table>`;
}

function diff(text: string): string {
  const kinds: Record<string, string> = { '+': 'added', '-': 'removed', '@': 'hunk' };
  return `<pre>${text.split('\n').map(line => `<span class="${kinds[line[0] ?? ''] ?? ''}">${escape(line)}</span>`).join('\n')}</pre>`;
}

function remarks(title: string, kind: string, list: Remark[] | undefined): string {
  return list?.length ? `<section class="${kind}"><h2>${title}</h2><ul>${list.map(one =>
    `<li>${one.node === undefined ? escape(one.message) : link(one.node, one.message)}</li>`).join('')}</ul></section>` : '';
}

function cost(of: Cost | undefined): string {
  const { before = 0, after = 0, leftOut = [] } = of ?? {};
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  return `${before === 0 || before === after ? dollars(after) : `${dollars(before)} → ${dollars(after)}`} a month${leftOut.length > 0 ? escape(`, without ${leftOut.join(', ')}`) : ''}`;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
