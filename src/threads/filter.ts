import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuseInTransaction } from '../db/transaction';
import { ChildFailed, complaintOf, giveWay } from './child';
import { entryOf } from './entry';

export interface Filter {
  /** Entry of the process, below `src`. It reads its standard input and writes what it makes of it. */
  file: string;
  /** What it is told. */
  args: readonly string[];
  /** After so long it is given up; milliseconds. */
  timeLimit: number;
  /** What it may hold of JavaScript objects, in megabytes. */
  maxHeap: number;
}

/**
 * Passes bytes through a process of its own, for what foreign code makes of foreign files: it gets neither the environment,
 * with its secrets, nor a connection, gives way to everything else on the machine, and takes nothing along when it dies.
 * Of what it made, the end counts as well: bytes that were read before an error are not the whole.
 * @throws {ChildFailed} when it failed, was killed, or took too long; at the end of the bytes at the latest.
 * @throws what the source failed with.
 */
export async function* filterThroughChild(
  source: Readable,
  { file, args, timeLimit, maxHeap }: Filter,
): AsyncGenerator<Buffer> {
  refuseInTransaction('a task of a process');
  const child = fork(entryOf(file), args, {
    execArgv: [`--max-old-space-size=${maxHeap}`],
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  const kill = () => void child.kill('SIGKILL');
  const timer = setTimeout(kill, timeLimit);
  const gone = once(child, 'close');
  // Waited for below; until then a failure to begin is nobody's surprise.
  gone.catch(() => {});
  const complaint = complaintOf(child);
  giveWay(child);
  let failure: unknown;
  const fed = pipeline(source, child.stdin!).catch((error) => {
    // One that has seen enough reads no further: then its own end says how it went.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    failure = error;
    kill();
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    await gone;
    await fed;
    if (failure !== undefined) throw failure;
    if (child.exitCode !== 0) {
      throw new ChildFailed(`${file} ended (${child.signalCode ?? child.exitCode})${complaint()}`);
    }
  } finally {
    clearTimeout(timer);
    source.destroy();
    kill();
  }
}
