import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Which transaction the code that runs belongs to. A transaction holds a connection of the pool, and locks, until it
 * ends: nothing that takes its time, or that waits for anybody else, may happen inside one. Whatever does so says that it
 * does by {@link refuseInTransaction}, so that the mistake shows in the first test that makes it, and not as a pool that
 * is empty one day (docs/decisions/018).
 */

/** One transaction, as long as it is open. */
export interface Transaction {
  open: boolean;
}

const storage = new AsyncLocalStorage<Transaction>();

/** Runs the body of a transaction; what it starts and does not wait for is no part of it once it has ended. */
export async function asTransaction<Result>(run: () => Promise<Result>): Promise<Result> {
  const transaction = { open: true };
  try {
    return await storage.run(transaction, run);
  } finally {
    transaction.open = false;
  }
}

/** The transaction that the running code belongs to, or null. */
export function currentTransaction(): Transaction | null {
  const transaction = storage.getStore();
  return transaction?.open ? transaction : null;
}

/**
 * To be called by whatever takes its time: hashing, judging, rendering, storing, calling out.
 * @throws {Error} inside a transaction: a mistake of the program, never of the caller.
 */
export function refuseInTransaction(work: string): void {
  if (currentTransaction() !== null) throw new Error(`Not inside a transaction: ${work}`);
}
