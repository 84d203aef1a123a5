/**
 * Whether people wait for something that this process does at this moment. What can wait asks before it begins, and gives
 * way to them for a little (docs/decisions/026).
 */
export class People {
  private served = 0;
  /** When somebody was last served, as `performance.now()` tells it. */
  private servedAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private readonly waiting = new Set<() => void>();

  /** @param afterwards for so many milliseconds after it was done, somebody still waits for what follows from it. */
  constructor(private readonly afterwards = 0) {}

  /** Whether somebody waits. */
  get wait(): boolean {
    return this.served > 0 || this.timer !== null;
  }

  /** Whether somebody was there within so many milliseconds. */
  lately(period: number): boolean {
    return this.wait || performance.now() - this.servedAt < period;
  }

  /** Does what somebody waits for. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    this.served += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    try {
      return await run();
    } finally {
      this.served -= 1;
      this.servedAt = performance.now();
      if (this.served === 0) this.end();
    }
  }

  /**
   * Resolves when nobody waits.
   * @param patience after so many milliseconds all the same: what can wait has to be done, too.
   */
  calm(patience: number): Promise<void> {
    if (!this.wait) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, patience);
      this.waiting.add(go);
    });
  }

  private end(): void {
    if (this.afterwards === 0) this.letGo();
    else this.timer = setTimeout(() => this.letGo(), this.afterwards).unref();
  }

  private letGo(): void {
    this.timer = null;
    for (const go of [...this.waiting]) go();
  }
}
