export interface QueueLimits<Done = unknown> {
  /** Tasks under way at once. */
  concurrency: number;
  /** Tasks waiting at most; what does not fit is dropped, so it must be work that something else makes up for. */
  capacity: number;
  /** Tasks begun in a second at most when many come: a burst is worked off beside the requests, not before them. */
  burstRate: number;
  /**
   * Whether people wait for something else at this moment. As long as they do, hardly anything is begun, unless it has
   * waited for {@link PATIENCE}.
   */
  peopleWait?: () => boolean;
  /** Is told what tasks came to, many at a time and soon after; its errors are its own to handle. */
  report?: (done: Done[]) => Promise<void>;
}

/** So many may begin at once that come after a while without any. */
const AT_ONCE = 5;
/** How long a task gives way to people, in milliseconds: there may be some who wait at any hour. */
const PATIENCE = 15_000;
/** So many are begun in a second all the same. */
const LEAST_RATE = 4;
/** How often it is looked whether people still wait, in milliseconds. */
const LOOK_AGAIN = 20;
/** How long the first of those that are reported together waits for others, in milliseconds. */
const REPORT_AFTER = 200;

/** Work that nobody waits for, a few at a time. Tasks handle their own errors. */
export class BackgroundQueue<Done = unknown> {
  private readonly waiting: { task: () => Promise<Done | undefined>; since: number }[] = [];
  private running = 0;
  /** Set while the queue holds back. */
  private pause: NodeJS.Timeout | null = null;
  /** How many may begin now; grows with the time, and not without a bound. */
  private allowed = AT_ONCE;
  private allowedAt = performance.now();
  private done: Done[] = [];
  private reporting: NodeJS.Timeout | null = null;
  private whenIdle: (() => void) | null = null;

  constructor(private readonly limits: QueueLimits<Done>) {}

  /** @param task comes to what is to be reported, or to nothing. */
  push(task: () => Promise<Done | undefined>): void {
    if (this.waiting.length >= this.limits.capacity) return;
    this.waiting.push({ task, since: performance.now() });
    this.next();
  }

  /** Forgets what has not begun, waits for what has, at most `timeout` milliseconds, and reports it. */
  async drain(timeout: number): Promise<void> {
    this.waiting.length = 0;
    if (this.running > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeout);
        this.whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await this.report();
  }

  private next(): void {
    while (this.pause === null && this.running < this.limits.concurrency && this.waiting.length > 0) {
      const rate = this.allow();
      if (this.allowed < 1) {
        this.holdBack(rate);
        return;
      }
      this.allowed -= 1;
      this.begin(this.waiting.shift()!.task);
    }
  }

  /** @returns how many are allowed in a second at this moment. */
  private allow(): number {
    const now = performance.now();
    const { burstRate, peopleWait } = this.limits;
    const patient = now - this.waiting[0]!.since < PATIENCE;
    const rate = patient && peopleWait?.() ? Math.min(LEAST_RATE, burstRate) : burstRate;
    this.allowed = Math.min(AT_ONCE, this.allowed + (rate * (now - this.allowedAt)) / 1_000);
    this.allowedAt = now;
    return rate;
  }

  private begin(task: () => Promise<Done | undefined>): void {
    this.running += 1;
    void task()
      .then((done) => this.note(done))
      .finally(() => {
        this.running -= 1;
        this.next();
        if (this.running === 0) this.whenIdle?.();
      });
  }

  private holdBack(rate: number): void {
    this.pause = setTimeout(
      () => {
        this.pause = null;
        this.next();
      },
      Math.min(LOOK_AGAIN, (1_000 * (1 - this.allowed)) / rate),
    );
  }

  private note(done: Done | undefined): void {
    if (done === undefined || this.limits.report === undefined) return;
    this.done.push(done);
    const isAlone = this.waiting.length === 0 && this.running === 1;
    if (isAlone) void this.report();
    else this.reporting ??= setTimeout(() => void this.report(), REPORT_AFTER);
  }

  private async report(): Promise<void> {
    if (this.reporting !== null) clearTimeout(this.reporting);
    this.reporting = null;
    if (this.done.length > 0) await this.limits.report!(this.done.splice(0));
  }
}
