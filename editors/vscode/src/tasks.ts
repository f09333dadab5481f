// Tasks of the type "northflank": run, plan and check a template in a terminal.
import { ProcessExecution, Task, TaskGroup, TaskScope, tasks, Uri, window, workspace, type Disposable, type ExtensionContext, type TaskDefinition, type TaskProvider, type WorkspaceFolder } from 'vscode';
import { locate } from './programs.ts';
import { isTemplateText } from './runner.ts';

interface Definition extends TaskDefinition {
  command: 'run' | 'plan' | 'check';
  /** A path, from the folder of the workspace on. */
  file: string;
  until?: string;
  target?: string;
}

const verbs = ['run', 'plan', 'check'] as const;

/** How many templates of the workspace tasks are offered for. */
const most = 20;

export class Tasks implements TaskProvider, Disposable {
  #context: ExtensionContext;
  #registered: Disposable;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#registered = tasks.registerTaskProvider('northflank', this);
  }

  dispose(): void {
    this.#registered.dispose();
  }

  /** One of each for the template that is open and for those that are known by their names. */
  async provideTasks(): Promise<Task[]> {
    const program = await this.#program();
    if (program === undefined) {
      return [];
    }
    const files = await workspace.findFiles('**/{northflank.json,*.northflank.json}', '**/node_modules/**', most);
    const open = window.activeTextEditor?.document;
    if (open !== undefined && open.uri.scheme === 'file' && isTemplateText(open) && !files.some(file => file.fsPath === open.uri.fsPath)) {
      files.unshift(open.uri);
    }
    return files.flatMap(uri => {
      const folder = workspace.getWorkspaceFolder(uri);
      return folder === undefined ? [] : verbs.map(command => this.#task(program, folder, { type: 'northflank', command, file: workspace.asRelativePath(uri, false) }));
    });
  }

  /** A task of tasks.json. */
  async resolveTask(task: Task): Promise<Task | undefined> {
    const program = await this.#program();
    const folder = typeof task.scope === 'object' ? task.scope : workspace.workspaceFolders?.[0];
    const definition = task.definition as Definition;
    if (program === undefined || folder === undefined || !verbs.includes(definition.command) || typeof definition.file !== 'string') {
      return undefined;
    }
    return this.#task(program, folder, definition);
  }

  async #program(): Promise<string | undefined> {
    return workspace.isTrusted ? locate('nf-run', this.#context, undefined, true) : undefined;
  }

  #task(program: string, folder: WorkspaceFolder, definition: Definition): Task {
    const { command, file, until } = definition;
    const target = definition.target ?? workspace.getConfiguration('northflank', folder.uri).get<string>('run.target', 'local');
    const flags = command === 'check' ? [] : ['--target', target, ...(until === undefined ? [] : [`--until=${until}`])];
    // A template may be called like a flag.
    const args = [command, ...flags, '--', Uri.joinPath(folder.uri, file).fsPath];
    const task = new Task(definition, folder ?? TaskScope.Workspace, `${command} ${file}`, 'northflank', new ProcessExecution(program, args, { cwd: folder.uri.fsPath }), []);
    task.detail = `nf-run ${command}${command === 'check' ? '' : ` on ${target}`}`;
    if (command === 'check') {
      task.group = TaskGroup.Test;
    }
    return task;
  }
}
