import { RegieError } from '../domain/errors';

export interface GateLimits {
  /** How many run at a time. */
  places: number;
  /**
   * How many wait at most; one more is refused at once with `SERVICE_INDISPONIBLE`, since an answer that comes too late is
   * work for nothing.
   */
  maxWaiting: number;
  /** How long one waits at most before it is refused all the same, in milliseconds; for ever unless said. */
  maxWait?: number;
  /**
   * For how long a place stays empty after somebody who was in it for so long, while others wait for it; milliseconds.
   * Whoever was in it is answered before.
   */
  rest?: (took: number) => number;
}

interface Waiting {
  enter(): void;
  refuse(): void;
}

/** When those who were sent away may come back, in seconds: a full queue is gone by then. */
const RETRY_AFTER = 3;

/**
 * Lets in so many at a time. The others wait, in the order in which they came as far as one caller is concerned, and the
 * callers in turn: whoever asks for five hundred things does not keep another's one waiting behind all of them.
 */
export class Gate {
  private free: number;
  private count = 0;
  /** Those who wait, by caller; the callers in the order of their turns. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(private readonly limits: GateLimits) {
    this.free = limits.places;
  }

  /** Whether whoever comes now has to wait. */
  get full(): boolean {
    return this.free === 0;
  }

  /** How many are inside. */
  get running(): number {
    return this.limits.places - this.free;
  }

  /** How many wait. */
  get waiting(): number {
    return this.count;
  }

  /**
   * @param caller whose turn it is that this takes.
   * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many wait already or it has waited for too long; then nothing was
   * run.
   */
  async run<Result>(run: () => Promise<Result>, caller = ''): Promise<Result> {
    if (this.free > 0) this.free--;
    else await this.turn(caller);
    const begun = performance.now();
    try {
      return await run();
    } finally {
      const rest = this.count === 0 ? 0 : (this.limits.rest?.(performance.now() - begun) ?? 0);
      if (rest === 0) this.handOn();
      else setTimeout(() => this.handOn(), rest);
    }
  }

  /** A place is handed on, so that nobody who comes now gets in before those who wait. */
  private handOn(): void {
    const next = this.next();
    if (next === undefined) this.free++;
    else next.enter();
  }

  private turn(caller: string): Promise<void> {
    if (this.count >= this.limits.maxWaiting) this.makeRoom(caller);
    return new Promise((resolve, reject) => {
      const { maxWait } = this.limits;
      const timer =
        maxWait === undefined
          ? undefined
          : setTimeout(() => {
              this.leave(caller, waiting);
              reject(busy());
            }, maxWait);
      const waiting: Waiting = {
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse: () => {
          clearTimeout(timer);
          reject(busy());
        },
      };
      const queue = this.queues.get(caller);
      if (queue === undefined) this.queues.set(caller, [waiting]);
      else queue.push(waiting);
      this.count++;
    });
  }

  /**
   * The last of the caller of whom most wait makes room, so that those who ask for much fill the queue against nobody but
   * themselves.
   */
  private makeRoom(caller: string): void {
    let [longest, length] = [caller, (this.queues.get(caller)?.length ?? 0) + 1];
    for (const [name, queue] of this.queues)
      if (queue.length > length) [longest, length] = [name, queue.length];
    if (longest === caller) throw busy();
    const last = this.queues.get(longest)!.at(-1)!;
    this.leave(longest, last);
    last.refuse();
  }

  private next(): Waiting | undefined {
    const [first] = this.queues;
    if (first === undefined) return undefined;
    const [caller, queue] = first;
    const next = queue.shift()!;
    this.count--;
    // Whoever has had a turn is the last to have the next one.
    this.queues.delete(caller);
    if (queue.length > 0) this.queues.set(caller, queue);
    return next;
  }

  private leave(caller: string, waiting: Waiting): void {
    const queue = this.queues.get(caller)!;
    queue.splice(queue.indexOf(waiting), 1);
    if (queue.length === 0) this.queues.delete(caller);
    this.count--;
  }
}

/** Too much is asked for at once. */
export function busy(cause?: unknown): RegieError {
  return new RegieError('SERVICE_INDISPONIBLE', {
    detail: {
      fr: 'Trop de demandes de cette sorte sont en cours',
      en: 'Too many requests of this kind are under way',
    },
    retryAfter: RETRY_AFTER,
    cause,
  });
}
