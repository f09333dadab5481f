// nf-run, as this window starts it: where it lies, beside which template, and what came of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { window, workspace, type Disposable, type ExtensionContext, type OutputChannel, type TextDocument, type Uri } from 'vscode';
import { locate } from './programs.ts';

export interface Ended {
  code: number | null;
  stderr: string;
}

/** A template that a command is about, and where it is to run. */
export interface Template {
  uri: Uri;
  file: string;
  target: string;
}

export class Runner implements Disposable {
  readonly log: OutputChannel;
  #context: ExtensionContext;
  #children = new Set<ChildProcess>();
  /** Told before a command saves a template: what follows saves is not to follow that one. */
  saving: (uri: Uri) => void = () => {};

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.log = window.createOutputChannel('Northflank Runs');
  }

  /** Ends what only watches; runs are processes of their own and go on. */
  dispose(): void {
    this.#children.forEach(child => child.kill());
    this.log.dispose();
  }

  /** The template of the active editor, or of `uri`, saved; undefined once the user was told why there is none. */
  async template(uri?: Uri): Promise<Template | undefined> {
    if (!this.mayRun()) {
      return undefined;
    }
    const document = uri ? await workspace.openTextDocument(uri) : window.activeTextEditor?.document;
    if (document === undefined || !isTemplateText(document)) {
      void window.showInformationMessage('Northflank: open a template (a JSON file) first.');
      return undefined;
    }
    if (document.uri.scheme !== 'file') {
      void window.showInformationMessage('Northflank: save the template to a file first.');
      return undefined;
    }
    if (document.isDirty) {
      this.saving(document.uri);
    }
    if (document.isDirty && !(await document.save())) {
      void window.showWarningMessage('Northflank: the template could not be saved, so nothing was started.');
      return undefined;
    }
    return { uri: document.uri, file: document.uri.fsPath, target: workspace.getConfiguration('northflank', document.uri).get<string>('run.target', 'local') };
  }

  /** Whether anything may be started here; tells the user where not. */
  mayRun(): boolean {
    if (!workspace.isTrusted) {
      void window.showWarningMessage('Northflank: nothing is run in a workspace that is not trusted.');
    }
    return workspace.isTrusted;
  }

  /**
   * Starts nf-run beside a template and reads its output to the end. Never rejects: what went wrong is in `stderr`. With
   * `lasting`, it is a process that outlives this window.
   */
  async run(args: string[], file: string | undefined, output: (text: string) => void, options: { input?: string; lasting?: boolean; quietly?: boolean } = {}): Promise<Ended> {
    if (!workspace.isTrusted) {
      return { code: null, stderr: 'the workspace is not trusted' };
    }
    const program = await locate('nf-run', this.#context, undefined, options.quietly);
    if (program === undefined) {
      return { code: null, stderr: '' };
    }
    return new Promise(resolve => {
      const cwd = file === undefined ? workspace.workspaceFolders?.[0]?.uri.fsPath : dirname(file);
      const child = spawn(program, args, { ...(cwd === undefined ? {} : { cwd }), stdio: ['pipe', 'pipe', 'pipe'], detached: options.lasting ?? false });
      if (!options.lasting) {
        this.#children.add(child);
      }
      let stderr = '';
      child.stdin.on('error', () => {}); // it need not read what it is given
      child.stdin.end(options.input ?? '');
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

  /** What a command with --json prints, or undefined where that is no JSON. */
  async json<T>(args: string[], file?: string, options: { quietly?: boolean } = {}): Promise<{ answer: T | undefined; ended: Ended }> {
    let text = '';
    const ended = await this.run(args, file, chunk => (text += chunk), options);
    try {
      return { answer: JSON.parse(text) as T, ended };
    } catch {
      return { answer: undefined, ended };
    }
  }

  tellFailure(what: string, ended: Ended): void {
    const reason = reasonOf(ended);
    this.log.appendLine(`${what} (exit ${ended.code})\n${ended.stderr.trim()}`);
    void window.showErrorMessage(`Northflank: ${what}${reason ? `: ${reason}` : '.'}`);
  }
}

/** The last thing that nf-run said, without its name. */
export function reasonOf(ended: Ended): string {
  return (ended.stderr.trim().split('\n').at(-1) ?? '').replace(/^nf-run: /, '');
}

export function isTemplateText(document: TextDocument): boolean {
  return ['northflank', 'json', 'jsonc'].includes(document.languageId);
}
