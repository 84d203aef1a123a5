import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { watch } from './guardian';
import { identify } from './identity';
import { outcomeFileVariable } from './jest-reporter';
import { compiledRoot, projectRoot } from './paths';
import type { TestOutcome } from './test-outcome';

/** Starts jest on this terminal. It leaves a {@link TestOutcome} in `outcomeFile`. */
export function spawnJest(args: string[], env: Record<string, string>, outcomeFile: string): ChildProcess {
  const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js');
  const reporter = join(compiledRoot, 'tools', 'lib', 'jest-reporter.js');
  // Last, because jest takes every word after --reporters for one more of them.
  const reporters = ['--reporters=default', `--reporters=${reporter}`];
  const child = spawn(process.execPath, [jest, ...args, ...reporters], {
    cwd: projectRoot,
    env: { ...process.env, ...env, [outcomeFileVariable]: outcomeFile },
    stdio: 'inherit',
  });
  const identity = child.pid && identify(child.pid);
  if (identity) watch({ ...identity, name: 'jest', stopSignal: 'SIGTERM', stopTimeoutMs: 5_000 });
  return child;
}

/** Reads what the reporter left. A run without an outcome that ends badly counts as one failure. */
export async function readOutcome(outcomeFile: string, exitCode: number): Promise<TestOutcome> {
  try {
    return JSON.parse(await readFile(outcomeFile, 'utf8')) as TestOutcome;
  } catch {
    if (exitCode === 0) return [];
    return [{ path: null, passed: 0, failures: [`jest ended with code ${exitCode} before it had a result`] }];
  }
}
