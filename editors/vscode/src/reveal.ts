// Jumping to a node of a template.
import { Range, Selection, TextEditorRevealType, ViewColumn, window, workspace, type Uri } from 'vscode';
import type { Server } from './server.ts';

/** Shows the node at a place, unless another one stands there by now; then the document alone. */
export async function reveal(server: Server, uri: Uri, path: string, like?: { kind: string; ref?: string }, beside = false): Promise<void> {
  const document = await workspace.openTextDocument(uri);
  const shown = window.visibleTextEditors.find(one => one.document === document);
  const editor = await window.showTextDocument(document, { viewColumn: shown?.viewColumn ?? (beside ? ViewColumn.Beside : ViewColumn.Active), preserveFocus: false });
  const described = await server.describe(document);
  const node = described?.nodes.find(one => one.path === path);
  if (node === undefined || (like !== undefined && (node.kind !== like.kind || (node.ref ?? '') !== (like.ref ?? '')))) {
    void window.setStatusBarMessage('Northflank: the template has changed since, and this node is not where it was.', 5000);
    return;
  }
  const { start, end } = node.selectionRange;
  const range = new Range(start.line, start.character, end.line, end.character);
  editor.selection = new Selection(range.start, range.start);
  editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
}
