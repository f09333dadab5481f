// Versions of templates and of values in conflict, as documents that are only read: what VS Code's diff editor compares.
import { EventEmitter, Uri, type Disposable, type TextDocumentContentProvider, workspace } from 'vscode';

const scheme = 'northflank-git';

/** The texts that were shown last; an editor asks for them again when the window is restored. */
export class Versions implements TextDocumentContentProvider, Disposable {
  #texts = new Map<string, string>();
  #changed = new EventEmitter<Uri>();
  #registration = workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.#changed.event;

  /** The address of a text under a name; the name's ending says which language it has. */
  put(file: Uri, what: string, text: string): Uri {
    const name = file.path.split('/').at(-1) ?? 'template.json';
    const uri = Uri.from({ scheme, path: `/${what}/${name}`, query: file.toString() });
    if (this.#texts.get(uri.toString()) !== text) {
      this.#texts.set(uri.toString(), text);
      this.#changed.fire(uri);
    }
    return uri;
  }

  provideTextDocumentContent(uri: Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
