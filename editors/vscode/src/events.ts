// The event stream of nf-run: one JSON object a line. Knows no VS Code.

/** What nf-run tells about one node, or about the run as a whole. Fields that a newer nf-run adds are left alone. */
export interface RunEvent {
  type: string;
  run?: string;
  /** The node's place in the template, a JSON pointer. */
  node?: string;
  kind?: string;
  ref?: string;
  name?: string;
  state?: string;
  attempt?: number;
  message?: string;
}

/** States that a node or a run does not leave again by itself. */
const ended = new Set(['success', 'failure', 'skipped', 'aborted', 'unknown']);

/** Cuts a byte stream into lines; a line that is no JSON object goes to `other`. */
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
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#other(text);
      return;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      this.#event(value as RunEvent);
    } else {
      this.#other(text);
    }
  }
}

export interface NodeProgress {
  node: string;
  label: string;
  /** Every state that was seen, in order. */
  states: string[];
  message?: string;
}

/** What a run's events add up to. */
export class Progress {
  status = 'pending';
  readonly nodes = new Map<string, NodeProgress>();

  /** Takes an event in; answers the node that it changed. */
  apply(event: RunEvent): NodeProgress | undefined {
    if (event.node === undefined || event.node === '') {
      if (event.state !== undefined) {
        this.status = event.state;
      }
      return undefined;
    }
    let node = this.nodes.get(event.node);
    if (node === undefined) {
      node = { node: event.node, label: label(event), states: [] };
      this.nodes.set(event.node, node);
    }
    if (event.state !== undefined && event.state !== node.states.at(-1)) {
      node.states.push(event.state);
    }
    if (event.message !== undefined) {
      node.message = event.message;
    }
    return node;
  }

  get total(): number {
    return this.nodes.size;
  }

  get done(): number {
    return [...this.nodes.values()].filter(node => ended.has(node.states.at(-1) ?? '')).length;
  }

  get concluded(): boolean {
    return ended.has(this.status);
  }

  failures(): NodeProgress[] {
    return [...this.nodes.values()].filter(node => node.states.at(-1) === 'failure');
  }
}

function label(event: RunEvent): string {
  const name = event.ref ?? event.name;
  const kind = event.kind ?? 'node';
  return name ? `${kind} ${name}` : kind;
}
