// The event stream of nf-run, as docs/nf-run.md describes it: one JSON object a line, version 1. Knows no VS Code.

export interface NodeName {
  /** The node's place in the template, a JSON pointer: its identity within a run. */
  path: string;
  kind: string;
  ref?: string;
  label: string;
}

/** A node as the first event lists it; workflows say how their steps flow. */
export interface Outline extends NodeName {
  flow?: string;
}

/** What nf-run tells about a node, or about the run as a whole. Members and types that are not known here are passed over. */
export interface RunEvent {
  type: string;
  run: string;
  node?: NodeName;
  nodes?: Outline[];
  state?: string;
  reason?: string;
  concluded?: boolean;
  subject?: string;
  detail?: string;
  error?: { message: string };
  /** What people have decided, of a node that waits for them. */
  approval?: { needed: number; given?: { by: string }[] };
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

/** Cuts text that comes in pieces into lines and reads each as an event; other lines go to `other`. */
export class EventReader {
  #rest = '';
  #event: (event: RunEvent) => void;
  #other: (line: string) => void;

  constructor(event: (event: RunEvent) => void, other: (line: string) => void) {
    this.#event = event;
    this.#other = other;
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
    if (typeof value === 'object' && value !== null && 'type' in value) {
      this.#event(value as RunEvent);
    } else {
      this.#other(text);
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

/** A node that does something; workflows only hold others and are left out. */
export interface Step {
  path: string;
  title: string;
  /** Every state that it was in, in order. */
  states: string[];
  /** What it waits for, or why it has failed. */
  remark: string;
}

/** What a run's events add up to. */
export class Progress {
  status = 'pending';
  /** Why the run is in this state, when nf-run says so. */
  reason = '';
  /** The run has ended for good. */
  concluded = false;
  readonly steps = new Map<string, Step>();

  /** Takes an event in; answers the step that it changed. */
  apply(event: RunEvent): Step | undefined {
    switch (event.type) {
      case 'run.created':
        for (const node of event.nodes ?? []) {
          if (!node.flow) {
            this.steps.set(node.path, { path: node.path, title: title(node), states: ['pending'], remark: '' });
          }
        }
        return undefined;
      case 'node.iterations': {
        // In the place of what stood in the loop.
        const loop = event.node?.path ?? '';
        for (const path of this.steps.keys()) {
          if (path.startsWith(`${loop}/spec/steps/`) || path.startsWith(`${loop}/spec/iterations/`)) {
            this.steps.delete(path);
          }
        }
        for (const node of event.nodes ?? []) {
          if (!node.flow) {
            this.steps.set(node.path, { path: node.path, title: title(node), states: ['pending'], remark: '' });
          }
        }
        return undefined;
      }
      case 'run.state':
        this.status = event.state ?? this.status;
        this.reason = event.error?.message ?? event.reason ?? '';
        this.concluded = event.concluded ?? false;
        return undefined;
      case 'node.state':
      case 'node.attempt': {
        const step = this.steps.get(event.node?.path ?? '');
        if (step === undefined) {
          return undefined;
        }
        if (event.state !== undefined && event.state !== step.states.at(-1)) {
          step.states.push(event.state);
        }
        step.remark = event.error?.message ?? [event.subject, event.detail].filter(Boolean).join(': ');
        return step;
      }
      default:
        return undefined;
    }
  }

  get total(): number {
    return this.steps.size;
  }

  get done(): number {
    return [...this.steps.values()].filter(step => ended.has(step.states.at(-1) ?? '')).length;
  }

  failures(): Step[] {
    return [...this.steps.values()].filter(step => step.states.at(-1) === 'failure');
  }
}

/** "Addon content": kind and name, without saying the kind twice. */
function title({ kind, label }: NodeName): string {
  const name = label.startsWith(`${kind} `) ? label.slice(kind.length + 1) : label;
  return name === '' || name === kind ? kind : `${kind} ${name}`;
}
