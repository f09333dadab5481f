// Living beside the editor's own JSON extension, in documents that keep the language json or jsonc: what that says and
// offers is not said and offered a second time.
import { commands, extensions, languages, Uri, workspace, type CompletionItem, type CompletionList, type Diagnostic, type Disposable, type Hover, type Position, type TextDocument } from 'vscode';
import { DocumentDiagnosticRequest, type LanguageClient, type Middleware, type vsdiag } from 'vscode-languageclient/node';
import { isJSON } from './language.ts';

const builtIn = 'vscode.json-language-features';

/** What the JSON extension is there for, by language, in the words of docs/lsp.md ("Beside other servers"). */
export function elsewhere(own: string): Record<string, string[]> {
  if (extensions.getExtension(builtIn) === undefined) {
    return {};
  }
  const json = workspace.getConfiguration('json');
  return Object.fromEntries(['json', 'jsonc'].map(languageId => {
    const features = ['documentSymbol', 'foldingRange'];
    if (json.get('validate.enable', true)) {
      features.push('syntax');
    }
    const formatter = workspace.getConfiguration('editor', { languageId }).get<string>('defaultFormatter');
    if (json.get('format.enable', true) && formatter !== own) {
      features.push('formatting');
    }
    return [languageId, features];
  }));
}

/** Settings that `elsewhere` goes by. */
export const affecting = ['json.validate.enable', 'json.format.enable', 'editor.defaultFormatter'];

/** Rules that a JSON Schema can state too, so that the vendor's `$schema`, where it can be loaded, says the same. */
const stated = new Set([
  'unknown-kind', 'kind-not-allowed-here', 'missing-property', 'unknown-property', 'wrong-type', 'not-in-enum', 'pattern-mismatch',
  'out-of-range', 'wrong-length', 'exclusive-properties', 'deprecated-form',
]);

/** The JSON extension's word for a schema that it could not load: it says nothing else by it then. */
const schemaNotLoaded = 768;

/** Takes out of the server's answers what the JSON extension answers too. */
export class Beside implements Disposable {
  /** Questions that are passed on to everybody else, which the server has to keep quiet at. */
  #asking = new Set<string>();
  /** The last full report of each document: what is left out of it changes when the JSON extension speaks. */
  #reports = new Map<string, vsdiag.FullDocumentDiagnosticReport>();
  #theirs = new Map<string, string>();
  #client: () => LanguageClient | undefined;
  #disposables: Disposable[];

