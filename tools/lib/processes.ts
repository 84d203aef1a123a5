import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { forget, watch } from './guardian';
import { identify } from './identity';
import { signal, type Terminable, terminate } from './termination';

const largestLogBytes = 10 * 1024 * 1024;

export interface LaunchOptions {
  /** What messages call it. */
  name: string;
  command: string;
  args: string[];
  /** Receives everything it prints. */
  logFile: string;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** User and group to run as, when this process may choose. */
  account?: { uid: number; gid: number };
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
}

/** A child process that lives at most as long as this one. */
export interface RunningProcess {
  name: string;
  pid: number;
  /** Settles with the reason, such as `SIGKILL` or `code 1`, when it has ended. */
  exited: Promise<string>;
  stop(): Promise<void>;
  /** Kills it and its own children at once. */
  kill(): void;
}

/**
 * Starts a process in a group of its own, so that Ctrl-C reaches only us and we choose the order in which things
 * stop.
 */
export async function launch(options: LaunchOptions): Promise<RunningProcess> {
  const { name, command, args, logFile, stopSignal = 'SIGTERM', stopTimeoutMs = 10_000 } = options;
  const log = openLog(logFile);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
    ...options.account,
  });
  closeSync(log);
  const pid = await pidOf(child, name);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, cause) => {
      forget(pid);
      resolve(cause ?? `code ${code}`);
    });
  });

  // Ended before it could be looked at: there is nothing to guard, and `exited` tells.
  const identity = identify(pid) ?? { pid, started: 'gone' };
  const target: Terminable = { ...identity, name, stopSignal, stopTimeoutMs };
  watch(target);
  return {
    name,
    pid,
    exited,
    stop: async () => {
      await terminate(target);
      await exited;
    },
    kill: () => signal(-pid, 'SIGKILL'),
  };
}

/**
 * Waits until `probe` answers true; until then it may answer false or throw.
 * @throws when the process ends first or the time is up (it is stopped then); the message ends with its last log lines.
 */
export async function untilReady(
  server: RunningProcess,
  logFile: string,
  probe: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  let end: string | undefined;
  void server.exited.then((reason) => {
    end = reason;
  });
  let fault = '';
  const noteFault = (error: Error) => {
    fault = `, ${error.message}`;
    return false;
  };
  const deadline = Date.now() + timeoutMs;
  while (!(await probe().catch(noteFault))) {
    if (end !== undefined) throw new Error(`${server.name} ended (${end}):\n${lastLines(logFile)}`);
    if (Date.now() > deadline) {
      await server.stop();
      throw new Error(
        `${server.name} was not ready after ${timeoutMs / 1000} s${fault}:\n${lastLines(logFile)}`,
      );
    }
    await sleep(50);
  }
}

/**
 * Waits for servers that are being started at the same time.
 * @throws the first failure, after having stopped those that did start.
 */
export async function startTogether<T extends Promise<RunningProcess>[]>(
  starting: [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const outcomes = await Promise.allSettled(starting);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  if (failures.length > 0) {
    await Promise.all(started.map((server) => server.stop()));
    throw failures[0];
  }
  return started as { [K in keyof T]: Awaited<T[K]> };
}

/**
 * A probe: whether a URL answers with a success.
 * @throws when it does not.
 */
export async function answers(url: string): Promise<boolean> {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!ok) throw new Error(`${url} answered ${status}`);
  return true;
}

function pidOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)));
    child.once('spawn', () => resolve(child.pid as number));
  });
}

/** Opens a log to append to. One that has grown large goes aside first, in place of the one that did so before. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestLogBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}
