/**
 * How long to rest between pieces of work that nobody waits for, so that it yields to whoever is busy, on whatever machine
 * and with whatever: a piece that takes longer than it could has others beside it, and the rest grows with the square of
 * how much longer. With nothing beside it, it is a fixed share of the time that is spent at work.
 */
export class Pacer {
  private readonly recent: number[] = [];

  /** @param elapsed of the last piece; all in milliseconds. */
  restAfter(elapsed: number): number {
    this.recent.push(elapsed);
    if (this.recent.length > REMEMBERED) this.recent.shift();
    const least = Math.min(...this.recent);
    return Math.min(MAX_REST, (REST * elapsed * elapsed) / least);
  }
}

/** Milliseconds of rest for each at work, with nothing beside it. */
const REST = 2;
/** What was possible so many pieces ago may not be any more. */
const REMEMBERED = 100;
/** Yielding has an end: the work is done in a bounded time, however long others are busy. Milliseconds. */
const MAX_REST = 150;
