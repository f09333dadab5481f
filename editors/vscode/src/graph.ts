// The graph view: the drawing of `nf-run graph`, made by the server, of the text as it is in the editor, with the states of
// the newest run as they change. Clicking a node leads to it, and the node at the cursor is marked.
import { randomBytes } from 'node:crypto';
import { Uri, ViewColumn, window, workspace, type Disposable, type ExtensionContext, type WebviewPanel } from 'vscode';
import { duration, placeOf, stateOf } from './events.ts';
import { escape } from './plan.ts';
import { reveal } from './reveal.ts';
import { nodeAt } from './runs.ts';
import { isTemplateText } from './runner.ts';
import type { Server } from './server.ts';
import type { RunStore } from './store.ts';

/** What the page says: see media/graph.js. */
interface Said {
  type: 'ready' | 'reveal';
  path?: string;
}

interface Open {
  panel: WebviewPanel;
  uri: Uri;
  ready: boolean;
  due: NodeJS.Timeout | undefined;
}

export class GraphView implements Disposable {
  #context: ExtensionContext;
  #server: Server;
  #store: RunStore;
  #open = new Map<string, Open>();
  #disposables: Disposable[];

  constructor(context: ExtensionContext, server: Server, store: RunStore) {
    this.#context = context;
    this.#server = server;
    this.#store = store;
    this.#disposables = [
      workspace.onDidChangeTextDocument(({ document }) => this.#soon(document.uri, 250)),
      store.onDidChange(run => this.#open.forEach(open => (run === undefined || run.head.file === open.uri.fsPath) && this.#soon(open.uri, 100))),
      server.onDidStart(() => this.#open.forEach(open => this.#soon(open.uri, 0))),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const at = selections[0]?.active;
        const open = this.#open.get(textEditor.document.uri.toString());
        if (open !== undefined && at !== undefined) {
          void nodeAt(this.#server, textEditor.document, at.line, at.character).then(node => open.panel.webview.postMessage({ type: 'select', path: node?.path }));
        }
      }),
    ];
  }

  dispose(): void {
    this.#disposables.forEach(one => one.dispose());
    this.#open.forEach(({ panel }) => panel.dispose());
  }

  /** Opens the graph of a template beside it. */
  show(uri = window.activeTextEditor?.document.uri): void {
    const document = workspace.textDocuments.find(one => one.uri.toString() === uri?.toString());
    if (!workspace.isTrusted || uri === undefined || (document !== undefined && !isTemplateText(document))) {
      void window.showInformationMessage(workspace.isTrusted ? 'Northflank: open a template (a JSON file) first.' : 'Northflank: nothing is drawn in a workspace that is not trusted.');
      return;
    }
    const key = uri.toString();
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.panel.reveal(undefined, true);
      return;
    }
    const media = Uri.joinPath(this.#context.extensionUri, 'media');
    const panel = window.createWebviewPanel('northflank.graph', `Graph of ${workspace.asRelativePath(uri)}`, { viewColumn: ViewColumn.Beside, preserveFocus: true }, {
      enableScripts: true, localResourceRoots: [media],
    });
    const open: Open = { panel, uri, ready: false, due: undefined };
    this.#open.set(key, open);
    panel.onDidDispose(() => {
      clearTimeout(open.due);
      this.#open.delete(key);
    });
    panel.onDidChangeViewState(() => panel.visible && this.#soon(uri, 0));
    panel.webview.onDidReceiveMessage(async (said: Said) => {
      if (said.type === 'ready') {
        open.ready = true; // also after the page was hidden and made anew
        this.#soon(uri, 0);
      } else if (said.type === 'reveal' && typeof said.path === 'string') {
        await reveal(this.#server, uri, said.path);
      }
    });
    const own = (name: string) => panel.webview.asWebviewUri(Uri.joinPath(media, name)).toString();
    panel.webview.html = page(workspace.asRelativePath(uri), panel.webview.cspSource, own('graph.css'), own('graph.js'));
  }

  #soon(uri: Uri, delay: number): void {
    const open = this.#open.get(uri.toString());
    if (open !== undefined) {
      open.due ??= setTimeout(() => {
        open.due = undefined;
        void this.#draw(open);
      }, delay);
    }
  }

  async #draw(open: Open): Promise<void> {
    const { panel, uri } = open;
    if (!open.ready || !panel.visible) {
      return;
    }
    const run = this.#store.newestOf(uri);
    const progress = run && (await this.#store.load(run));
    // What is live is known here before it is in the history that the server reads.
    const states = Object.fromEntries([...(progress?.nodes.values() ?? [])].filter(node => stateOf(node) !== 'pending').map(node =>
      [placeOf(node), { kind: node.kind, ref: node.ref ?? '', state: stateOf(node), took: duration(node.startedAt, node.endedAt) }]));
    try {
      const { text } = await this.#server.execute<{ text: string }>('nf.graph', this.#server.spelled(uri), { format: 'svg', ...(progress === undefined ? {} : { states }) });
      await panel.webview.postMessage({ type: 'draw', svg: text });
    } catch (error) {
      await panel.webview.postMessage({ type: 'fail', message: (error as Error).message });
    }
  }
}

function page(name: string, source: string, css: string, script: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source} 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>${escape(name)}</title>
<link rel="stylesheet" href="${css}">
</head>
<body>
<p id="hint">Tab or arrows: from node to node. Enter: to its place in the template. + and −: size.</p>
<main id="graph" aria-label="Graph of ${escape(name)}" tabindex="-1"></main>
<p id="said" role="status" aria-live="polite"></p>
<script nonce="${nonce}" data-nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
