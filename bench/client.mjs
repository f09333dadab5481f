// A client of language servers that knows when each message came: the time is taken when the last byte of a frame has
// arrived, before anything is read out of it, so that what a long answer costs the client does not count.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Milliseconds of the monotonic clock. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

export class Client {
  #waiting = new Map();
  #chunks = [];
  #held = 0;
  #wanted = 0;
  #ids = 0;
  #failed;
  #published;

  /** Starts a server. `answers` holds what the client says to its requests, by method; it says null to others. */
  constructor({ name, command, answers = {} }) {
    this.name = name;
    this.answers = answers;
    this.begun = now();
    this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    this.child.stderr.on('data', data => (said = `${said}${data}`.slice(-4000)));
    this.child.stdin.on('error', () => {}); // its end is told by what it does not answer
    this.child.stdout.on('data', chunk => this.#take(chunk));
    this.ended = new Promise(resolve => this.child.on('close', resolve)).then(status => {
      this.#failed = new Error(`${name} has ended with ${status}: ${said}`);
      this.#waiting.forEach(({ reject }) => reject(this.#failed));
      this.#published?.reject(this.#failed);
    });
  }

  #take(chunk) {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    while (this.#held > 0 && this.#held >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      const body = bytes.indexOf('\r\n\r\n') + 4;
      if (body < 4) {
        this.#wanted = this.#held + 1;
        return;
      }
      const end = body + Number(/content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, body))[1]);
      this.#wanted = end;
      if (end > bytes.length) {
        return;
      }
      const arrived = now();
      this.#chunks = end < bytes.length ? [bytes.subarray(end)] : [];
      this.#held -= end;
      this.#wanted = 0;
      this.#hear(JSON.parse(bytes.toString('utf8', body, end)), arrived);
    }
  }

  #hear({ id, method, params, result, error }, arrived) {
    if (method === undefined) {
      const { resolve, reject, asked } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) {
        reject(new Error(`${this.name} answers ${asked} with ${JSON.stringify(error)}`));
      }
      resolve({ result, arrived });
    } else if (id !== undefined) {
      this.#send({ id, result: this.answers[method]?.(params) ?? null });
    } else if (method === 'textDocument/publishDiagnostics') {
      this.#published?.resolve({ result: { items: params.diagnostics }, arrived });
    }
  }

  #send(message) {
    if (this.#failed) {
      throw this.#failed;
    }
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** Resolves with the result and the moment at which the last byte of the reply arrived. */
  request(method, params) {
    const id = ++this.#ids;
    const reply = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, asked: method }));
    this.#send({ id, method, params });
    return reply;
  }

  notify(method, params) {
    this.#send({ method, params });
  }

  /** Resolves when the server publishes findings, as if it had been asked. Call it before what makes it do so is sent. */
  published() {
    this.#published = Promise.withResolvers();
    return this.#published.promise;
  }

  /** What the process has cost until now; zeros where the system does not say. */
  cost() {
    try {
      const of = name => readFileSync(`/proc/${this.child.pid}/${name}`, 'utf8');
      const [user, system] = of('stat').split(') ')[1].split(' ').slice(11, 13).map(Number);
      return { peakKB: Number(/^VmHWM:\s*(\d+)/m.exec(of('status'))[1]), cpuMs: 10 * (user + system) };
    } catch {
      return { peakKB: 0, cpuMs: 0 }; // only Linux has it there
    }
  }

  async end() {
    await this.request('shutdown');
    this.notify('exit');
    const late = setTimeout(() => this.child.kill(), 5000);
    await this.ended;
    clearTimeout(late);
  }
}
