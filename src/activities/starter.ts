import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { ActivityContext } from './context';
import { Pacer } from './pacer';

/** Starts under way at once. */
const CONCURRENCY = 4;
/** So many are started without a pause, what a short outage leaves behind; after that people come first. */
const AT_ONCE = 50;
/** For how long one waits for the orders of people before the next are started all the same, in milliseconds. */
const PATIENCE = 150;
/** Rows read at a time. */
export const PAGE = 500;

/**
 * Tells the engine that this goes on.
 * @throws {CancelledFailure} when it should not: the worker is about to stop, or another has taken this over.
 */
export function goOn(): void {
  const activity = Context.current();
  activity.heartbeat();
  activity.cancellationSignal.throwIfAborted();
}

/**
 * Starts workflows a few at a time, and gives way to people when there are many. One that cannot be started keeps none of
 * the others.
 */
export class Starter {
  /** When this round is over. */
  end = Number.POSITIVE_INFINITY;
  started = 0;
  private readonly pacer = new Pacer();

  constructor(private readonly context: Pick<ActivityContext, 'logger' | 'people'>) {}

  get isOver(): boolean {
    return Date.now() >= this.end;
  }

  /** All that there are, page by page in the order of their ids, until the round is over. */
  each<Id>(
    first: Id,
    pageAfter: (after: Id) => Promise<{ id: Id }[]>,
    startOne: (id: Id) => Promise<unknown>,
  ): Promise<void> {
    return this.eachRow(first, pageAfter, ({ id }) => startOne(id));
  }

  /** The same, with all that was read of each. */
  async eachRow<Id, Row extends { id: Id }>(
    first: Id,
    pageAfter: (after: Id) => Promise<Row[]>,
    startOne: (row: Row) => Promise<unknown>,
  ): Promise<void> {
    for (let after = first; ; ) {
      const page = await pageAfter(after);
      await this.all(page, startOne);
      if (page.length < PAGE || this.isOver) return;
      after = page.at(-1)!.id;
    }
  }

  async all<Item>(items: readonly Item[], startOne: (item: Item) => Promise<unknown>): Promise<void> {
    for (let at = 0; at < items.length && !this.isOver; at += CONCURRENCY) {
      goOn();
      const begin = performance.now();
      const batch = items.slice(at, at + CONCURRENCY);
      for (const outcome of await Promise.allSettled(batch.map(startOne))) {
        if (outcome.status === 'fulfilled') this.started += 1;
        else
          this.context.logger.warn({ err: outcome.reason }, 'workflow not started; tried again in a minute');
      }
      const rest = this.pacer.restAfter(performance.now() - begin);
      if (this.started <= AT_ONCE) continue;
      await sleep(rest);
      await this.context.people.calm(PATIENCE);
    }
  }
}
