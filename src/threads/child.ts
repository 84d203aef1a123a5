import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { refuseInTransaction } from '../db/transaction';
import { entryOf } from './entry';
import { NICENESS } from './priority.cjs';

/** A process of its own could not do its task: it failed, was killed, or took more time or memory than it may. */
export class ChildFailed extends Error {
  override name = 'ChildFailed';
}

export interface ChildTask<Task, Progress> {
  /** Entry of the process, below `src`; see `serveTask`. */
  file: string;
  task: Task;
  /** After so long it is given up; milliseconds. */
  timeLimit: number;
  /** What it may hold of JavaScript objects, in megabytes. */
  maxHeap: number;
  /** Ends it. */
  signal?: AbortSignal;
  onProgress(progress: Progress): void;
}

/** What a process tells whoever started it. */
export type FromChild<Progress, Result> = { progress: Progress } | { result: Result } | { failure: string };

/**
 * Does one task in a process of its own, which gives way to everything else on the machine: for what takes the processor
 * for half a minute, where a thread would take the garbage collector and the cores of the others along. It gets plain data
 * by message and nothing else: neither the environment, with its secrets, nor a connection. It is killed when the task is
 * cancelled, and ends by itself when whoever started it has gone, also by `kill -9`.
 * @throws {ChildFailed}
 * @throws what `signal` was aborted with.
 */
export async function runInChild<Task, Progress, Result>({
  file,
  task,
  timeLimit,
  maxHeap,
  signal,
  onProgress,
}: ChildTask<Task, Progress>): Promise<Result> {
  refuseInTransaction('a task of a process');
  signal?.throwIfAborted();
  const child = fork(entryOf(file), {
    execArgv: [`--max-old-space-size=${maxHeap}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  const timer = setTimeout(kill, timeLimit);
  signal?.addEventListener('abort', kill);
  try {
    // By then all that it wrote has been read.
    const gone = once(child, 'close');
    const complaint = complaintOf(child);
    const outcome = outcomeOf<Progress, Result>(child, onProgress);
    giveWay(child);
    // One that ends before it has read its task is heard of by its end.
    child.send(task as object, () => {});
    const answer = await Promise.race([outcome, gone.then(() => null)]);
    signal?.throwIfAborted();
    if (answer === null)
      throw new ChildFailed(`${file} ended (${child.signalCode ?? child.exitCode})${complaint()}`);
    if ('failure' in answer) throw new ChildFailed(answer.failure);
    return answer.result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    kill();
  }
}

/** What a process writes when it dies says why; of much of it the beginning is kept. */
const MAX_COMPLAINT = 2_000;

/** @returns what it has complained of so far, with a colon in front; empty when it has not. */
export function complaintOf({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr!.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(0, MAX_COMPLAINT);
  });
  return () => (text.trim() === '' ? '' : `: ${text.trim()}`);
}

type Outcome<Result> = { result: Result } | { failure: string };

function outcomeOf<Progress, Result>(
  child: ChildProcess,
  onProgress: (progress: Progress) => void,
): Promise<Outcome<Result>> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ failure: error.message }));
    child.on('message', (message) => {
      const told = message as FromChild<Progress, Result>;
      if ('progress' in told) onProgress(told.progress);
      else resolve(told);
    });
  });
}

/** It does so itself as well, once it runs: by then it may be gone, or not be ours to change. */
export function giveWay({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS);
  } catch {
    // Then its own word counts.
  }
}
