import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { eventually } from './eventually';

/** Stops other processes at one point of their work: at rows that the test holds. */
export interface HeldRows {
  /** Resolves when so many statements of Régie's worker wait for a lock, at least. */
  awaitedBy(count: number): Promise<unknown>;
  release(): Promise<void>;
}

/**
 * @param owner who may see what others wait for.
 * @param statement a SELECT … FOR UPDATE.
 */
export async function holdRows(
  owner: DataSource,
  statement: string,
  parameters: unknown[],
): Promise<HeldRows> {
  // A connection of its own: one of the pool would keep the pool from closing when the test fails.
  const client = new Client({ connectionString: (owner.options as { url: string }).url });
  client.on('error', () => {});
  await client.connect();
  await client.query('BEGIN');
  await client.query(statement, parameters);
  return {
    awaitedBy: (count) =>
      eventually(
        () =>
          owner.query(
            `SELECT query FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'regie-worker' AND wait_event_type = 'Lock'`,
          ),
        (waiting: unknown[]) => waiting.length >= count,
      ),
    release: () => client.end(),
  };
}

/** What the server does once it notices that a worker is gone; while a statement waits for a lock it does not. */
export async function endWorkerConnections(owner: DataSource): Promise<void> {
  await owner.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name IN ('regie-worker', 'regie-messages')`,
  );
}
