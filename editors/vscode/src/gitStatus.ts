// How a document stands to Git, as the server tells it (docs/lsp.md), and what is shown of that. Knows no VS Code.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export interface Change {
  what: 'added' | 'changed' | 'moved' | 'removed';
  node?: string;
  kind?: string;
  property?: string;
  path: string;
}

/** A change with its places in the document. */
export interface PlacedChange extends Change {
  range: Range;
  selectionRange?: Range;
  /** The values that have changed. */
  parts?: Range[];
}

export interface Conflict {
  id: string;
  node?: string;
  why: string;
  /** Editing the file settles it, and no side. */
  whole?: boolean;
  /** As they are written; absent in notifications. */
  base?: string;
  ours?: string;
  theirs?: string;
}

export interface GitStatus {
  uri: string;
  version: number;
  state: string;
  /** The state in words; absent where the document is not linked. */
  title?: string;
  error?: string;
  links: { name: string; repository: string; branch: string; path: string }[];
  commit?: string;
  base?: string;
  ours: PlacedChange[];
  theirs: Change[];
  conflicts: Conflict[];
  head?: { commit: string; changes: PlacedChange[] };
  /** Whole versions, where they were asked for. */
  texts?: { head?: string; base?: string; theirs?: string };
}

/** What `nf-run sync status --json` says of a link. */
export interface LinkStatus {
  name: string;
  file: string;
  repository: string;
  branch: string;
  path: string;
  status?: string;
  ours: Change[];
  theirs: Change[];
  conflicts: Conflict[];
  error?: string;
}

/** What a command of the server answers: see docs/nf-run.md. */
export interface Done {
  outcome?: string;
  conflicts?: Conflict[];
  changes?: Change[];
  links?: LinkStatus[];
}

export const isLinked = (status: GitStatus | undefined): status is GitStatus => status !== undefined && status.links.length > 0;

/** "db (Addon)", or the name of a property of the document. */
export function nameOf(change: Change): string {
  const name = change.node ?? change.property ?? '';
  return change.kind && change.kind !== name ? `${name} (${change.kind})` : name;
}

/** The state of a file of which only nf-run has told, in the words that the server has for documents. */
export function titleOf(link: LinkStatus): string {
  const words: Record<string, string> = { 'in-sync': 'in step', new: 'new, not pushed yet', deleted: 'deleted in the repository', missing: 'not pulled yet' };
  if (link.error) {
    return 'not known';
  }
  const known = words[link.status ?? ''];
  if (known) {
    return known;
  }
  const parts = [
    link.ours.length > 0 ? `${link.ours.length} ${link.ours.length === 1 ? 'change' : 'changes'}` : '',
    link.theirs.length > 0 ? `${link.theirs.length} behind` : '',
    link.conflicts.length > 0 ? `${link.conflicts.length} ${link.conflicts.length === 1 ? 'conflict' : 'conflicts'}` : '',
  ].filter(Boolean);
  return parts.join(', ') || (link.status ?? 'not known');
}

/** Lines that are marked, by what has happened to what stands there. */
export interface Marks {
  added: Range[];
  changed: Range[];
  removed: Range[];
}

/**
 * The lines to mark: of a linked document those that it has changed since both sides last agreed, else those since HEAD.
 * Of what has changed, the values are marked; of what has moved, its name; of what is gone, the line where it had stood.
 */
export function marksOf(status: GitStatus): Marks {
  const marks: Marks = { added: [], changed: [], removed: [] };
  for (const change of isLinked(status) && status.base ? status.ours : (status.head?.changes ?? [])) {
    const name = change.selectionRange ?? change.range;
    switch (change.what) {
      case 'added':
        marks.added.push(change.range);
        break;
      case 'removed':
        marks.removed.push(change.range);
        break;
      case 'moved':
        marks.changed.push(name);
        break;
      case 'changed':
        marks.changed.push(...(change.parts?.length ? change.parts : [name]));
    }
  }
  return marks;
}

/** The value of a conflict as a text of its own, for an editor that puts two side by side. */
export function versionText(conflict: Conflict, side: 'base' | 'ours' | 'theirs'): string {
  const text = conflict[side] ?? '';
  if (text === '') {
    return '';
  }
  // The lines of a value are indented as they stand in the file; the first one is not.
  const lines = text.split('\n');
  const indents = lines.slice(1).filter(line => line.trim() !== '').map(line => line.length - line.trimStart().length);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return [lines[0], ...lines.slice(1).map(line => line.slice(Math.min(common, line.length - line.trimStart().length)))].join('\n') + '\n';
}

/** Sides for single conflicts, or one for all. */
export interface Resolution {
  side?: 'ours' | 'theirs';
  take?: Record<string, 'ours' | 'theirs'>;
  edited?: boolean;
}
