import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';

/** Waits for a change, at most until an instant. */
export interface Alarm {
  /**
   * @param date milliseconds since the epoch; without one it waits for the change alone.
   * @param summary what operators read of the timer.
   * @returns false when the instant came first, or one that was waited for earlier.
   */
  until(date: number | undefined, changed: () => boolean, summary: string): Promise<boolean>;
}

/**
 * Leaves a timer alone that rings early: most changes put deadlines off, and to look again once is cheaper than to cancel a
 * timer and set another at each of them. Whoever waits asks what is due after it has rung.
 */
export class LastingAlarm implements Alarm {
  /** When the timer rings that is set. */
  private date = Number.POSITIVE_INFINITY;
  private scope: CancellationScope | null = null;
  private rang = false;

  async until(date: number | undefined, changed: () => boolean, summary: string): Promise<boolean> {
    if (date !== undefined && date < this.date) this.set(date, summary);
    await condition(() => this.rang || changed());
    const early = !this.rang;
    this.rang = false;
    return early;
  }

  private set(date: number, summary: string): void {
    this.scope?.cancel();
    const scope = new CancellationScope();
    this.scope = scope;
    this.date = date;
    scope
      .run(() => sleep(Math.max(1, date - Date.now()), { summary }))
      .then(
        () => {
          this.rang = true;
          this.date = Number.POSITIVE_INFINITY;
        },
        (error) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }
}

/** Sets its timer anew each time: what workflows do that were started by 0.2.0 or before. */
export const renewedAlarm: Alarm = {
  until: async (date, changed, summary) => {
    if (date === undefined) {
      await condition(changed);
      return true;
    }
    return condition(changed, Math.max(1, date - Date.now()), { summary });
  },
};
