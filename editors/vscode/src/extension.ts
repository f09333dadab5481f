// The extension's two ends: what VS Code calls when it starts and stops. What it does is done by nf-lsp and nf-run.
import { commands, Uri, workspace, type ExtensionContext } from 'vscode';
import { GitOps } from './gitops.ts';
import { GraphView } from './graph.ts';
import { Gutter } from './gutter.ts';
import { Detection, newTemplate } from './language.ts';
import { PlanView } from './plan.ts';
import { Runner } from './runner.ts';
import { Runs } from './runs.ts';
import { RunsView, type ViewedNode } from './runsView.ts';
import { Saves } from './saves.ts';
import { Server } from './server.ts';
import { RunStore, type KnownRun } from './store.ts';
import { Tasks } from './tasks.ts';

/** What other extensions and the tests are told. */
export interface Activation {
  /** How long activating took, in milliseconds, without loading. */
  activationTime: number;
}

let server: Server | undefined;

export function activate(context: ExtensionContext): Activation {
  const begun = performance.now();
  const runner = new Runner(context);
  const store = new RunStore(runner);
  const plans = new PlanView(context, runner, () => started);
  const gitops = new GitOps(context);
  const started: Server = (server = new Server(context, {
    'nf.check': uri => runs.check(uri),
    'nf.plan': uri => runs.plan(uri),
    'nf.run': (uri, { until }) => runs.run(uri, until),
    ...gitops.own,
  }));
  const runs = new Runs(runner, store, started, plans);
  const saves = new Saves(gitops, uri => runs.run(uri));
  runner.saving = uri => saves.expect(uri);
  started.extensions.push(client => gitops.extend(client));
  const view = new RunsView(store, started);
  const graph = new GraphView(context, started, store);
  const own: Record<string, (...args: never[]) => unknown> = {
    runTemplate: (uri?: Uri) => runs.run(uri),
    runUpToHere: () => runs.runUpToHere(),
    planTemplate: (uri?: Uri) => runs.plan(uri),
    checkTemplate: (uri?: Uri) => runs.check(uri),
    showGraph: (uri?: Uri) => graph.show(uri),
    newTemplate: () => newTemplate(),
    selectTarget: () => runs.selectTarget(),
    refreshRuns: () => store.refresh(),
    stopRun: (run: KnownRun) => runs.stop(run),
    retryRun: (run: KnownRun) => runs.goOn(run, 'retry'),
    resumeRun: (run: KnownRun) => runs.goOn(run, 'resume'),
    approveNode: ({ run, node }: ViewedNode) => runs.decide(run, node.path, `${node.label} waits for an approval.`),
    openResponse: (viewed: ViewedNode) => view.openResponse(viewed),
    revealNode: (viewed: ViewedNode) => view.reveal(viewed),
    restartServer: () => started.restart(),
    showReferences: started.showReferences.bind(started),
    showServerLog: () => started.log.show(),
    showRunLog: () => runner.log.show(),
  };
  context.subscriptions.push(
    started, runner, store, plans, runs, view, graph, gitops, saves,
    new Detection(context, started),
    new Gutter(context, store, started),
    new Tasks(context),
    store.onDidEnd(run => run.head.file !== undefined && started.runEnded(Uri.file(run.head.file))),
    ...Object.entries(own).map(([name, does]) => commands.registerCommand(`northflank.${name}`, does)),
    workspace.onDidGrantWorkspaceTrust(() => started.start()),
    workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('northflank.server.path')) {
        void started.restart();
      }
      started.reconsider(section => change.affectsConfiguration(section));
    }),
  );
  // Not awaited: the editor need not wait for the server before it takes the extension for started.
  void started.start();
  return { activationTime: performance.now() - begun };
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
