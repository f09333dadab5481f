// The two programs as this window would start them: settings and trust included.
import { window, workspace, commands, type ExtensionContext, type Uri } from 'vscode';
import { find, type Found, type Program } from './binaries.ts';

const settings: Record<Program, string> = { 'nf-lsp': 'server.path', 'nf-run': 'runner.path' };

/** Says where a program lies, or tells the user why there is none, unless quietly, and answers undefined. */
export async function locate(program: Program, context: ExtensionContext, scope?: Uri, quietly = false): Promise<string | undefined> {
  const setting = settings[program];
  const found: Found = find(program, `northflank.${setting}`, {
    configured: workspace.getConfiguration('northflank', scope).get<string>(setting, ''),
    extensionFolder: context.extensionPath,
    path: process.env.PATH ?? '',
    platform: process.platform,
  });
  if ('path' in found) {
    return found.path;
  }
  if (quietly) {
    return undefined;
  }
  const open = 'Open Settings';
  void window.showErrorMessage(found.missing, open).then(chosen => {
    if (chosen === open) {
      void commands.executeCommand('workbench.action.openSettings', `northflank.${setting}`);
    }
  });
  return undefined;
}
