// What the newest run says of each node, in the gutter of its template.
import { OverviewRulerLane, Range, ThemeColor, Uri, window, workspace, type Disposable, type ExtensionContext, type TextEditor, type TextEditorDecorationType } from 'vscode';
import { placeOf, stateOf, type RunNode } from './events.ts';
import type { Server } from './server.ts';
import type { RunStore } from './store.ts';

/** The pictures in media/, by state. */
const pictures: Record<string, string> = {
  success: 'success', failure: 'failure', running: 'running', waiting: 'waiting', async_wait: 'waiting', retrying: 'retrying', approval_wait: 'approval',
  skipped: 'skipped', aborted: 'aborted', aborting: 'aborted', unknown: 'aborted',
};

const rulers: Record<string, string> = { failure: 'testing.iconFailed', success: 'testing.iconPassed', running: 'charts.blue' };

export class Gutter implements Disposable {
  #context: ExtensionContext;
  #store: RunStore;
  #server: Server;
  /** Made when they are needed first. */
  #types = new Map<string, TextEditorDecorationType>();
  #due: NodeJS.Timeout | undefined;
  #disposables: Disposable[];

  constructor(context: ExtensionContext, store: RunStore, server: Server) {
    this.#context = context;
    this.#store = store;
    this.#server = server;
    this.#disposables = [
      store.onDidChange(() => this.#soon()),
      window.onDidChangeVisibleTextEditors(() => this.#soon()),
      workspace.onDidChangeTextDocument(({ document }) => window.visibleTextEditors.some(editor => editor.document === document) && this.#soon()),
      workspace.onDidChangeConfiguration(change => change.affectsConfiguration('northflank.run.gutter') && this.#soon()),
      server.onDidStart(() => this.#soon()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#due);
    this.#disposables.forEach(one => one.dispose());
    this.#types.forEach(type => type.dispose());
  }

  #soon(): void {
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      window.visibleTextEditors.forEach(editor => void this.#draw(editor));
    }, 100);
  }

  async #draw(editor: TextEditor): Promise<void> {
    const { document } = editor;
    const run = document.uri.scheme === 'file' ? this.#store.newestOf(document.uri) : undefined;
    const progress = run && workspace.getConfiguration('northflank', document).get('run.gutter', true) ? await this.#store.load(run) : undefined;
    if (progress === undefined) {
      this.#types.forEach(type => editor.setDecorations(type, []));
      return;
    }
    const described = await this.#server.describe(document);
    if (described === undefined || described.version !== document.version) {
      return; // the text goes on changing: there is another turn
    }
    // Of what a loop repeats, the iteration that has come there last.
    const nodes = new Map<string, RunNode>();
    for (const node of progress.nodes.values()) {
      if (stateOf(node) !== 'pending') {
        nodes.set(placeOf(node), node);
      }
    }
    const places = new Map<string, Range[]>();
    for (const { path, kind, ref, selectionRange: { start } } of described.nodes) {
      const node = nodes.get(path);
      const picture = node !== undefined && node.kind === kind && (node.ref ?? '') === (ref ?? '') ? pictures[stateOf(node)] : undefined;
      if (picture !== undefined) {
        places.set(picture, [...(places.get(picture) ?? []), new Range(start.line, start.character, start.line, start.character)]);
      }
    }
    for (const picture of new Set([...places.keys(), ...this.#types.keys()])) {
      editor.setDecorations(this.#type(picture), places.get(picture) ?? []);
    }
  }

  #type(picture: string): TextEditorDecorationType {
    const known = this.#types.get(picture);
    if (known !== undefined) {
      return known;
    }
    const ruler = rulers[picture];
    const type = window.createTextEditorDecorationType({
      gutterIconPath: Uri.joinPath(this.#context.extensionUri, 'media', `${picture}.svg`),
      gutterIconSize: 'contain',
      ...(ruler === undefined ? {} : { overviewRulerColor: new ThemeColor(ruler), overviewRulerLane: OverviewRulerLane.Left }),
    });
    this.#types.set(picture, type);
    return type;
  }
}
