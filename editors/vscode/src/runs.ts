// Running, planning and checking, and what can be done with a run. A run is detached, and what is shown is read from its
// journal: closing the window ends the watching, never the run.
import { commands, languages, ProgressLocation, window, workspace, type Disposable, type TextDocument, type Uri } from 'vscode';
import { askForMissing, type Given } from './arguments.ts';
import { EventReader, Progress, stateOf, startedRun, type RunEvent } from './events.ts';
import type { PlanView } from './plan.ts';
import type { Runner, Template } from './runner.ts';
import { documents, type DescribedNode, type Server } from './server.ts';
import type { KnownRun, RunStore } from './store.ts';

/** What the run command answers, for key bindings, tasks and other extensions. */
export interface RunSummary {
  id: string;
  status: string;
  steps: { path: string; title: string; states: string[] }[];
}

export class Runs implements Disposable {
  #runner: Runner;
  #store: RunStore;
  #server: Server;
  #plans: PlanView;
  #asking: Disposable;
  /** Where a run would take place, in the language status. */
  #target = languages.createLanguageStatusItem('northflank.target', documents);
  #settings: Disposable;

  constructor(runner: Runner, store: RunStore, server: Server, plans: PlanView) {
    this.#runner = runner;
    this.#store = store;
    this.#server = server;
    this.#plans = plans;
    this.#target.name = 'Northflank Target';
    this.#target.command = { command: 'northflank.selectTarget', title: 'Select Target' };
    this.#showTarget();
    this.#settings = workspace.onDidChangeConfiguration(change => change.affectsConfiguration('northflank.run.target') && this.#showTarget());
    this.#asking = store.onDidAsk(({ run, node, text }) => void this.decide(run, node, text));
  }

  dispose(): void {
    this.#asking.dispose();
    this.#settings.dispose();
    this.#target.dispose();
  }

