// The language server's life: started where the workspace is trusted, restarted on demand, its state shown in the
// language status of JSON files.
import { commands, languages, LanguageStatusSeverity, Uri, window, workspace, type Disposable, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { LanguageClient, State, type Location, type Position as LspPosition } from 'vscode-languageclient/node';
import { locate } from './programs.ts';

/** The files that the server is told of: every JSON file; it finds out by itself which of them are templates. */
export const documents = [
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

export class Server implements Disposable {
  readonly log: LogOutputChannel;
  #context: ExtensionContext;
  #commands: Commands;
  #client: LanguageClient | undefined;
  #status = languages.createLanguageStatusItem('northflank.server', documents);
  #settingsFiles = workspace.createFileSystemWatcher('**/.northflank/settings.json');
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

  /** Shows places in a document, given in the protocol's own form. */
  async showReferences(uri: string, position: LspPosition, locations: Location[]): Promise<void> {
    const converter = this.#client?.protocol2CodeConverter;
    if (converter !== undefined) {
      const places = locations.map(location => converter.asLocation(location));
      await commands.executeCommand('editor.action.showReferences', Uri.parse(uri), converter.asPosition(position), places);
    }
  }

  dispose(): void {
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
    const client = new LanguageClient('northflank', 'Northflank', { command }, {
      documentSelector: documents,
      outputChannel: this.log,
      // Commands that the protocol has no word for.
      initializationOptions: { retriggerCommand: 'editor.action.triggerSuggest', referencesCommand: 'northflank.showReferences' },
      middleware: {
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
