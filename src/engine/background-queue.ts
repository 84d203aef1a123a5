export interface QueueLimits {
  /** Tasks under way at once. */
  concurrency: number;
  /** Tasks waiting at most; what does not fit is dropped, so it must be work that something else makes up for. */
  capacity: number;
  /** Tasks begun in a second at most while many wait: a burst is worked off beside the requests, not before them. */
  burstRate: number;
}

/** So few waiting tasks are begun at once. */
const SHORT_QUEUE = 5;

/** Work that nobody waits for, a few at a time. Tasks handle their own errors. */
export class BackgroundQueue {
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = 0;
  /** Set while the queue holds back. */
  private pause: NodeJS.Timeout | null = null;
  private whenIdle: (() => void) | null = null;

  constructor(private readonly limits: QueueLimits) {}

  push(task: () => Promise<void>): void {
    if (this.waiting.length >= this.limits.capacity) return;
    this.waiting.push(task);
    this.next();
  }

  /** Forgets what has not begun and waits for what has, at most `timeout` milliseconds. */
  async drain(timeout: number): Promise<void> {
    this.waiting.length = 0;
    if (this.running === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private next(): void {
    while (this.pause === null && this.running < this.limits.concurrency) {
      const task = this.waiting.shift();
      if (task === undefined) return;
      this.begin(task);
      if (this.waiting.length > SHORT_QUEUE) this.holdBack();
    }
  }

  private begin(task: () => Promise<void>): void {
    this.running += 1;
    void task().finally(() => {
      this.running -= 1;
      this.next();
      if (this.running === 0) this.whenIdle?.();
    });
  }

  private holdBack(): void {
    this.pause = setTimeout(() => {
      this.pause = null;
      this.next();
    }, 1_000 / this.limits.burstRate);
  }
}
