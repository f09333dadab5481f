// Processes that stay: each has been warmed up and answers one request after the other, see serve.mjs.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Worker {
  constructor({ name, command }) {
    this.name = name;
    this.peakKB = 0;
    this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {}); // its end is told by the answer that does not come
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(request) {
    this.child.stdin.write(`${request}\n`);
    const { value, done } = await this.answers.next();
    if (done) {
      throw new Error(`${this.name} has ended instead of answering ${JSON.stringify(request)}`);
    }
    const answer = JSON.parse(value);
    if (answer.problems !== 0) {
      throw new Error(`${this.name} finds ${answer.problems} problems in a right document: ${answer.messages?.join(', ')}`);
    }
    this.peakKB = Math.max(this.peakKB, answer.peakKB);
    return answer;
  }

  end() {
    this.child.stdin.end();
  }
}

/** Throws when a command finds nothing in a document that is wrong: then its times would say nothing. */
export function mustFind({ name, command }) {
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8', input: 'check 1\n' });
  if (status !== 0 || !(JSON.parse(stdout).problems > 0)) {
    throw new Error(`${name} finds nothing in a document with a mistake:\n${stdout}${stderr}`);
  }
}
