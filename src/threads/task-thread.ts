import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { refuseInTransaction } from '../db/transaction';
import { entryOf } from './entry';
import { busy, Gate } from './gate';

export interface TaskThreadOptions {
  /** Entry of the thread, below `src`; it answers each message with one, in their order. */
  file: string;
  /** What the file finds in `workerData`. */
  data?: unknown;
  /** Tasks that may wait; further ones are refused with `SERVICE_INDISPONIBLE`. */
  maxWaiting: number;
  /**
   * Of the processor a task may take so much before it is given up, and its thread with it; milliseconds. Where others keep
   * the processor busy it takes longer, and is given up after {@link LONGER} times as long.
   */
  timeLimit: number;
  /** The thread is ended when it has had nothing to do for so long; milliseconds, a minute unless said. */
  idleTime?: number;
  /** What the thread may hold of JavaScript objects, in megabytes. */
  maxHeap: number;
  /** What is thrown of a task that took too long; `SERVICE_INDISPONIBLE` unless said. */
  overdue?: (cause: unknown) => Error;
}

/** A thread gives way to everything else: on a busy machine it is given a fraction of what it could use. */
const LONGER = 4;

/**
 * Work for the processor that must not hold up the event loop, nor take more memory or time than it may: done one task
 * after the other in a thread of its own, which is started when it is first needed. While idle it does not keep the
 * process alive.
 */
export class TaskThread<Task, Result> {
  private worker: Worker | null = null;
  private idle: NodeJS.Timeout | undefined;
  private readonly gate: Gate;

  constructor(private readonly options: TaskThreadOptions) {
    this.gate = new Gate({ places: 1, maxWaiting: options.maxWaiting });
  }

  /**
   * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many are waiting, or it took too long.
   * @throws what made the thread fail; the next task finds a new one.
   * @throws {Error} inside a transaction, which would be held open for as long as others are served first.
   */
  async run(task: Task): Promise<Result> {
    refuseInTransaction('a task of a thread');
    return this.gate.run(() => this.perform(task));
  }

  /** Ends the thread; a task under way fails, and one that comes later begins another. */
  end(): void {
    clearTimeout(this.idle);
    void this.worker?.terminate();
    this.worker = null;
  }

  private async perform(task: Task): Promise<Result> {
    clearTimeout(this.idle);
    this.worker ??= this.start();
    const { worker } = this;
    const { timeLimit, idleTime = 60_000, overdue = busy } = this.options;
    const limit = limitOf(worker, timeLimit);
    const gone = new AbortController();
    const onExit = () => gone.abort();
    worker.once('exit', onExit);
    worker.ref();
    try {
      const answer = once(worker, 'message', { signal: AbortSignal.any([limit.signal, gone.signal]) });
      worker.postMessage(task);
      const [result] = await answer;
      return result as Result;
    } catch (error) {
      this.end();
      throw limit.signal.aborted ? overdue(error) : error;
    } finally {
      limit.clear();
      worker.off('exit', onExit);
      worker.unref();
      this.idle = setTimeout(() => this.end(), idleTime).unref();
    }
  }

  private start(): Worker {
    const { file, data, maxHeap } = this.options;
    const worker = new Worker(entryOf(file), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: maxHeap, maxYoungGenerationSizeMb: 8 },
    });
    // Whoever waits for an answer is told; unheard, it would end the process.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.worker === worker) this.worker = null;
    });
    return worker;
  }
}

/** Aborts when a thread has taken so much of the processor since now, in milliseconds, or far longer has passed. */
function limitOf(worker: Worker, timeLimit: number): { signal: AbortSignal; clear(): void } {
  const limit = new AbortController();
  const begun = takenBy(worker);
  const look = async () => {
    if ((await takenBy(worker)) - (await begun) > timeLimit) limit.abort();
  };
  const looks = setInterval(look, Math.min(timeLimit / 4, 1_000));
  const end = setTimeout(() => limit.abort(), LONGER * timeLimit);
  return {
    signal: limit.signal,
    clear: () => {
      clearInterval(looks);
      clearTimeout(end);
    },
  };
}

/** What a thread has taken of the processor, in milliseconds; nothing while it does not run. Not told before native code ends. */
async function takenBy(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1_000;
  } catch {
    return 0;
  }
}
