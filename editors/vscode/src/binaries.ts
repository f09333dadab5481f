// Where the two programs lie. Knows no VS Code: what the settings say and where the extension lies are passed in.
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export type Program = 'nf-lsp' | 'nf-run';

export interface Places {
  /** What the user's setting says; empty when it is not set. */
  configured: string;
  /** The folder of the extension; its bin/ holds the programs in a package for one platform. */
  extensionFolder: string;
  /** The PATH variable. */
  path: string;
  platform: NodeJS.Platform;
}

/** A path that can be started, or the reason why there is none, as a sentence for the user. */
export type Found = { path: string; from: 'setting' | 'bundle' | 'PATH' } | { missing: string };

/**
 * Finds a program: the setting, else the bundle, else PATH. A setting that leads nowhere is reported and not passed
 * over: a user who names a program wants that one. Relative entries of PATH are left out, since they would take a
 * program from whatever folder is open.
 */
export function find(program: Program, setting: string, places: Places): Found {
  const { configured, extensionFolder, path, platform } = places;
  if (configured !== '') {
    const expanded = configured.startsWith('~/') ? join(homedir(), configured.slice(2)) : configured;
    if (!isAbsolute(expanded)) {
      return { missing: `The setting ${setting} says "${configured}"; write an absolute path, or one that starts with ~/.` };
    }
    return executable(expanded)
      ? { path: expanded, from: 'setting' }
      : { missing: `The setting ${setting} says "${configured}", and there is no program there that can be started.` };
  }
  const file = platform === 'win32' ? `${program}.exe` : program;
  const bundled = join(extensionFolder, 'bin', file);
  if (executable(bundled)) {
    return { path: bundled, from: 'bundle' };
  }
  for (const folder of path.split(delimiter)) {
    if (isAbsolute(folder) && executable(join(folder, file))) {
      return { path: join(folder, file), from: 'PATH' };
    }
  }
  return { missing: `${program} was not found: not in this extension and not on PATH. Install it, or set ${setting}.` };
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
