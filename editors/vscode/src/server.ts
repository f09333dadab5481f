// The language server's life: started where the workspace is trusted, restarted on demand, its state shown in the
// language status of JSON files.
import { languages, LanguageStatusSeverity, window, workspace, type Disposable, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { LanguageClient, State } from 'vscode-languageclient/node';
import { locate } from './programs.ts';

/** The files that the server is told of: every JSON file; it finds out by itself which of them are templates. */
export const documents = [
  { scheme: 'file', language: 'json' },
  { scheme: 'file', language: 'jsonc' },
  { scheme: 'untitled', language: 'json' },
];

export class Server implements Disposable {
  readonly log: LogOutputChannel;
  #context: ExtensionContext;
  #client: LanguageClient | undefined;
  #status = languages.createLanguageStatusItem('northflank.server', documents);
  #settingsFiles = workspace.createFileSystemWatcher('**/.northflank/settings.json');
  /** Starts and stops run one after the other, whoever asks for them. */
  #turn: Promise<void> = Promise.resolve();

  constructor(context: ExtensionContext) {
    this.#context = context;
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
