// The extension's two ends: what VS Code calls when it starts and stops. What it does is done by nf-lsp and nf-run.
import { commands, workspace, type ExtensionContext, type Uri } from 'vscode';
import { GitOps } from './gitops.ts';
import { Runs } from './runs.ts';
import { Saves } from './saves.ts';
import { Server } from './server.ts';

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const runs = new Runs(context);
  const gitops = new GitOps(context);
  const saves = new Saves(gitops, uri => runs.run(uri));
  const run = (uri?: Uri, until?: string) => {
    saves.expect(uri);
    return runs.run(uri, until);
  };
  const started = (server = new Server(context, {
    'nf.check': uri => runs.check(uri),
    'nf.plan': uri => runs.plan(uri),
    'nf.run': (uri, { until }) => run(uri, until),
    ...gitops.own,
  }));
  started.extensions.push(client => gitops.extend(client));
  context.subscriptions.push(
    started,
    runs,
    gitops,
    saves,
    commands.registerCommand('northflank.runTemplate', (uri?: Uri) => run(uri)),
    commands.registerCommand('northflank.planTemplate', (uri?: Uri) => runs.plan(uri)),
    commands.registerCommand('northflank.checkTemplate', (uri?: Uri) => runs.check(uri)),
    commands.registerCommand('northflank.restartServer', () => started.restart()),
    commands.registerCommand('northflank.showReferences', started.showReferences.bind(started)),
    commands.registerCommand('northflank.showServerLog', () => started.log.show()),
    commands.registerCommand('northflank.showRunLog', () => runs.log.show()),
    workspace.onDidGrantWorkspaceTrust(() => started.start()),
    workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('northflank.server.path')) {
        void started.restart();
      }
    }),
  );
  // Not awaited: the editor need not wait for the server before it takes the extension for started.
  void started.start();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
