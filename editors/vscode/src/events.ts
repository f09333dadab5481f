// The event stream of nf-run, as docs/nf-run.md describes it: one JSON object a line. Knows no VS Code.

/** The version of events that is read here. Within a version members are only added; a newer one may mean others by the same names. */
export const eventVersion = 1;

export interface NodeName {
  /** The node's place in the run, a JSON pointer: its identity there. */
  path: string;
  kind: string;
  ref?: string;
  label: string;
  /** Where it stands in the template, of what is repeated in a loop. */
  declared?: string;
}

/** A node as the first event lists it; workflows say how their steps flow. */
export interface Outline extends NodeName {
  flow?: string;
  /** The number of the workflow around it, in the order in which nodes were listed, or -1. */
  parent?: number;
}

/** What nf-run tells about a node, or about the run as a whole. Members and types that are not known here are passed over. */
export interface RunEvent {
  type: string;
  run: string;
  at?: string;
  file?: string;
  target?: string;
  node?: NodeName;
  nodes?: Outline[];
  phase?: string;
  state?: string;
  attempt?: number;
  maxAttempts?: number;
  reason?: string;
  concluded?: boolean;
  subject?: string;
  detail?: string;
  error?: { message: string };
  /** What people have decided, of a node that waits for them. */
  approval?: { needed: number; given?: { by: string }[] };
}

/** A run as `nf-run runs --json` lists it. */
export interface RunHead {
  id: string;
  template: string;
  file?: string;
  target: string;
  until?: string;
  teardown?: boolean;
  status: string;
  createdAt: string;
  startedAt?: string;
  concludedAt?: string;
  error?: { message: string } | string;
  interrupted?: boolean;
}

/** A run as `nf-run show --json` prints it. */
export interface ShownRun extends RunHead {
  nodes?: (Outline & {
    status: string;
    startedAt?: string;
    endedAt?: string;
    error?: { message: string };
    attempts?: { attempt?: number; maxAttempts?: number; response?: unknown; subject?: string; detail?: string; error?: { message: string } }[];
  })[];
}

/** What a user is asked when a node begins to wait for people; undefined for all other events. */
export function question(event: RunEvent): { node: string; text: string } | undefined {
  const { node, approval } = event;
  if (event.type !== 'node.attempt' || event.state !== 'approval_wait' || node === undefined || approval === undefined || approval.given?.length) {
    return undefined;
  }
  return { node: node.path, text: `${node.label} waits for ${approval.needed === 1 ? 'an approval' : `${approval.needed} approvals`}.` };
}

/** States that a node does not leave by itself. */
const ended = new Set(['success', 'failure', 'skipped', 'aborted', 'unknown']);

/** Whether a run in this state goes on, or will when somebody has decided. */
export const goesOn = (status: string) => !['success', 'failure', 'aborted', 'unknown'].includes(status);

/** What a user is told whose nf-run tells of runs in a version that is newer than the one that is read here. */
export const newerEvents = (version: number) =>
  `this nf-run tells of runs in version ${version}, and the extension reads version ${eventVersion}: what they do is not shown. Update the extension.`;

/**
 * Cuts text that comes in pieces into lines and reads each as an event; other lines go to `other`. Events of a newer version
 * are not read: `newer` is told of the first.
 */
export class EventReader {
  #rest = '';
  #event: (event: RunEvent) => void;
  #other: (line: string) => void;
  #newer: (version: number) => void;
  #told = false;

  constructor(event: (event: RunEvent) => void, other: (line: string) => void, newer: (version: number) => void) {
    this.#event = event;
    this.#other = other;
    this.#newer = newer;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    lines.forEach(line => this.#line(line));
  }

  /** The stream has ended: what stands after its last newline is a line too. */
  end(): void {
    const last = this.#rest;
    this.#rest = '';
    this.#line(last);
  }

  #line(line: string): void {
    const text = line.trim();
    if (text === '') {
      return;
    }
    const value = parse(text);
    if (typeof value !== 'object' || value === null || !('type' in value)) {
      this.#other(text);
      return;
    }
    const version = 'v' in value && typeof value.v === 'number' ? value.v : eventVersion;
    if (version <= eventVersion) {
      this.#event(value as RunEvent);
    } else if (!this.#told) {
      this.#told = true;
      this.#newer(version);
    }
  }
}

