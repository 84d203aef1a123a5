import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { forget, watch } from './guardian';
import { identify } from './identity';

/** Path of a program found on PATH. */
export function findOnPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** What a program prints when asked for its version, or undefined when it cannot be run. */
export function versionOf(path: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(path, args, { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? stdout.trim() : undefined;
}

export interface CommandOptions {
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  account?: { uid: number; gid: number };
  /** Receives each line printed. */
  onLine?: (line: string) => void;
}

/**
 * Runs a command to its end, or to ours if that comes first.
 * @throws an error that ends with the last lines printed, when the command fails.
 */
export async function runCommand(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...options.account,
  });
  const identity = child.pid && identify(child.pid);
  if (identity)
    watch({ ...identity, name: command, stopSignal: 'SIGINT', stopTimeoutMs: 5_000, asksWholeGroup: true });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      options.onLine?.(line);
    });
  }
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  if (child.pid) forget(child.pid);
  if (failure) throw new Error(`${command} ${args.join(' ')}: ${failure}\n${lastLines.join('\n')}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
