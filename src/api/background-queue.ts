/**
 * Work that nobody waits for, a few at a time. Tasks handle their own errors.
 * What does not fit any more is dropped: it must be work that something else makes up for.
 */
export class BackgroundQueue {
  private readonly waiting: (() => Promise<void>)[] = [];
  private running = 0;
  private whenIdle: (() => void) | null = null;

  constructor(
    private readonly concurrency: number,
    private readonly capacity: number,
  ) {}

  push(task: () => Promise<void>): void {
    if (this.waiting.length >= this.capacity) return;
    this.waiting.push(task);
    this.next();
  }

  /** Forgets what has not begun and waits for what has, at most `timeout` milliseconds. */
  async drain(timeout: number): Promise<void> {
    this.waiting.length = 0;
    if (this.running === 0) return;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
      setTimeout(resolve, timeout).unref();
    });
  }

  private next(): void {
    while (this.running < this.concurrency) {
      const task = this.waiting.shift();
      if (task === undefined) break;
      this.running += 1;
      void task().finally(() => {
        this.running -= 1;
        this.next();
        if (this.running === 0) this.whenIdle?.();
      });
    }
  }
}