  /** Runs the template of the active editor, or of `uri`, all of it or up to a node, and follows it to its end. */
  async run(uri?: Uri, until?: string): Promise<RunSummary | undefined> {
    const template = await this.#runner.template(uri);
    if (template === undefined || !(await this.#confirm(template, until))) {
      return undefined;
    }
    const given = await askForMissing(this.#runner, template);
    if (given === undefined) {
      return undefined;
    }
    const started = await this.#start(template, until, given).finally(() => given.remove());
    return started === undefined ? undefined : this.#follow(template.file, started);
  }

  /** Runs what the node at the cursor needs, and that node. */
  async runUpToHere(): Promise<RunSummary | undefined> {
    const editor = window.activeTextEditor;
    const node = editor && (await nodeAt(this.#server, editor.document, editor.selection.active.line, editor.selection.active.character));
    if (editor === undefined || node === undefined) {
      void window.showInformationMessage('Northflank: put the cursor into a node of a template first.');
      return undefined;
    }
    return this.run(editor.document.uri, node.path);
  }

  /** Shows what a run would do. Answers nf-run's exit code. */
  async plan(uri?: Uri): Promise<number | undefined> {
    const template = await this.#runner.template(uri);
    const given = template && (await askForMissing(this.#runner, template));
    if (template === undefined || given === undefined) {
      return undefined;
    }
    return this.#plans.show(template, given).finally(() => given.remove());
  }

  /** Shows what the analysis finds; the same findings stand in the editor. */
  async check(uri?: Uri): Promise<number | undefined> {
    const template = await this.#runner.template(uri);
    if (template === undefined) {
      return undefined;
    }
    const { log } = this.#runner;
    log.appendLine(`nf-run check ${template.file}`);
    const ended = await this.#runner.run(['check', template.file], template.file, text => log.append(text));
    if (ended.stderr !== '') {
      log.appendLine(ended.stderr.trimEnd());
    }
    log.show(true);
    return ended.code ?? undefined;
  }

  /** Goes on with a run that has failed or was aborted (`retry`), or whose process is gone (`resume`). */
  async goOn(run: KnownRun, how: 'retry' | 'resume'): Promise<RunSummary | undefined> {
    const { id, file, target } = run.head;
    if (!this.#runner.mayRun() || !(await confirmHosted(target, `${how === 'retry' ? 'Retry' : 'Resume'} the run ${id}`))) {
      return undefined;
    }
    // The process goes on with the run itself: that it has begun shows in its first event.
    let begin = (_begun: boolean) => {};
    const begun = new Promise<boolean>(resolve => (begin = resolve));
    const reader = new EventReader(() => begin(true), () => {}, () => begin(true));
    const process = this.#runner.run([how, id, '--json', '--wait=yes'], file, text => reader.push(text), { lasting: true });
    void process.then(() => begin(false));
    if (!(await begun)) {
      this.#runner.tellFailure(`the run ${id} does not go on`, await process);
      return undefined;
    }
    return this.#follow(file, id);
  }

  /** Asks for the orderly end of a run. */
  async stop(run: KnownRun): Promise<void> {
    const ended = await this.#runner.run(['abort', run.head.id], run.head.file, () => {});
    if (ended.code !== 0 && !run.progress?.concluded) {
      this.#runner.tellFailure(`run ${run.head.id} could not be stopped`, ended);
    }
    void this.#store.refresh();
  }

  /** Asks the user about a node that waits for people. Who closes the question decides later, in a terminal or here. */
  async decide(run: KnownRun, node: string, text: string): Promise<void> {
    const answer = await window.showInformationMessage(`Northflank: ${text}`, 'Approve', 'Refuse');
    if (answer === undefined) {
      return;
    }
    let reason: string | undefined;
    if (answer === 'Refuse' && (reason = await window.showInputBox({ title: 'Northflank: why is it refused?', prompt: 'The history says so; may be empty.' })) === undefined) {
      return;
    }
    try {
      await this.#server.execute('nf.approve', run.head.id, { node, reject: answer === 'Refuse', ...(reason ? { reason } : {}) });
      void this.#store.refresh();
    } catch (error) {
      void window.showErrorMessage(`Northflank: run ${run.head.id} took no decision: ${(error as Error).message}`);
    }
  }

  /** Chooses where templates are planned and run. */
  async selectTarget(): Promise<void> {
    const settings = workspace.getConfiguration('northflank');
    const now = settings.get<string>('run.target', 'local');
    const own = { label: 'northflank/…', description: 'the hosted platform, in the scope of a team' };
    const chosen = await window.showQuickPick(
      [
        { label: 'local', description: 'the platform that is built into nf-run: nothing leaves this machine' },
        { label: 'northflank', description: 'the hosted platform: real resources, real costs' },
        own,
      ].map(item => ({ ...item, picked: item.label === now })),
      { title: 'Northflank: where are templates planned and run?', placeHolder: `now: ${now}` },
    );
    if (chosen === undefined) {
      return;
    }
    const target = chosen.label === own.label ? await window.showInputBox({ title: 'Northflank: team', prompt: 'The name of the team.' }).then(team => team && `northflank/${team}`) : chosen.label;
    if (target) {
      await settings.update('run.target', target, workspace.workspaceFolders === undefined);
    }
  }

  #showTarget(): void {
    this.#target.text = `Northflank target: ${workspace.getConfiguration('northflank').get<string>('run.target', 'local')}`;
  }

  async #confirm({ target, uri }: Template, until: string | undefined): Promise<boolean> {
    return confirmHosted(target, `Run ${workspace.asRelativePath(uri)}${until === undefined ? '' : ` up to ${until}`}`);
  }

  /** Starts a detached run and answers its id. */
  async #start({ file, target }: Template, until: string | undefined, given: Given): Promise<string | undefined> {
    const args = ['run', file, '--target', target, '--detach', '--json', ...(until === undefined ? [] : [`--until=${until}`]), ...given.flags];
    let answer = '';
    const ended = await this.#runner.run(args, file, text => (answer += text));
    const id = startedRun(answer);
    if (id !== undefined && ended.code === 0) {
      return id;
    }
    this.#runner.tellFailure('the run was not started', ended);
    return undefined;
  }

  async #follow(file: string | undefined, id: string): Promise<RunSummary> {
    const name = file === undefined ? id : workspace.asRelativePath(file);
    const progress = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Northflank: ${name}`, cancellable: true },
      async (report, token) => {
        let shown = 0;
        token.onCancellationRequested(() => {
          report.report({ message: 'stopping' });
          const run = this.#store.get(id);
          void (run && this.stop(run));
        });
        const listening = this.#store.listen(id, (event, progress) => {
          const step = event.node && progress.steps.get(event.node.path);
          if (step === undefined || !isChange(event)) {
            return;
          }
          const state = stateOf(step);
          this.#runner.log.appendLine(`${id}  ${state.padEnd(8)}  ${step.title}${step.remark ? `: ${step.remark}` : ''}`);
          const percent = (100 * progress.done) / progress.total;
          report.report({ message: `${progress.done} of ${progress.total} · ${step.title}: ${state}`, increment: Math.max(0, percent - shown) });
          shown = Math.max(shown, percent);
        });
        return this.#store.follow(id, file).finally(() => listening.dispose());
      },
    );
    this.#tellEnd(name, id, progress);
    return { id, status: progress.status, steps: [...progress.steps.values()].map(({ path, title, states }) => ({ path, title, states })) };
  }

  #tellEnd(name: string, id: string, progress: Progress): void {
    const { log } = this.#runner;
    log.appendLine(`${id}  ${progress.status}`);
    const show = 'Show Log';
    const retry = 'Retry';
    const failed = progress.failures().map(step => (step.remark ? `${step.title}: ${step.remark}` : step.title));
    const why = failed.join('; ') || progress.reason;
    const told =
      progress.status === 'success'
        ? window.showInformationMessage(`${name}: all ${progress.total} nodes are done.`, show)
        : progress.status === 'failure'
          ? window.showErrorMessage(`${name}: the run failed. ${why}`, retry, show)
          : progress.concluded
            ? window.showWarningMessage(`${name}: the run ended: ${progress.status}. ${why}`, show)
            : window.showWarningMessage(`Northflank: run ${id} is no longer watched, though it may go on (nf-run show ${id}).`, show);
    void told.then(chosen => {
      const run = this.#store.get(id);
      if (chosen === show) {
        log.show(true);
      } else if (chosen === retry && run !== undefined) {
        void commands.executeCommand('northflank.retryRun', run);
      }
    });
  }
}

const isChange = (event: RunEvent) => event.type === 'node.state' || event.type === 'node.attempt';

/** Nothing is made on the hosted platform that the user has not said yes to. */
async function confirmHosted(target: string, what: string): Promise<boolean> {
  if (!target.startsWith('northflank')) {
    return true;
  }
  const yes = 'Run There';
  return (await window.showWarningMessage(`${what} on the hosted platform (${target})?`, { modal: true, detail: 'It makes and changes real resources, which cost money.' }, yes)) === yes;
}

/** The innermost node of a template around a place. */
export async function nodeAt(server: Server, document: TextDocument, line: number, character: number): Promise<DescribedNode | undefined> {
  const described = await server.describe(document);
  const before = (a: { line: number; character: number }, b: { line: number; character: number }) => a.line < b.line || (a.line === b.line && a.character <= b.character);
  return described?.nodes.filter(({ range }) => before(range.start, { line, character }) && before({ line, character }, range.end)).at(-1);
}