/** What `nf-run run --detach --json` prints: the id of the run, or undefined when the text is something else. */
export function startedRun(text: string): string | undefined {
  const value = parse(text);
  const id = typeof value === 'object' && value !== null && 'run' in value ? value.run : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A node of a run: a step that does something, or a workflow that holds others. */
export interface RunNode extends Outline {
  title: string;
  around: RunNode | undefined;
  inside: RunNode[];
  /** Every state that it was in, in order. */
  states: string[];
  /** What it waits for, or why it has failed. */
  remark: string;
  attempt: number;
  maxAttempts: number;
  /** Milliseconds since 1970. */
  startedAt: number | undefined;
  endedAt: number | undefined;
}

export const stateOf = (node: RunNode) => node.states.at(-1) ?? '';

/** Where a node stands in the template. */
export const placeOf = (node: NodeName) => node.declared ?? node.path;

/** What a run's events add up to. */
export class Progress {
  status = 'pending';
  /** Why the run is in this state, when nf-run says so. */
  reason = '';
  /** The run has ended for good. */
  concluded = false;
  /** Milliseconds since 1970. */
  startedAt: number | undefined;
  endedAt: number | undefined;
  readonly nodes = new Map<string, RunNode>();
  /** All nodes that were ever listed: parents are told by number. */
  #listed: RunNode[] = [];

  /** What `nf-run show --json` says, as if its events had been seen. */
  static of(run: ShownRun): Progress {
    const progress = new Progress();
    progress.status = run.status;
    progress.reason = typeof run.error === 'string' ? run.error : (run.error?.message ?? '');
    progress.concluded = !goesOn(run.status);
    progress.startedAt = time(run.startedAt ?? run.createdAt);
    progress.endedAt = time(run.concludedAt);
    for (const shown of run.nodes ?? []) {
      const node = progress.#add(shown);
      const last = shown.attempts?.at(-1);
      node.states = [shown.status];
      node.remark = shown.error?.message ?? last?.error?.message ?? [last?.subject, last?.detail].filter(Boolean).join(': ');
      node.attempt = last?.attempt ?? shown.attempts?.length ?? 0;
      node.maxAttempts = last?.maxAttempts ?? 0;
      node.startedAt = time(shown.startedAt);
      node.endedAt = time(shown.endedAt);
    }
    return progress;
  }

  /** Takes an event in; answers the step that it changed. */
  apply(event: RunEvent): RunNode | undefined {
    switch (event.type) {
      case 'run.created':
        this.startedAt ??= time(event.at);
        event.nodes?.forEach(node => this.#add(node));
        return undefined;
      case 'node.iterations': {
        // In the place of what stood in the loop.
        const loop = event.node?.path ?? '';
        for (const [path, node] of this.nodes) {
          if (path.startsWith(`${loop}/spec/steps/`) || path.startsWith(`${loop}/spec/iterations/`)) {
            this.nodes.delete(path);
            node.around?.inside.splice(node.around.inside.indexOf(node), 1);
          }
        }
        event.nodes?.forEach(node => this.#add(node));
        return undefined;
      }
      case 'run.state':
        this.status = event.state ?? this.status;
        this.reason = event.error?.message ?? event.reason ?? '';
        this.concluded = event.concluded ?? false;
        this.endedAt = this.concluded ? time(event.at) : undefined;
        return undefined;
      case 'node.state':
      case 'node.attempt': {
        const node = this.nodes.get(event.node?.path ?? '');
        if (node === undefined) {
          return undefined;
        }
        this.#move(node, event);
        return node.flow ? undefined : node;
      }
      default:
        return undefined;
    }
  }

  /** The nodes that do something; workflows only hold others and are left out. */
  get steps(): Map<string, RunNode> {
    return new Map([...this.nodes].filter(([, node]) => !node.flow));
  }

  /** The nodes that stand in no other. */
  get roots(): RunNode[] {
    return [...this.nodes.values()].filter(node => node.around === undefined);
  }

  get total(): number {
    return this.steps.size;
  }

  get done(): number {
    return [...this.steps.values()].filter(step => ended.has(stateOf(step))).length;
  }

  failures(): RunNode[] {
    return [...this.steps.values()].filter(step => stateOf(step) === 'failure');
  }

  #add(outline: Outline): RunNode {
    const around = this.#listed[outline.parent ?? -1];
    const node: RunNode = {
      ...outline, title: title(outline), around, inside: [], states: ['pending'], remark: '', attempt: 0, maxAttempts: 0, startedAt: undefined, endedAt: undefined,
    };
    this.#listed.push(node);
    this.nodes.set(node.path, node);
    around?.inside.push(node);
    return node;
  }

  #move(node: RunNode, event: RunEvent): void {
    const state = event.state ?? stateOf(node);
    const at = time(event.at);
    if (ended.has(state)) {
      node.endedAt = at;
    } else if (state !== 'pending' && (node.startedAt === undefined || node.endedAt !== undefined)) {
      node.startedAt = at;
      node.endedAt = undefined;
    }
    if (state !== stateOf(node)) {
      node.states.push(state);
    }
    node.attempt = event.attempt ?? node.attempt;
    node.maxAttempts = event.maxAttempts ?? node.maxAttempts;
    node.remark = event.error?.message ?? [event.subject, event.detail].filter(Boolean).join(': ');
  }
}

function time(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** "350 ms", "4.2 s", "3 min 5 s": how long something took. */
export function duration(from: number | undefined, to: number | undefined): string {
  if (from === undefined || to === undefined || to < from) {
    return '';
  }
  const ms = to - from;
  if (ms < 1000) {
    return `${ms} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** "Addon content": kind and name, without saying the kind twice. */
function title({ kind, label }: NodeName): string {
  const name = label.startsWith(`${kind} `) ? label.slice(kind.length + 1) : label;
  return name === '' || name === kind ? kind : `${kind} ${name}`;
}
