// Which JSON files have the language of templates. Names are for package.json to tell; here it is done by content, which
// the server knows.
import { commands, ConfigurationTarget, languages, Selection, window, workspace, type Disposable, type ExtensionContext, type TextDocument } from 'vscode';
import type { DescribedDocument, Server } from './server.ts';

export const language = 'northflank';

/** What people have said about single files, by URI: true for templates. */
const decidedKey = 'northflank.decided';

/** What menus go by: the active editor shows a template, whatever its language. */
const contextKey = 'northflank.isTemplate';

export class Detection implements Disposable {
  #context: ExtensionContext;
  #server: Server;
  #asking = new Set<string>();
  #disposables: Disposable[];

  constructor(context: ExtensionContext, server: Server) {
    this.#context = context;
    this.#server = server;
    this.#disposables = [
      window.onDidChangeActiveTextEditor(() => this.look()),
      workspace.onDidOpenTextDocument(document => document === window.activeTextEditor?.document && this.look()),
      workspace.onDidSaveTextDocument(document => document === window.activeTextEditor?.document && this.look()),
      workspace.onDidChangeConfiguration(change => change.affectsConfiguration('northflank.detect') && this.look()),
      server.onDidStart(() => this.look()),
    ];
  }

  dispose(): void {
    this.#disposables.forEach(one => one.dispose());
  }

  /** Looks at the active editor. What is not open in one is left alone: nobody sees its language. */
  look(): void {
    void this.#look(window.activeTextEditor?.document);
  }

  async #look(document: TextDocument | undefined): Promise<void> {
    const isTemplate = document !== undefined && (document.languageId === language || (isJSON(document) && isWhole(await this.#server.describe(document))));
    if (document !== window.activeTextEditor?.document) {
      return; // another one has had its turn
    }
    await commands.executeCommand('setContext', contextKey, isTemplate);
    if (isTemplate && document !== undefined && document.languageId !== language) {
      await this.#decide(document);
    }
  }

  async #decide(document: TextDocument): Promise<void> {
    const key = document.uri.toString();
    const decided = this.#context.workspaceState.get<Record<string, boolean>>(decidedKey, {});
    const settings = workspace.getConfiguration('northflank', document);
    const detect = settings.get<string>('detect', 'ask');
    if (detect === 'always' || (detect === 'ask' && decided[key] === true)) {
      await languages.setTextDocumentLanguage(document, language);
      return;
    }
    if (detect !== 'ask' || decided[key] === false || this.#asking.has(key)) {
      return;
    }
    this.#asking.add(key);
    const answer = await window.showInformationMessage(
      `${workspace.asRelativePath(document.uri)} looks like a Northflank template. Give it the language of templates?`,
      'Yes', 'Always', 'No', 'Never',
    );
    this.#asking.delete(key);
    switch (answer) {
      case 'Always':
      case 'Never':
        await settings.update('detect', answer.toLowerCase(), ConfigurationTarget.Global);
        return; // the change of the setting brings us here again
      case 'Yes':
      case 'No': {
        const known = this.#context.workspaceState.get<Record<string, boolean>>(decidedKey, {});
        await this.#context.workspaceState.update(decidedKey, { ...known, [key]: answer === 'Yes' });
        if (answer === 'Yes' && !document.isClosed) {
          await languages.setTextDocumentLanguage(document, language);
        }
        return;
      }
      default:
        this.#asking.add(key); // closed without an answer: not again in this window
    }
  }
}

/** A node alone has no signs by which it could be told from somebody else's JSON for certain. */
function isWhole(described: DescribedDocument | undefined): boolean {
  return described?.template === true && described.type !== 'fragment';
}

/** Opens a template that has no file yet. */
export async function newTemplate(): Promise<void> {
  const content = `{
  "apiVersion": "v1.2",
  "name": "",
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": []
    }
  }
}
`;
  const document = await workspace.openTextDocument({ language, content });
  const editor = await window.showTextDocument(document);
  const name = document.positionAt(content.indexOf('"name": "') + '"name": "'.length);
  editor.selection = new Selection(name, name);
}

export function isJSON(document: TextDocument): boolean {
  return document.languageId === 'json' || document.languageId === 'jsonc';
}
