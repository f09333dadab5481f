// The runs that this window knows: those of the history whose templates lie in the workspace, and those that were started
// here. Runs that go on are followed, whoever has started them.
import { relative } from 'node:path';
import { EventEmitter, Uri, window, workspace, type Disposable } from 'vscode';
import { EventReader, goesOn, newerEvents, Progress, question, type RunEvent, type RunHead, type ShownRun } from './events.ts';
import type { Runner } from './runner.ts';

export interface KnownRun {
  head: RunHead;
  /** What is known of its nodes; undefined until somebody wants to see them. */
  progress: Progress | undefined;
}

export class RunStore implements Disposable {
  #runner: Runner;
  #runs = new Map<string, KnownRun>();
  /** Runs that are followed, with their end. */
  #followed = new Map<string, Promise<Progress>>();
  #listeners = new Map<string, Set<(event: RunEvent, progress: Progress) => void>>();
  #changed = new EventEmitter<KnownRun | undefined>();
  #ended = new EventEmitter<KnownRun>();
  #asked = new EventEmitter<{ run: KnownRun; node: string; text: string }>();
  #refreshing: Promise<void> | undefined;
  #toldNewer = false;

  /** A run has changed, or the list of them. */
  readonly onDidChange = this.#changed.event;
  /** A run that was followed has ended. */
  readonly onDidEnd = this.#ended.event;
  /** A node begins to wait for people. */
  readonly onDidAsk = this.#asked.event;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  dispose(): void {
    this.#changed.dispose();
    this.#ended.dispose();
    this.#asked.dispose();
  }

  /** Newest first. */
  get runs(): KnownRun[] {
    return [...this.#runs.values()].sort((a, b) => Date.parse(b.head.createdAt) - Date.parse(a.head.createdAt));
  }

  get(id: string): KnownRun | undefined {
    return this.#runs.get(id);
  }

  newestOf(uri: Uri): KnownRun | undefined {
    return this.runs.find(run => run.head.file === uri.fsPath);
  }

  /** Reads the list of runs anew, and follows those that go on. */
  refresh(): Promise<void> {
    return (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined)));
  }

  async #refresh(): Promise<void> {
    const { answer } = await this.#runner.json<RunHead[]>(['runs', '--json'], undefined, { quietly: true });
    if (!Array.isArray(answer)) {
      return;
    }
    const before = JSON.stringify(this.runs.map(run => run.head));
    const known = new Map<string, KnownRun>();
    for (const head of answer) {
      const old = this.#runs.get(head.id);
      if (old === undefined && !isHere(head.file)) {
        continue;
      }
      const run = old ?? { head, progress: undefined };
      if (!this.#followed.has(head.id)) {
        if (run.head.status !== head.status) {
          run.progress = undefined; // somebody has gone on with it
        }
        run.head = head;
      }
      known.set(head.id, run);
    }
    for (const [id, run] of this.#runs) {
      if (this.#followed.has(id)) {
        known.set(id, run); // not in the history yet
      }
    }
    this.#runs = known;
    for (const run of known.values()) {
      if (goesOn(run.head.status) && !run.head.interrupted) {
        void this.follow(run.head.id, run.head.file);
      }
    }
    if (JSON.stringify(this.runs.map(run => run.head)) !== before) {
      this.#changed.fire(undefined);
    }
  }

  /** What is known of a run's nodes, read from the history where nothing is. */
  async load(run: KnownRun): Promise<Progress | undefined> {
    if (run.progress === undefined) {
      const shown = await this.show(run.head.id, run.head.file);
      run.progress ??= shown && Progress.of(shown);
    }
    return run.progress;
  }

  /** A run with everything that its journal says, secrets masked. */
  async show(id: string, file?: string): Promise<ShownRun | undefined> {
    return (await this.#runner.json<ShownRun>(['show', id, '--json'], file, { quietly: true })).answer;
  }

  /** Calls back for what happens in a run from now on. */
  listen(id: string, listener: (event: RunEvent, progress: Progress) => void): Disposable {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return { dispose: () => listeners.delete(listener) };
  }

  /** Follows a run to its end, once, however many want to know. */
  follow(id: string, file: string | undefined): Promise<Progress> {
    const followed = this.#followed.get(id) ?? this.#follow(id, file).finally(() => this.#followed.delete(id));
    this.#followed.set(id, followed);
    return followed;
  }

  async #follow(id: string, file: string | undefined): Promise<Progress> {
    const progress = new Progress();
    const run = this.#runs.get(id) ?? {
      head: { id, template: '', target: '', status: 'pending', createdAt: new Date().toISOString(), ...(file === undefined ? {} : { file }) },
      progress,
    };
    run.progress = progress;
    if (!this.#runs.has(id)) {
      this.#runs.set(id, run);
      this.#changed.fire(undefined); // a tree takes no news of what it does not show yet
    }
    let due: NodeJS.Timeout | undefined;
    const tell = () => {
      due = undefined;
      this.#changed.fire(run);
    };
    const reader = new EventReader(
      event => {
        progress.apply(event);
        if (event.type === 'run.created') {
          const { at, template, file, target } = event as RunEvent & Partial<RunHead>;
          run.head = { ...run.head, createdAt: at ?? run.head.createdAt, template: template ?? run.head.template, target: target ?? run.head.target, ...(file === undefined ? {} : { file }) };
        }
        const asked = question(event);
        if (asked !== undefined) {
          this.#asked.fire({ run, ...asked });
        }
        run.head = { ...run.head, status: progress.status };
        this.#listeners.get(id)?.forEach(listener => listener(event, progress));
        // A run of many nodes changes faster than anybody can see.
        due ??= setTimeout(tell, 80);
      },
      line => this.#runner.log.appendLine(line),
      version => this.#tellNewer(version),
    );
    const ended = await this.#runner.run(['show', id, '--follow', '--json'], file, text => reader.push(text));
    reader.end();
    clearTimeout(due);
    this.#listeners.delete(id);
    if (progress.concluded) {
      run.head = { ...run.head, ...(progress.endedAt === undefined ? {} : { concludedAt: new Date(progress.endedAt).toISOString() }) };
      this.#ended.fire(run);
    } else {
      this.#runner.log.appendLine(`run ${id} is no longer watched, though it may go on (nf-run show ${id})\n${ended.stderr.trim()}`);
    }
    this.#changed.fire(run);
    return progress;
  }

  /** Says once that nf-run is newer than the extension can read. */
  #tellNewer(version: number): void {
    if (!this.#toldNewer) {
      this.#toldNewer = true;
      void window.showWarningMessage(`Northflank: ${newerEvents(version)}`);
    }
  }
}

function isHere(file: string | undefined): boolean {
  return file !== undefined && (workspace.workspaceFolders ?? []).some(folder => !relative(folder.uri.fsPath, file).startsWith('..'));
}