  constructor(client: () => LanguageClient | undefined) {
    this.#client = client;
    this.#disposables = [
      languages.onDidChangeDiagnostics(({ uris }) => uris.forEach(uri => this.#changed(uri))),
      workspace.onDidCloseTextDocument(document => {
        this.#reports.delete(document.uri.toString());
        this.#theirs.delete(document.uri.toString());
      }),
    ];
  }

  dispose(): void {
    this.#disposables.forEach(one => one.dispose());
  }

  readonly middleware: Middleware = {
    provideCompletionItem: async (document, position, context, token, next) => {
      const ask = () => Promise.resolve(next(document, position, context, token));
      if (!shares(document) || inExpression(document, position)) {
        return ask();
      }
      const key = place(document, position);
      if (this.#asking.delete(key)) {
        return undefined;
      }
      this.#asking.add(key);
      const theirs = this.#others<CompletionList>(key, 'vscode.executeCompletionItemProvider', document, position, context.triggerCharacter);
      const [list, others] = await Promise.all([ask(), theirs]);
      const taken = new Set(others?.items.filter(item => item.kind !== undefined && !everywhere.has(item.kind)).map(labelOf));
      const left = (items: CompletionItem[]) => items.filter(item => !taken.has(labelOf(item)));
      if (!list || taken.size === 0) {
        return list;
      }
      if (Array.isArray(list)) {
        return left(list);
      }
      list.items = left(list.items);
      return list;
    },

    provideHover: async (document, position, token, next) => {
      const ask = () => Promise.resolve(next(document, position, token));
      // Without a schema the JSON extension has nothing to say.
      if (!shares(document) || inExpression(document, position) || !mayHaveSchema(document)) {
        return ask();
      }
      const key = place(document, position);
      if (this.#asking.delete(key)) {
        return undefined;
      }
      this.#asking.add(key);
      const [hover, others] = await Promise.all([ask(), this.#others<Hover[]>(key, 'vscode.executeHoverProvider', document, position)]);
      return others !== undefined && others.length > 0 ? undefined : hover;
    },

    provideDiagnostics: async (document, previous, token, next) => {
      const uri = document instanceof Uri ? document : document.uri;
      const report = await next(document, previous, token);
      const open = document instanceof Uri ? workspace.textDocuments.find(one => one.uri.toString() === uri.toString()) : document;
      if (!report || open === undefined || !shares(open)) {
        return report;
      }
      const key = uri.toString();
      if (report.kind === 'full') {
        this.#reports.set(key, report as vsdiag.FullDocumentDiagnosticReport);
      }
      const whole = this.#reports.get(key);
      if (whole === undefined) {
        return report;
      }
      const theirs = said(uri);
      return { ...whole, items: whole.items.filter(item => !theirs.some(other => isSame(item, other))) } as typeof report;
    },
  };

  /** Everybody else's answer; the server's own is kept out of it by `#asking`. */
  async #others<T>(key: string, command: string, document: TextDocument, position: Position, ...more: unknown[]): Promise<T | undefined> {
    try {
      return await commands.executeCommand<T>(command, document.uri, position, ...more);
    } catch {
      return undefined;
    } finally {
      this.#asking.delete(key);
    }
  }

  /** Has findings asked for again when the JSON extension says something else than when they were put together. */
  #changed(uri: Uri): void {
    const key = uri.toString();
    const document = workspace.textDocuments.find(one => one.uri.toString() === key);
    if (document === undefined || !shares(document)) {
      return;
    }
    const theirs = JSON.stringify(said(uri).map(one => [one.range, one.message]));
    if ((this.#theirs.get(key) ?? '[]') === theirs) {
      return;
    }
    this.#theirs.set(key, theirs);
    this.#client()?.getFeature(DocumentDiagnosticRequest.method)?.getProvider(document)?.onDidChangeDiagnosticsEmitter.fire();
  }
}

function shares(document: TextDocument): boolean {
  return isJSON(document) && extensions.getExtension(builtIn) !== undefined;
}

const place = (document: TextDocument, position: Position) => `${document.uri}#${document.version}:${position.line}:${position.character}`;

/** Words of the document (0) and snippets of the user (26) are offered beside everything. */
const everywhere = new Set([0, 26]);

function labelOf(item: CompletionItem): string {
  const label = typeof item.label === 'string' ? item.label : item.label.label;
  return label.replace(/^"|"$/g, '');
}

/** Whether an expression of this line is open before the position: JSON knows nothing of those. */
function inExpression(document: TextDocument, position: Position): boolean {
  const before = document.lineAt(position).text.slice(0, position.character);
  return before.lastIndexOf('${') > before.lastIndexOf('}');
}

function mayHaveSchema(document: TextDocument): boolean {
  return workspace.getConfiguration('json', document).get<unknown[]>('schemas', []).length > 0 || document.getText().includes('"$schema"');
}

/** What the JSON extension says of a document: of syntax with the language as its source, by a schema without any. */
function said(uri: Uri): Diagnostic[] {
  return languages.getDiagnostics(uri).filter(one => (one.source === undefined || one.source === 'json' || one.source === 'jsonc') && one.code !== schemaNotLoaded);
}

function isSame(ours: Diagnostic, theirs: Diagnostic): boolean {
  const code = typeof ours.code === 'object' ? ours.code.value : ours.code;
  return stated.has(String(code)) && ours.range.start.line === theirs.range.start.line && ours.range.intersection(theirs.range) !== undefined;
}
