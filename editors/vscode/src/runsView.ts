// The runs view: runs, newest first, and under each its nodes with states, times and attempts, live where the run goes on.
import { EventEmitter, MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, window, workspace, type Disposable, type TextDocumentContentProvider, type TreeDataProvider } from 'vscode';
import { duration, goesOn, placeOf, stateOf, type RunNode } from './events.ts';
import { reveal } from './reveal.ts';
import type { Server } from './server.ts';
import type { KnownRun, RunStore } from './store.ts';

/** A node of a run, as the view and its commands know it. */
export interface ViewedNode {
  run: KnownRun;
  node: RunNode;
}

type Element = KnownRun | ViewedNode;

const isNode = (element: Element): element is ViewedNode => 'node' in element;

/** How often runs that others have started are looked for, in milliseconds, while somebody looks at the view. */
const interval = 5000;

export class RunsView implements TreeDataProvider<Element>, TextDocumentContentProvider, Disposable {
  /** Where responses are read: northflank-run:/RUN/NODE.json */
  static readonly scheme = 'northflank-run';
  #store: RunStore;
  #server: Server;
  #changed = new EventEmitter<Element | undefined>();
  /** The same object for the same node: the tree knows what is open by it. */
  #viewed = new WeakMap<RunNode, ViewedNode>();
  #disposables: Disposable[];
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(store: RunStore, server: Server) {
    this.#store = store;
    this.#server = server;
    const view = window.createTreeView<Element>('northflank.runs', { treeDataProvider: this, showCollapseAll: true });
    const timer = setInterval(() => view.visible && void store.refresh(), interval);
    this.#disposables = [
      view,
      { dispose: () => clearInterval(timer) },
      view.onDidChangeVisibility(({ visible }) => visible && void store.refresh()),
      store.onDidChange(run => this.#changed.fire(run)),
      workspace.registerTextDocumentContentProvider(RunsView.scheme, this),
    ];
  }

  dispose(): void {
    this.#disposables.forEach(one => one.dispose());
  }

  async getChildren(element?: Element): Promise<Element[]> {
    if (element === undefined) {
      if (!workspace.isTrusted) {
        return [];
      }
      await this.#store.refresh();
      return this.#store.runs;
    }
    if (isNode(element)) {
      return element.node.inside.map(node => this.#view(element.run, node));
    }
    const progress = await this.#store.load(element);
    const roots = progress?.roots ?? [];
    // The workflow around everything says nothing that the run does not.
    return (roots.length === 1 && roots[0]?.flow ? roots[0].inside : roots).map(node => this.#view(element, node));
  }

  getTreeItem(element: Element): TreeItem {
    return isNode(element) ? this.#node(element) : this.#run(element);
  }

  getParent(): undefined {
    return undefined;
  }

  #view(run: KnownRun, node: RunNode): ViewedNode {
    const viewed = this.#viewed.get(node) ?? { run, node };
    this.#viewed.set(node, viewed);
    return viewed;
  }

  #run({ head, progress }: KnownRun): TreeItem {
    const name = head.template || (head.file === undefined ? head.id : workspace.asRelativePath(head.file));
    const item = new TreeItem(name, goesOn(head.status) ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed);
    const began = Date.parse(head.startedAt ?? head.createdAt);
    const took = duration(began, head.concludedAt === undefined ? undefined : Date.parse(head.concludedAt));
    const status = head.interrupted ? 'interrupted' : head.status;
    const counted = progress !== undefined && goesOn(head.status) ? `${progress.done} of ${progress.total}` : '';
    const parts = [status, counted, when(began), took, head.teardown ? 'teardown' : '', head.until ? `up to ${head.until}` : '', head.target === 'local' ? '' : head.target];
    item.id = head.id;
    item.description = parts.filter(Boolean).join(' · ');
    item.iconPath = icon(status);
    item.contextValue = `run.${head.interrupted ? 'interrupted' : goesOn(head.status) ? 'going' : head.status}`;
    const reason = typeof head.error === 'string' ? head.error : (head.error?.message ?? progress?.reason ?? '');
    item.tooltip = new MarkdownString().appendText([`run ${head.id}`, head.file ?? '', `on ${head.target}`, reason].filter(Boolean).join('\n\n'));
    item.accessibilityInformation = { label: `Run of ${name}, ${item.description}` };
    return item;
  }

  #node({ run, node }: ViewedNode): TreeItem {
    const state = stateOf(node);
    const item = new TreeItem(node.title, node.inside.length > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None);
    const tried = node.attempt > 1 ? `attempt ${node.attempt}${node.maxAttempts > 0 ? ` of ${node.maxAttempts}` : ''}` : '';
    item.id = `${run.head.id}${node.path}`;
    item.description = [state, duration(node.startedAt, node.endedAt), tried, node.remark].filter(Boolean).join(' · ');
    item.iconPath = icon(state);
    item.contextValue = `node.${node.flow ? 'workflow' : 'step'}.${state}`;
    item.tooltip = new MarkdownString().appendText([node.title, node.path, item.description].join('\n\n'));
    item.accessibilityInformation = { label: `${node.title}, ${item.description}` };
    item.command = { command: 'northflank.revealNode', title: 'Jump to Node', arguments: [{ run, node }] };
    return item;
  }

  /** Shows a node in its template. */
  async reveal({ run, node }: ViewedNode): Promise<void> {
    if (run.head.file !== undefined) {
      await reveal(this.#server, Uri.file(run.head.file), placeOf(node), node);
    }
  }

  /** Opens what the platform has answered about a node, attempt by attempt, secrets masked. */
  async openResponse({ run, node }: ViewedNode): Promise<void> {
    const uri = Uri.from({ scheme: RunsView.scheme, path: `/${run.head.id}/${node.label.replaceAll('/', ' ')}.json`, query: node.path });
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const id = uri.path.split('/')[1] ?? '';
    const shown = await this.#store.show(id, this.#store.get(id)?.head.file);
    const node = shown?.nodes?.find(one => one.path === uri.query);
    return JSON.stringify(node ?? { error: `run ${id} has no node ${uri.query}` }, undefined, 2);
  }
}

/** The time, with the day where that is another one. */
function when(at: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { timeStyle: 'short' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString(undefined, { dateStyle: 'short' })} ${time}`;
}

/** Icons and colours of the editor's own test view: people know them. */
function icon(state: string): ThemeIcon {
  const [id, color] = icons[state] ?? ['circle-outline', 'testing.iconUnset'];
  return new ThemeIcon(id, new ThemeColor(color));
}

const icons: Record<string, [string, string]> = {
  success: ['pass', 'testing.iconPassed'],
  failure: ['error', 'testing.iconFailed'],
  running: ['sync~spin', 'charts.blue'],
  waiting: ['watch', 'charts.blue'],
  async_wait: ['watch', 'charts.blue'],
  retrying: ['debug-restart', 'testing.iconQueued'],
  approval_wait: ['question', 'testing.iconQueued'],
  queued: ['clock', 'testing.iconQueued'],
  skipped: ['debug-step-over', 'testing.iconSkipped'],
  aborting: ['stop-circle', 'testing.iconQueued'],
  aborted: ['circle-slash', 'testing.iconErrored'],
  interrupted: ['debug-disconnect', 'testing.iconErrored'],
  unknown: ['warning', 'testing.iconErrored'],
};
