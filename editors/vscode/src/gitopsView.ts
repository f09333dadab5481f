// The GitOps view: templates, how they stand to their repositories, what each side has changed, and conflicts.
import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, type TreeDataProvider } from 'vscode';
import { nameOf, titleOf, type Change, type Conflict, type GitStatus, type LinkStatus, type PlacedChange } from './gitStatus.ts';

/** A template with what is known of it: by the server where it is open, by nf-run where not. */
export interface Template {
  uri: Uri;
  status?: GitStatus;
  link?: LinkStatus;
}

export type Entry =
  | { kind: 'template'; template: Template }
  | { kind: 'group'; template: Template; label: string; entries: Entry[] }
  | { kind: 'change'; template: Template; change: Change | PlacedChange; side: 'ours' | 'theirs' }
  | { kind: 'conflict'; template: Template; conflict: Conflict };

const icons: Record<Change['what'], [string, string]> = {
  added: ['diff-added', 'gitDecoration.addedResourceForeground'],
  changed: ['diff-modified', 'gitDecoration.modifiedResourceForeground'],
  moved: ['diff-renamed', 'gitDecoration.renamedResourceForeground'],
  removed: ['diff-removed', 'gitDecoration.deletedResourceForeground'],
};

export class GitOpsTree implements TreeDataProvider<Entry> {
  #changed = new EventEmitter<void>();
  #templates: () => Template[];
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(templates: () => Template[]) {
    this.#templates = templates;
  }

  refresh(): void {
    this.#changed.fire();
  }

  getChildren(entry?: Entry): Entry[] {
    if (entry === undefined) {
      return this.#templates().map(template => ({ kind: 'template', template }));
    }
    return entry.kind === 'template' ? groups(entry.template) : entry.kind === 'group' ? entry.entries : [];
  }

  getTreeItem(entry: Entry): TreeItem {
    switch (entry.kind) {
      case 'template': {
        const { uri, status, link } = entry.template;
        const item = new TreeItem(uri, groups(entry.template).length > 0 ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.None);
        const state = status?.state ?? link?.status ?? 'unknown';
        item.description = status?.title?.replace(/^Git: /, '') ?? (link === undefined ? state : titleOf(link));
        item.contextValue = `template.${state}`;
        item.iconPath = state === 'conflict' ? new ThemeIcon('warning', new ThemeColor('list.warningForeground')) : new ThemeIcon('file-code');
        const place = status?.links[0] ?? link;
        item.tooltip = [status?.error ?? link?.error ?? '', place === undefined ? '' : `${place.repository} ${place.branch}:${place.path}`].filter(Boolean).join('\n');
        item.command = { command: 'vscode.open', title: 'Open', arguments: [uri] };
        return item;
      }
      case 'group': {
        const item = new TreeItem(entry.label, TreeItemCollapsibleState.Expanded);
        item.description = String(entry.entries.length);
        return item;
      }
      case 'change': {
        const { change, template, side } = entry;
        const [icon, colour] = icons[change.what];
        const item = new TreeItem(nameOf(change));
        item.description = change.what;
        item.iconPath = new ThemeIcon(icon, new ThemeColor(colour));
        item.contextValue = `change.${side}`;
        item.tooltip = change.path;
        if ('range' in change && change.range !== undefined) {
          const { line, character } = (change.selectionRange ?? change.range).start;
          item.command = { command: 'northflank.sync.reveal', title: 'Show', arguments: [template.uri, line, character] };
        }
        return item;
      }
      case 'conflict': {
        const { conflict } = entry;
        const item = new TreeItem(conflict.node ?? conflict.id);
        item.description = conflict.why;
        item.iconPath = new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
        item.contextValue = conflict.whole ? 'conflict.whole' : 'conflict';
        item.tooltip = conflict.id;
        item.command = { command: 'northflank.sync.openConflict', title: 'Compare', arguments: [entry] };
        return item;
      }
    }
  }
}

function groups(template: Template): Entry[] {
  const { status, link } = template;
  const of = (label: string, entries: Entry[]): Entry[] => (entries.length === 0 ? [] : [{ kind: 'group', template, label, entries }]);
  const changes = (list: Change[] | undefined, side: 'ours' | 'theirs'): Entry[] => (list ?? []).map(change => ({ kind: 'change', template, change, side }));
  return [
    ...of('Conflicts', (status?.conflicts ?? link?.conflicts ?? []).map(conflict => ({ kind: 'conflict', template, conflict }))),
    ...of('Changed here', changes(status?.ours ?? link?.ours, 'ours')),
    ...of('Changed there', changes(status?.theirs ?? link?.theirs, 'theirs')),
    ...(status !== undefined && status.links.length === 0 ? of('Changed since HEAD', changes(status.head?.changes, 'ours')) : []),
  ];
}
