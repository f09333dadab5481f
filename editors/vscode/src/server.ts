// The language server's life: started where the workspace is trusted, restarted on demand, its state shown in the
// language status of JSON files.
import { commands, EventEmitter, languages, LanguageStatusSeverity, Uri, window, workspace, type Disposable, type ExtensionContext, type LogOutputChannel, type TextDocument } from 'vscode';
import { LanguageClient, State, type Location, type Position as LspPosition, type Range as LspRange } from 'vscode-languageclient/node';
import { affecting, Beside, elsewhere } from './beside.ts';
import { locate } from './programs.ts';

/** The files that the server is told of: every JSON file; it finds out by itself which of them are templates. */
export const documents = [
  { scheme: 'file', language: 'northflank' },
  { scheme: 'untitled', language: 'northflank' },
  { scheme: 'file', language: 'json' },
  { scheme: 'file', language: 'jsonc' },
  { scheme: 'untitled', language: 'json' },
];

/** What may stand behind the URI of a command: `until` is the node that a run ends with. */
export interface CommandOptions {
  until?: string;
}

/** What the editor does itself instead of asking the server for it: the server's commands, each with the URI it is about. */
export type Commands = Record<string, (uri: Uri, options: CommandOptions) => unknown>;

/** What the server tells of a document: see docs/lsp.md. */
export interface DescribedDocument {
  template: boolean;
  type?: string;
  version: number;
  nodes: DescribedNode[];
}

export interface DescribedNode {
  /** The node's JSON pointer in the document. */
  path: string;
  kind?: string;
  ref?: string;
  label: string;
  range: LspRange;
  selectionRange: LspRange;
}

export class Server implements Disposable {
  readonly log: LogOutputChannel;
  #context: ExtensionContext;
  #commands: Commands;
  #client: LanguageClient | undefined;
  #status = languages.createLanguageStatusItem('northflank.server', documents);
  #settingsFiles = workspace.createFileSystemWatcher('**/.northflank/settings.json');
  #started = new EventEmitter<void>();
  #beside = new Beside(() => this.#client);
  #elsewhere = '';
  /** The server runs, for the first time or again. */
  readonly onDidStart = this.#started.event;
  /** Starts and stops run one after the other, whoever asks for them. */
  #turn: Promise<void> = Promise.resolve();
  /** What each client is extended by before it starts. */
  readonly extensions: ((client: LanguageClient) => void)[] = [];

  constructor(context: ExtensionContext, own: Commands) {
    this.#context = context;
    this.#commands = own;
    this.log = window.createOutputChannel('Northflank Language Server', { log: true });
    this.#status.name = 'Northflank';
  }

  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#next(() => this.#stop());
  }

  /** Starts the server anew where it would be told something else now of what others do for JSON files. */
  reconsider(affects: (section: string) => boolean): void {
    if (affecting.some(affects) && this.#client !== undefined && JSON.stringify(this.#others()) !== this.#elsewhere) {
      void this.restart();
    }
  }

  /** What a document is and where its nodes stand; undefined where the server does not run or does not know the document. */
  async describe(document: TextDocument): Promise<DescribedDocument | undefined> {
    const client = this.#client;
    if (client === undefined || client.state !== State.Running || languages.match(documents, document) === 0) {
      return undefined;
    }
    try {
      return (await client.sendRequest<DescribedDocument | null>('northflank/document', { textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri) } })) ?? undefined;
    } catch {
      return undefined; // it is stopping
    }
  }

  /** Has the server do one of its commands; rejects with its reason where it cannot. */
  async execute<T>(command: string, ...args: unknown[]): Promise<T> {
    if (this.#client === undefined || this.#client.state !== State.Running) {
      throw new Error('the language server does not run');
    }
    return this.#client.sendRequest<T>('workspace/executeCommand', { command, arguments: args });
  }

  /** The URI as the server knows it. */
  spelled(uri: Uri): string {
    return this.#client?.code2ProtocolConverter.asUri(uri) ?? uri.toString();
  }

  /** Tells the server that a run of this file has ended, so that what it failed with is shown at once. */
  runEnded(uri: Uri): void {
    if (this.#client?.state === State.Running) {
      void this.#client.sendNotification('northflank/runEnded', { uri: this.spelled(uri) });
    }
  }

  #others(): Record<string, string[]> {
    return elsewhere(this.#context.extension.id);
  }

  /** Shows places in a document, given in the protocol's own form. */
  async showReferences(uri: string, position: LspPosition, locations: Location[]): Promise<void> {
    const converter = this.#client?.protocol2CodeConverter;
    if (converter !== undefined) {
      const places = locations.map(location => converter.asLocation(location));
      await commands.executeCommand('editor.action.showReferences', Uri.parse(uri), converter.asPosition(position), places);
    }
  }

  dispose(): void {
    this.#beside.dispose();
    this.#started.dispose();
    this.#status.dispose();
    this.#settingsFiles.dispose();
    this.log.dispose();
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step, step);
    return this.#turn;
  }

  async #start(): Promise<void> {
    if (!workspace.isTrusted) {
      this.#show('off until the workspace is trusted', LanguageStatusSeverity.Information, {
        command: 'workbench.trust.manage',
        title: 'Manage Trust',
      });
      return;
    }
    const command = await locate('nf-lsp', this.#context);
    if (command === undefined) {
      this.#show('nf-lsp was not found', LanguageStatusSeverity.Error, restart);
      return;
    }
    this.log.info(`starting ${command}`);
    const others = this.#others();
    this.#elsewhere = JSON.stringify(others);
    const client = new LanguageClient('northflank', 'Northflank', { command }, {
      documentSelector: documents,
      outputChannel: this.log,
      // Commands that the protocol has no word for.
      initializationOptions: { retriggerCommand: 'editor.action.triggerSuggest', referencesCommand: 'northflank.showReferences', elsewhere: others },
      middleware: {
        ...this.#beside.middleware,
        // A lens says Check, Plan or Run: the same as the palette's, with the document saved and the run in a notification.
        executeCommand: (command, args, next) => {
          const own = this.#commands[command];
          return own ? own(Uri.parse(String(args[0])), (args[1] ?? {}) as CommandOptions) : next(command, args);
        },
      },
      synchronize: {
        configurationSection: 'northflank',
        fileEvents: this.#settingsFiles,
      },
    });
    client.onDidChangeState(({ newState }) => {
      switch (newState) {
        case State.Starting:
          this.#status.busy = true;
          this.#show('starting', LanguageStatusSeverity.Information, restart);
          break;
        case State.Running: {
          this.#status.busy = false;
          const version = client.initializeResult?.serverInfo?.version;
          this.#show(version ? `nf-lsp ${version}` : 'nf-lsp', LanguageStatusSeverity.Information, restart);
          this.#started.fire();
          break;
        }
        case State.Stopped:
          this.#status.busy = false;
          this.#show('stopped', LanguageStatusSeverity.Warning, restart);
      }
    });
    this.extensions.forEach(extend => extend(client));
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      this.#status.busy = false;
      this.#show('could not be started', LanguageStatusSeverity.Error, restart);
      this.log.error(`${command}: ${String(error)}`);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) {
      return;
    }
    try {
      await client.dispose(3000);
    } catch (error) {
      this.log.warn(`the server did not stop in an orderly way: ${String(error)}`);
    }
  }

  #show(text: string, severity: LanguageStatusSeverity, command: { command: string; title: string }): void {
    this.#status.text = `Northflank: ${text}`;
    this.#status.severity = severity;
    this.#status.command = command;
  }
}

const restart = { command: 'northflank.restartServer', title: 'Restart' };
