// Runs, plans and checks: each is an nf-run of its own. A run is detached, and what is shown is read from its journal:
// closing the window ends the watching, never the run.
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { ProgressLocation, window, workspace, type CancellationToken, type Disposable, type ExtensionContext, type OutputChannel, type Progress as Report, type Uri } from 'vscode';
import { EventReader, Progress, question, startedRun } from './events.ts';
import { locate } from './programs.ts';

/** What the run command answers, for key bindings, tasks and other extensions. */
export interface RunSummary {
  id: string;
  status: string;
  steps: { path: string; title: string; states: string[] }[];
}

interface Ended {
  code: number | null;
  stderr: string;
}

export class Runs implements Disposable {
  readonly log: OutputChannel;
  #context: ExtensionContext;
  #children = new Set<ChildProcess>();

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.log = window.createOutputChannel('Northflank Runs');
  }

  /** Stops watching; the runs themselves go on. */
  dispose(): void {
    this.#children.forEach(child => child.kill());
    this.log.dispose();
  }

  /** Runs the template of the active editor, or of `uri`, all of it or up to a node, and follows it to its end. */
  async run(uri?: Uri, until?: string): Promise<RunSummary | undefined> {
    const template = await this.#template(uri);
    if (template === undefined) {
      return undefined;
    }
    const { file, program, target } = template;
    const name = workspace.asRelativePath(file);
    const started = await this.#start(program, file, target, until);
    if (started === undefined) {
      return undefined;
    }
    const progress = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Northflank: ${name}`, cancellable: true },
      (report, token) => this.#follow(program, file, started, report, token),
    );
    this.#tellEnd(name, started, progress);
    return {
      id: started,
      status: progress.status,
      steps: [...progress.steps.values()].map(({ path, title, states }) => ({ path, title, states })),
    };
  }

  /** Shows what a run would do. */
  async plan(uri?: Uri): Promise<number | undefined> {
    const template = await this.#template(uri);
    return template && this.#print(template.program, ['plan', template.file, '--target', template.target], template.file);
  }

  /** Shows what the analysis finds; the same findings stand in the editor. */
  async check(uri?: Uri): Promise<number | undefined> {
    const template = await this.#template(uri);
    return template && this.#print(template.program, ['check', template.file], template.file);
  }

  /** The template that a command is about, saved, and the program that takes it; undefined once the user was told why not. */
  async #template(uri?: Uri): Promise<{ file: string; program: string; target: string } | undefined> {
    if (!workspace.isTrusted) {
      void window.showWarningMessage('Northflank: nothing is run in a workspace that is not trusted.');
      return undefined;
    }
    const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
    if (document === undefined || !['json', 'jsonc'].includes(document.languageId)) {
      void window.showInformationMessage('Northflank: open a template (a JSON file) first.');
      return undefined;
    }
    if (document.uri.scheme !== 'file') {
      void window.showInformationMessage('Northflank: save the template to a file first.');
      return undefined;
    }
    if (document.isDirty && !(await document.save())) {
      void window.showWarningMessage('Northflank: the template could not be saved, so nothing was started.');
      return undefined;
    }
    const program = await locate('nf-run', this.#context, document.uri);
    if (program === undefined) {
      return undefined;
    }
    const target = workspace.getConfiguration('northflank', document.uri).get<string>('run.target', 'local');
    return { file: document.uri.fsPath, program, target };
  }

  /** Starts a detached run and answers its id. */
  async #start(program: string, file: string, target: string, until?: string): Promise<string | undefined> {
    const args = ['run', file, '--target', target, '--detach', '--json', ...(until === undefined ? [] : [`--until=${until}`])];
    let answer = '';
    const ended = await this.#spawn(program, args, file, text => (answer += text));
    const id = startedRun(answer);
    if (id !== undefined && ended.code === 0) {
      return id;
    }
    this.#tellFailure('the run was not started', ended);
    return undefined;
  }

  /** Asks the user about a node that waits for people. Who closes the question decides later, in a terminal or here. */
  async #decide(program: string, file: string, id: string, { node, text }: { node: string; text: string }): Promise<void> {
    const answer = await window.showInformationMessage(`Northflank: ${text}`, 'Approve', 'Reject');
    if (answer === undefined) {
      return;
    }
    const reject = answer === 'Reject' ? ['--reject'] : [];
    const ended = await this.#spawn(program, ['approve', '--detach', ...reject, '--', id, node], file, () => {});
    if (ended.code !== 0) {
      this.#tellFailure(`run ${id} took no decision`, ended);
    }
  }

  async #follow(
    program: string,
    file: string,
    id: string,
    report: Report<{ message?: string; increment?: number }>,
    token: CancellationToken,
  ): Promise<Progress> {
    const progress = new Progress();
    let shown = 0;
    token.onCancellationRequested(() => {
      report.report({ message: 'stopping' });
      void this.#spawn(program, ['abort', id], file, () => {}).then(ended => {
        if (ended.code !== 0 && !progress.concluded) {
          this.#tellFailure(`run ${id} could not be stopped`, ended);
        }
      });
    });
    const reader = new EventReader(
      event => {
        const asked = question(event);
        if (asked !== undefined) {
          void this.#decide(program, file, id, asked);
        }
        const step = progress.apply(event);
        if (step === undefined) {
          return;
        }
        const state = step.states.at(-1) ?? '';
        this.log.appendLine(`${id}  ${state.padEnd(8)}  ${step.title}${step.remark ? `: ${step.remark}` : ''}`);
        const percent = (100 * progress.done) / progress.total;
        report.report({
          message: `${progress.done} of ${progress.total} · ${step.title}: ${state}`,
          increment: Math.max(0, percent - shown),
        });
        shown = Math.max(shown, percent);
      },
      line => this.log.appendLine(line),
    );
    const ended = await this.#spawn(program, ['show', id, '--follow', '--json'], file, text => reader.push(text));
    reader.end();
    if (!progress.concluded) {
      this.#tellFailure(`run ${id} is no longer watched, though it may go on (nf-run show ${id})`, ended);
    }
    return progress;
  }

  #tellEnd(name: string, id: string, progress: Progress): void {
    this.log.appendLine(`${id}  ${progress.status}`);
    const show = 'Show Log';
    const failed = progress.failures().map(step => (step.remark ? `${step.title}: ${step.remark}` : step.title));
    const why = failed.join('; ') || progress.reason;
    const told =
      progress.status === 'success'
        ? window.showInformationMessage(`${name}: all ${progress.total} nodes are done.`, show)
        : progress.status === 'failure'
          ? window.showErrorMessage(`${name}: the run failed. ${why}`, show)
          : progress.concluded
            ? window.showWarningMessage(`${name}: the run ended: ${progress.status}. ${why}`, show)
            : undefined;
    void told?.then(chosen => {
      if (chosen === show) {
        this.log.show(true);
      }
    });
  }

  #tellFailure(what: string, ended: Ended): void {
    const reason = ended.stderr.trim().split('\n').at(-1) ?? '';
    this.log.appendLine(`${what} (exit ${ended.code})\n${ended.stderr.trim()}`);
    void window.showErrorMessage(`Northflank: ${what}${reason ? `: ${reason}` : '.'}`);
  }

  /** Runs a command for its text and shows it. */
  async #print(program: string, args: string[], file: string): Promise<number | undefined> {
    this.log.appendLine(`nf-run ${args.join(' ')}`);
    const ended = await this.#spawn(program, args, file, text => this.log.append(text));
    if (ended.stderr !== '') {
      this.log.appendLine(ended.stderr.trimEnd());
    }
    this.log.show(true);
    return ended.code ?? undefined;
  }

  /** Starts nf-run beside the template and reads its output to the end. Never rejects: what went wrong is in `stderr`. */
  #spawn(program: string, args: string[], file: string, output: (text: string) => void): Promise<Ended> {
    return new Promise(resolve => {
      const child = spawn(program, args, { cwd: dirname(file), stdio: ['ignore', 'pipe', 'pipe'] });
      this.#children.add(child);
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', output);
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
      child.on('error', error => {
        this.#children.delete(child);
        resolve({ code: null, stderr: `${stderr}${error.message}` });
      });
      child.on('close', code => {
        this.#children.delete(child);
        resolve({ code, stderr });
      });
    });
  }
}
