import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compiledRoot } from '../../tools/lib/paths';

/** A compiled entry of the application as a process of its own, with all that it has printed. */
export interface CompiledProcess {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The exit code, once it has ended and everything it printed was read. */
  ended: Promise<number | null>;
}

/** @param entry below `src`, such as `api/main` */
export function startCompiled(entry: string, env: NodeJS.ProcessEnv): CompiledProcess {
  const child = spawn(process.execPath, [join(compiledRoot, 'src', `${entry}.js`)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.setEncoding('utf8').on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  }
  return {
    child,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

/** Runs an entry to its end. */
export async function runCompiled(
  entry: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const running = startCompiled(entry, env);
  const code = await running.ended;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}
