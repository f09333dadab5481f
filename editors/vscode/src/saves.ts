// What follows a save, where the user has switched it on: a run, a push.
import { DiagnosticSeverity, languages, workspace, window, type Disposable, type TextDocument, type Uri } from 'vscode';
import type { GitOps } from './gitops.ts';
import { isLinked } from './gitStatus.ts';

export class Saves implements Disposable {
  #gitops: GitOps;
  #run: (uri: Uri) => unknown;
  #expected = new Set<string>();
  #subscription: Disposable;

  constructor(gitops: GitOps, run: (uri: Uri) => unknown) {
    this.#gitops = gitops;
    this.#run = run;
    this.#subscription = workspace.onDidSaveTextDocument(document => this.#saved(document));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  /** Says that a command is about to save this document: that save starts nothing more. */
  expect(uri: Uri): void {
    this.#expected.add(uri.toString());
  }

  #saved(document: TextDocument): void {
    if (this.#expected.delete(document.uri.toString()) || !workspace.isTrusted || document.uri.scheme !== 'file') {
      return;
    }
    const settings = workspace.getConfiguration('northflank', document.uri);
    const status = this.#gitops.statusOf(document.uri);
    const runs = settings.get<boolean>('runOnSave', false) && (status !== undefined || document.languageId === 'northflank');
    const pushes = settings.get<boolean>('sync.pushOnSave', false) && isLinked(status);
    if (!runs && !pushes) {
      return;
    }
    if (languages.getDiagnostics(document.uri).some(one => one.severity === DiagnosticSeverity.Error)) {
      window.setStatusBarMessage('$(error) Northflank: saved with errors, so nothing was started', 5000);
      return;
    }
    if (pushes) {
      void this.#gitops.push(document.uri);
    }
    if (runs) {
      this.#run(document.uri);
    }
  }
}
