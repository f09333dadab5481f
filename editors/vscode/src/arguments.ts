// What a run is missing and nobody has given yet: arguments and secrets are asked for. What is typed goes to nf-run through a
// file that only this user can read and that is gone when the run has begun, or through standard input: never through
// settings, never through a command line.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { window } from 'vscode';
import { reasonOf, type Runner, type Template } from './runner.ts';

interface Argument {
  name: string;
  type?: string;
  required: boolean;
  secret: boolean;
  from?: string;
  value?: unknown;
}

interface GlobalSecret {
  path: string;
  set: boolean;
}

/** What to give nf-run along, and how to take it away again. */
export interface Given {
  flags: string[];
  remove(): Promise<void>;
}

const nothing: Given = { flags: [], remove: async () => {} };

/** Asks for what is missing; undefined where the user does not answer. */
export async function askForMissing(runner: Runner, template: Template): Promise<Given | undefined> {
  // Two processes at once: both only read.
  const [args, secrets] = await Promise.all([
    runner.json<{ arguments: Argument[] }>(['args', 'list', template.file, '--json'], template.file),
    runner.json<{ global: GlobalSecret[] }>(['secrets', 'list', template.file, '--json'], template.file),
  ]);
  const values: Record<string, unknown> = {};
  for (const argument of args.answer?.arguments.filter(isMissing) ?? []) {
    const value = await ask(argument);
    if (value === undefined) {
      return undefined;
    }
    values[argument.name] = value;
  }
  // The hosted platform has global secrets of its own, which only it knows.
  for (const secret of (template.target === 'local' && secrets.answer?.global.filter(one => !one.set && one.path.includes('.values.'))) || []) {
    const value = await window.showInputBox({
      title: `Northflank: secret ${secret.path}`,
      prompt: 'The template uses this secret and nobody has set it. It is kept by nf-run, encrypted, for all templates.',
      password: true, ignoreFocusOut: true,
    });
    if (value === undefined) {
      return undefined;
    }
    const ended = await runner.run(['secrets', 'set', secret.path, '--literal'], template.file, () => {}, { input: value });
    if (ended.code !== 0) {
      void window.showErrorMessage(`Northflank: the secret ${secret.path} was not set: ${reasonOf(ended)}`);
      return undefined;
    }
  }
  return Object.keys(values).length === 0 ? nothing : inFile(values);
}

async function inFile(values: Record<string, unknown>): Promise<Given> {
  const folder = await mkdtemp(join(tmpdir(), 'northflank-')); // for this user only
  const file = join(folder, 'arguments.json');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(file, JSON.stringify(values), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await remove();
    throw error;
  }
  return { flags: ['--args-file', file], remove };
}

function isMissing(argument: Argument): boolean {
  return argument.from === undefined || (argument.required && (argument.value === undefined || argument.value === null || argument.value === ''));
}

async function ask({ name, type, secret }: Argument): Promise<unknown> {
  const title = `Northflank: argument ${name}`;
  if (type === 'boolean') {
    const chosen = await window.showQuickPick(['true', 'false'], { title, placeHolder: 'The template needs a truth value.', ignoreFocusOut: true });
    return chosen === undefined ? undefined : chosen === 'true';
  }
  const isJSON = type === 'array' || type === 'object';
  const text = await window.showInputBox({
    title,
    prompt: `The template gives it no value${type === undefined || type === 'string' ? '' : `; it is of the type ${type}`}. It is used for this run only.`,
    password: secret || type === 'secret',
    ignoreFocusOut: true,
    validateInput: typed => problem(typed, type),
  });
  if (text === undefined) {
    return undefined;
  }
  if (isJSON || type === 'number' || type === 'integer') {
    return JSON.parse(text);
  }
  return literal(text);
}

function problem(text: string, type: string | undefined): string | undefined {
  switch (type) {
    case 'number':
    case 'integer': {
      const value = Number(text);
      return text.trim() === '' || Number.isNaN(value) || (type === 'integer' && !Number.isInteger(value)) || !/^-?\d/.test(text.trim()) ? `Type ${type === 'integer' ? 'a whole number' : 'a number'}.` : undefined;
    }
    case 'array':
    case 'object':
      try {
        return Array.isArray(JSON.parse(text)) === (type === 'array') ? undefined : `Type a JSON ${type}.`;
      } catch {
        return `Type a JSON ${type}.`;
      }
    default:
      return text === '' ? 'Type a value.' : undefined;
  }
}

/** Strings of a file of arguments may hold expressions; what somebody types into a box is meant as it is. */
export function literal(text: string): string {
  return text.replaceAll('${', '\\${');
}
