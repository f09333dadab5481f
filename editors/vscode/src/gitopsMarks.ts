// Marks at what has changed, in the colours in which VS Code shows changes of files.
import { OverviewRulerLane, Range, ThemeColor, window, workspace, type Disposable, type TextEditor } from 'vscode';
import { marksOf, type GitStatus, type Marks, type Range as Place } from './gitStatus.ts';

const colours: Record<keyof Marks, [string, string]> = {
  added: ['editorGutter.addedBackground', 'editorOverviewRuler.addedForeground'],
  changed: ['editorGutter.modifiedBackground', 'editorOverviewRuler.modifiedForeground'],
  removed: ['editorGutter.deletedBackground', 'editorOverviewRuler.deletedForeground'],
};

export class ChangeMarks implements Disposable {
  #types = (Object.keys(colours) as (keyof Marks)[]).map(kind => {
    const [bar, ruler] = colours[kind];
    const type = window.createTextEditorDecorationType({
      isWholeLine: true,
      borderColor: new ThemeColor(bar),
      borderStyle: kind === 'removed' ? 'dashed' : 'solid',
      borderWidth: kind === 'removed' ? '0 0 1px 3px' : '0 0 0 3px',
      overviewRulerColor: new ThemeColor(ruler),
      overviewRulerLane: OverviewRulerLane.Left,
    });
    return { kind, type };
  });

  /** Shows the marks of a document in all editors that show it. */
  show(editors: readonly TextEditor[], status: GitStatus | undefined): void {
    for (const editor of editors) {
      const on = workspace.getConfiguration('northflank', editor.document.uri).get<boolean>('sync.marks', true);
      const marks = on && status !== undefined ? marksOf(status) : { added: [], changed: [], removed: [] };
      for (const { kind, type } of this.#types) {
        editor.setDecorations(type, marks[kind].map(range));
      }
    }
  }

  dispose(): void {
    this.#types.forEach(({ type }) => type.dispose());
  }
}

export function range({ start, end }: Place): Range {
  return new Range(start.line, start.character, end.line, end.character);
}
