import { networkOf } from '../auth/addresses';
import type { Actor } from '../services/actor';
import { Gate } from '../threads/gate';
import { People } from '../threads/people';

/**
 * How many requests that change something are carried out at a time in one process of the API; the others wait in a queue
 * that is fair to their callers, and hold nothing while they do (docs/decisions/026). Reads pass no gate.
 */
export interface Places {
  /** To find out who asks for a change, of however many who come at once: by then nothing has been looked at. */
  arrivals: Gate;
  /** For what is one transaction: it wants the processor and a connection. */
  writes: Gate;
  /** For what is carried out by workflows: it waits for the engine, and holds no connection meanwhile. */
  orders: Gate;
  /** Those who read. */
  readers: People;
}

/**
 * More at a time answer no sooner: two cores are busy with as many, and what they are busy with is what reads wait for. So
 * many leave room in the pool of a process for the statements of orders and sign-ins.
 */
const WRITES = 2;
/** Enough to fill the others: each takes a statement. */
const ARRIVALS = 2;
const MAX_ARRIVING = 1_000;
/** With so many the engine is busy, and the last of them is answered long before it would be given up. */
const ORDERS = 16;
/** An answer that takes longer than this is one that few still wait for, in milliseconds. */
const MAX_WAIT = { writes: 5_000, orders: 10_000 };
/**
 * For how long a transaction whose turn it is lets those who read at that moment go before it, in milliseconds. It ends
 * where there is always somebody who reads: then each process still carries out some eighty in a second.
 */
export const PRECEDENCE = 20;
/** Of each kind; what is worked off within that time even where a change takes 15 ms of the processor. */
const MAX_WAITING = 300;

/**
 * While somebody has read within so many milliseconds, a place rests for as long as a transaction took: on processors that
 * are never idle everybody waits for all of them, however little they ask for.
 */
const LATELY = 1_000;

export function createPlaces(): Places {
  const readers = new People();
  const rest = (took: number) => (readers.lately(LATELY) ? Math.min(took, PRECEDENCE) : 0);
  return {
    arrivals: new Gate({ places: ARRIVALS, maxWaiting: MAX_ARRIVING, maxWait: MAX_WAIT.writes, rest }),
    writes: new Gate({ places: WRITES, maxWaiting: MAX_WAITING, maxWait: MAX_WAIT.writes, rest }),
    orders: new Gate({ places: ORDERS, maxWaiting: MAX_WAITING, maxWait: MAX_WAIT.orders }),
    readers,
  };
}

/** By whose turns a request waits: a machine has turns of its own beside the person it acts for. */
export function callerOf({ userId, cleApiId, adresse }: Actor): string {
  if (userId === null) return networkOf(adresse ?? '');
  return cleApiId === null ? `user ${userId}` : `cle_api ${cleApiId}`;
}

/** Whether somebody in this process waits for something to be changed. */
export function changesUnderWay({ writes, orders }: Places): boolean {
  return writes.running > 0 || orders.running > 0;
}
