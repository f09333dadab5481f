// GitOps: what the server tells of Git, in a view, the status bar and at the lines; Pull, Push and Resolve. The work is done
// by nf-run, which the server starts.
import { execFile } from 'node:child_process';
import { commands, env, Position, Range, StatusBarAlignment, Uri, window, workspace, type Disposable, type ExtensionContext, type TextDocument, type TextEditor } from 'vscode';
import { State, type LanguageClient } from 'vscode-languageclient/node';
import { ChangeMarks } from './gitopsMarks.ts';
import { Versions } from './gitopsVersions.ts';
import { GitOpsTree, type Entry, type Template } from './gitopsView.ts';
import { isLinked, versionText, type Conflict, type Done, type GitStatus, type LinkStatus, type Resolution } from './gitStatus.ts';
import { locate } from './programs.ts';

export class GitOps implements Disposable {
  #context: ExtensionContext;
  #client: LanguageClient | undefined;
  #statuses = new Map<string, GitStatus>();
  /** What nf-run has said of linked files, by their paths. */
  #links = new Map<string, LinkStatus>();
  #marks = new ChangeMarks();
  #versions = new Versions();
  #tree = new GitOpsTree(() => this.#templates());
  #view = window.createTreeView('northflank.gitops', { treeDataProvider: this.#tree });
  #bar = window.createStatusBarItem('northflank.gitops', StatusBarAlignment.Left, 40);
  #subscriptions: Disposable[];
  /** Reads the links anew when nobody has written a linked file for a moment. */
  #reading: ReturnType<typeof setTimeout> | undefined;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#bar.name = 'Northflank GitOps';
    this.#bar.command = 'northflank.sync.actions';
    const own: Record<string, (...args: never[]) => unknown> = {
      pull: (at?: Uri | Entry) => this.pull(place(at)),
      push: (at?: Uri | Entry, message?: string) => this.push(place(at), typeof message === 'string' ? message : undefined),
      pushWithMessage: (at?: Uri | Entry) => this.pushWithMessage(place(at)),
      merge: (at?: Uri | Entry) => this.#edit(place(at)),
      resolve: (at?: Uri | Entry, how?: Resolution) => this.resolve(place(at), isResolution(how) ? how : undefined),
      status: (at?: Uri | Entry) => this.status(place(at)),
      refresh: () => this.refresh(),
      actions: () => this.#actions(),
      openConflict: (entry: Entry) => entry.kind === 'conflict' && this.#openConflict(entry.template.uri, entry.conflict.id),
      takeOurs: (entry: Entry) => entry.kind === 'conflict' && this.resolve(entry.template.uri, { take: { [entry.conflict.id]: 'ours' } }),
      takeTheirs: (entry: Entry) => entry.kind === 'conflict' && this.resolve(entry.template.uri, { take: { [entry.conflict.id]: 'theirs' } }),
      compareWithRepository: (at?: Uri | Entry) => this.#compare(place(at), 'theirs', 'the repository'),
      compareWithHead: (at?: Uri | Entry) => this.#compare(place(at), 'head', 'HEAD'),
      reveal: (uri: Uri, line: number, character: number) => reveal(uri, line, character),
    };
    const files = workspace.createFileSystemWatcher('**/*.json');
    this.#subscriptions = [
      files,
      ...[files.onDidChange, files.onDidCreate, files.onDidDelete].map(event => event(uri => this.#written(uri))),
      ...Object.entries(own).map(([name, does]) => commands.registerCommand(`northflank.sync.${name}`, does)),
      window.onDidChangeActiveTextEditor(() => this.#showBar()),
      window.onDidChangeVisibleTextEditors(editors => this.#mark(editors)),
      workspace.onDidCloseTextDocument(document => this.#forget(document)),
      workspace.onDidChangeConfiguration(change => change.affectsConfiguration('northflank.sync.marks') && this.#mark(window.visibleTextEditors)),
      this.#view.onDidChangeVisibility(({ visible }) => visible && this.#links.size === 0 && void this.#readLinks(true)),
    ];
  }

  /** What the server's commands are done by here, for its lenses. */
  readonly own: Record<string, (uri: Uri) => unknown> = {
    'nf.sync.status': uri => this.status(uri),
    'nf.sync.pull': uri => this.pull(uri),
    'nf.sync.push': uri => this.push(uri),
    'nf.sync.resolve': uri => this.resolve(uri),
  };

  /** Has a client, before it starts, say that it takes what is told of Git. */
  extend(client: LanguageClient): void {
    client.registerFeature({
      fillClientCapabilities: capabilities => {
        const before = (capabilities.experimental ?? {}) as { northflank?: object };
        capabilities.experimental = { ...before, northflank: { ...before.northflank, gitStatus: true } };
      },
      initialize: () => {},
      getState: () => ({ kind: 'static' }),
      clear: () => {},
    });
    client.onNotification('northflank/gitStatusChanged', (status: GitStatus) => this.#told(status));
    client.onDidChangeState(({ newState }) => newState === State.Stopped && this.#client === client && this.#clear());
    this.#client = client;
  }

  dispose(): void {
    clearTimeout(this.#reading);
    for (const one of [...this.#subscriptions, this.#marks, this.#versions, this.#view, this.#bar]) {
      one.dispose();
    }
  }

  /** What is known of a document that is open. */
  statusOf(uri: Uri): GitStatus | undefined {
    return this.#statuses.get(uri.toString());
  }

  async status(at?: Uri): Promise<Done | undefined> {
    const uri = template(at);
    const done = uri && (await this.#execute('nf.sync.status', uri));
    for (const link of done?.links ?? []) {
      this.#links.set(link.file, link);
    }
    this.#tree.refresh();
    const conflicts = done?.links?.[0]?.conflicts ?? [];
    if (uri !== undefined && conflicts.length > 0) {
      this.#tellConflicts(uri, conflicts);
    }
    return done;
  }

  async pull(at?: Uri): Promise<Done | undefined> {
    return this.#work('nf.sync.pull', at);
  }

  async push(at?: Uri, message?: string): Promise<Done | undefined> {
    return this.#work('nf.sync.push', at, message === undefined ? {} : { message });
  }

  async pushWithMessage(at?: Uri): Promise<Done | undefined> {
    const message = await window.showInputBox({ title: 'Northflank: Push', prompt: 'The message of the commit. Empty: one that names the nodes that have changed.' });
    return message === undefined ? undefined : this.push(at, message || undefined);
  }

  /** Settles conflicts: as it is said, else as the user chooses. */
  async resolve(at?: Uri, how?: Resolution): Promise<Done | undefined> {
    const uri = template(at);
    if (uri === undefined) {
      return undefined;
    }
    if (how !== undefined) {
      return this.#work('nf.sync.resolve', uri, how);
    }
    const status = await this.#ask(uri);
    if (status === undefined || status.conflicts.length === 0) {
      void window.showInformationMessage('Northflank: there is no conflict to settle.');
      return undefined;
    }
    const all = [
      { label: '$(arrow-left) Take ours for all', how: { side: 'ours' } as Resolution },
      { label: '$(arrow-right) Take theirs for all', how: { side: 'theirs' } as Resolution },
      { label: '$(git-merge) Put both together in the merge editor' },
    ];
    const single = status.conflicts.map(conflict => ({ label: `$(diff) ${conflict.node ?? conflict.id}`, description: conflict.why, detail: conflict.id, conflict }));
    const chosen = await window.showQuickPick<{ label: string; description?: string; how?: Resolution; conflict?: Conflict }>([...single, ...all], {
      title: 'Northflank: Resolve', placeHolder: 'Compare a conflict, or settle all of them',
    });
    if (chosen === undefined) {
      return undefined;
    }
    if (chosen.how !== undefined) {
      return this.#work('nf.sync.resolve', uri, chosen.how);
    }
    return chosen.conflict === undefined ? this.#edit(uri) : this.#openConflict(uri, chosen.conflict.id);
  }

  /** Asks the repositories of all links in the workspace. */
  async refresh(): Promise<void> {
    await this.#readLinks(false);
    for (const document of workspace.textDocuments) {
      if (isLinked(this.statusOf(document.uri))) {
        await this.#ask(document.uri);
      }
    }
  }

  async #work(command: string, at?: Uri, options: object = {}): Promise<Done | undefined> {
    const uri = template(at);
    if (uri === undefined || !(await saved(uri))) {
      return undefined;
    }
    const done = await this.#execute(command, uri, options);
    this.#links.delete(uri.fsPath); // it is another one now
    this.#tree.refresh();
    if (done?.conflicts?.length) {
      this.#tellConflicts(uri, done.conflicts);
    }
    return done;
  }

  #tellConflicts(uri: Uri, conflicts: Conflict[]): void {
    const what = conflicts.map(({ node, id, why }) => `${node ?? id}: ${why}`).join('; ');
    void window.showWarningMessage(`${workspace.asRelativePath(uri)}: nothing was changed, for both sides have changes that do not go together. ${what}`, 'Resolve').then(chosen => (chosen ? this.resolve(uri) : undefined));
  }

  /** Has the server do a command, which shows how far it is and what came of it. */
  async #execute(command: string, uri: Uri, options: object = {}): Promise<Done | undefined> {
    const client = this.#running();
    if (client === undefined) {
      return undefined;
    }
    try {
      return await client.sendRequest<Done>('workspace/executeCommand', { command, arguments: [client.code2ProtocolConverter.asUri(uri), options] });
    } catch (error) {
      void window.showErrorMessage(`Northflank: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** The status of an open document with the versions of its conflicts. */
  async #ask(uri: Uri, texts = false): Promise<GitStatus | undefined> {
    const client = this.#running();
    if (client === undefined) {
      return undefined;
    }
    await workspace.openTextDocument(uri);
    try {
      const status = await client.sendRequest<GitStatus>('northflank/gitStatus', { textDocument: { uri: client.code2ProtocolConverter.asUri(uri) }, texts });
      this.#told(status);
      return status;
    } catch (error) {
      void window.showErrorMessage(`Northflank: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #running(): LanguageClient | undefined {
    if (!workspace.isTrusted) {
      void window.showWarningMessage('Northflank: nothing is pulled or pushed in a workspace that is not trusted.');
      return undefined;
    }
    if (this.#client?.state !== State.Running) {
      void window.showWarningMessage('Northflank: the language server does not run, which pulls and pushes.');
      return undefined;
    }
    return this.#client;
  }

  /** Shows one conflict in the diff editor, and asks which side is taken. */
  async #openConflict(uri: Uri, id: string): Promise<Done | undefined> {
    const conflict = (await this.#ask(uri))?.conflicts.find(one => one.id === id);
    if (conflict === undefined) {
      void window.showInformationMessage('Northflank: this conflict is settled.');
      return undefined;
    }
    const name = conflict.node ?? conflict.id;
    const side = (which: 'base' | 'ours' | 'theirs') => this.#versions.put(uri, `${which} ${name}`, versionText(conflict, which));
    await commands.executeCommand('vscode.diff', side('theirs'), side('ours'), `${name}: theirs ↔ ours`);
    const choices = conflict.whole ? ['Compare Base', 'Merge Editor'] : ['Take Ours', 'Take Theirs', 'Compare Base', 'Merge Editor'];
    void window.showInformationMessage(`${name}: ${conflict.why}`, ...choices).then(async chosen => {
      switch (chosen) {
        case 'Take Ours':
          return this.resolve(uri, { take: { [id]: 'ours' } });
        case 'Take Theirs':
          return this.resolve(uri, { take: { [id]: 'theirs' } });
        case 'Compare Base':
          await commands.executeCommand('vscode.diff', side('base'), side('ours'), `${name}: base ↔ ours`);
          return commands.executeCommand('vscode.diff', side('base'), side('theirs'), `${name}: base ↔ theirs`);
        case 'Merge Editor':
          return this.#edit(uri);
        default:
          return undefined;
      }
    });
    return undefined;
  }

  /** Shows the file, to be edited, in the merge editor; as it is then, it is taken. */
  async #edit(at: Uri | undefined): Promise<undefined> {
    const uri = template(at);
    if (uri !== undefined && ((await this.#openMerge(uri)) || (await this.#compare(uri, 'theirs', 'the repository')))) {
      const take = 'Take the File as It Is';
      void window.showInformationMessage('Put together in the file what both have. Then take it as it is, and push.', take).then(chosen => (chosen === take ? this.resolve(uri, { edited: true }) : undefined));
    }
    return undefined;
  }

  /**
   * Shows base, theirs and ours in VS Code's merge editor, whose result is the file. Its command is the one that VS Code's own Git
   * extension calls; editors without it, and files without a base, have the diff editor.
   */
  async #openMerge(uri: Uri): Promise<boolean> {
    const status = await this.#ask(uri, true);
    const { base, theirs } = status?.texts ?? {};
    if (base === undefined || theirs === undefined || !(await commands.getCommands(false)).includes('_open.mergeEditor')) {
      return false;
    }
    const ours = (await workspace.openTextDocument(uri)).getText();
    await commands.executeCommand('_open.mergeEditor', {
      base: this.#versions.put(uri, 'base', base),
      input1: { uri: this.#versions.put(uri, 'theirs', theirs), title: 'Theirs', description: 'what the repository has' },
      input2: { uri: this.#versions.put(uri, 'ours', ours), title: 'Ours', description: 'the file as it was' },
      output: uri,
    });
    return true;
  }

  async #compare(at: Uri | undefined, side: 'head' | 'base' | 'theirs', name: string): Promise<boolean> {
    const uri = template(at);
    const status = uri && (await this.#ask(uri, true));
    const text = status?.texts?.[side];
    if (uri === undefined || text === undefined) {
      void window.showInformationMessage(`Northflank: ${name} has no version of this file.`);
      return false;
    }
    await commands.executeCommand('vscode.diff', this.#versions.put(uri, side, text), uri, `${workspace.asRelativePath(uri)}: ${name} ↔ file`);
    return true;
  }

  async #actions(): Promise<unknown> {
    const uri = template(undefined);
    const status = uri && this.statusOf(uri);
    if (uri === undefined || status === undefined) {
      return undefined;
    }
    const actions: { label: string; command: string }[] = [
      ...(status.state === 'conflict' ? [{ label: '$(warning) Resolve', command: 'resolve' }] : []),
      { label: '$(arrow-down) Pull', command: 'pull' },
      { label: '$(arrow-up) Push', command: 'push' },
      { label: '$(comment) Push with a Message', command: 'pushWithMessage' },
      { label: '$(sync) Ask the Repository', command: 'status' },
      { label: '$(diff) Compare with the Repository', command: 'compareWithRepository' },
    ];
    const chosen = await window.showQuickPick(actions, { title: status.title ?? '', placeHolder: status.links.map(link => `${link.repository} ${link.branch}:${link.path}`)[0] ?? '' });
    return chosen && commands.executeCommand(`northflank.sync.${chosen.command}`, uri);
  }

  #told(status: GitStatus): void {
    const client = this.#client;
    const uri = client === undefined ? Uri.parse(status.uri) : client.protocol2CodeConverter.asUri(status.uri);
    this.#statuses.set(uri.toString(), status);
    this.#tree.refresh();
    this.#mark(window.visibleTextEditors.filter(editor => editor.document.uri.toString() === uri.toString()));
    this.#showBar();
  }

  /** The server tells of documents that are open; of linked files that are not, the view reads itself. */
  #written(uri: Uri): void {
    if (!this.#view.visible || !this.#links.has(uri.fsPath) || this.#statuses.has(uri.toString())) {
      return;
    }
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => void this.#readLinks(true), 1000);
  }

  #forget(document: TextDocument): void {
    if (this.#statuses.delete(document.uri.toString())) {
      this.#tree.refresh();
    }
  }

  #clear(): void {
    this.#client = undefined;
    this.#statuses.clear();
    this.#tree.refresh();
    this.#mark(window.visibleTextEditors);
    this.#showBar();
  }

  #mark(editors: readonly TextEditor[]): void {
    for (const editor of editors) {
      this.#marks.show([editor], this.statusOf(editor.document.uri));
    }
  }

  #showBar(): void {
    const uri = window.activeTextEditor?.document.uri;
    const status = uri && this.statusOf(uri);
    if (!isLinked(status)) {
      this.#bar.hide();
      return;
    }
    this.#bar.text = `$(${status.state === 'conflict' ? 'warning' : 'repo-sync'}) ${status.title?.replace(/^Git: /, '') ?? status.state}`;
    this.#bar.tooltip = status.error ?? status.links.map(link => `${link.name}: ${link.repository} ${link.branch}:${link.path}`).join('\n');
    this.#bar.show();
  }

  /** The templates of the view: those that are open, and the linked ones of the workspace. */
  #templates(): Template[] {
    const list: Template[] = [];
    for (const [key, status] of this.#statuses) {
      if (status.links.length > 0 || (status.head?.changes.length ?? 0) > 0) {
        list.push({ uri: Uri.parse(key), status });
      }
    }
    for (const [file, link] of this.#links) {
      const uri = Uri.file(file);
      if (workspace.getWorkspaceFolder(uri) !== undefined && !this.#statuses.has(uri.toString())) {
        list.push({ uri, link });
      }
    }
    return list.sort((a, b) => a.uri.path.localeCompare(b.uri.path, env.language));
  }

  /** Has nf-run tell of all links, with or without asking the repositories. */
  async #readLinks(offline: boolean): Promise<void> {
    if (!workspace.isTrusted) {
      return;
    }
    const program = await locate('nf-run', this.#context);
    if (program === undefined) {
      return;
    }
    for (const folder of workspace.workspaceFolders ?? []) {
      const text = await new Promise<string>(resolve => {
        execFile(program, ['sync', 'status', '--json', ...(offline ? ['--offline'] : [])], { cwd: folder.uri.fsPath, maxBuffer: 1 << 28 }, (_, printed) => resolve(printed));
      });
      try {
        for (const link of (JSON.parse(text) as { links: LinkStatus[] }).links) {
          this.#links.set(link.file, link);
        }
      } catch {
        // It has said nothing that can be read: nothing is linked that can be shown.
      }
    }
    this.#tree.refresh();
  }
}

/** Commands are called with an address, or with what was clicked in the view. */
function place(at?: Uri | Entry): Uri | undefined {
  return at === undefined || at instanceof Uri ? at : 'template' in at ? at.template.uri : undefined;
}

function isResolution(how: unknown): how is Resolution {
  return typeof how === 'object' && how !== null && ('side' in how || 'take' in how || 'edited' in how);
}

/** The template that a command is about; tells the user where there is none. */
function template(at: Uri | undefined): Uri | undefined {
  const uri = at ?? window.activeTextEditor?.document.uri;
  if (uri?.scheme !== 'file') {
    void window.showInformationMessage('Northflank: open a template first, in a file.');
    return undefined;
  }
  return uri;
}

async function saved(uri: Uri): Promise<boolean> {
  const document = workspace.textDocuments.find(one => one.uri.toString() === uri.toString()) ?? (await workspace.openTextDocument(uri));
  if (document.isDirty && !(await document.save())) {
    void window.showWarningMessage('Northflank: the template could not be saved, so nothing was done.');
    return false;
  }
  return true;
}

async function reveal(uri: Uri, line: number, character: number): Promise<void> {
  const at = new Position(line, character);
  await window.showTextDocument(uri, { selection: new Range(at, at) });
}
