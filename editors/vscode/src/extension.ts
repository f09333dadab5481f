// The extension's two ends: what VS Code calls when it starts and stops. What it does is done by nf-lsp and nf-run.
import { commands, workspace, type ExtensionContext, type Uri } from 'vscode';
import { Runs } from './runs.ts';
import { Server } from './server.ts';

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const runs = new Runs(context);
  const started = (server = new Server(context, {
    'nf.check': uri => runs.check(uri),
    'nf.plan': uri => runs.plan(uri),
    'nf.run': (uri, { until }) => runs.run(uri, until),
  }));
  context.subscriptions.push(
    started,
    runs,
    commands.registerCommand('northflank.runTemplate', (uri?: Uri) => runs.run(uri)),
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
