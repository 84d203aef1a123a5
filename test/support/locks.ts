import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { eventually } from './eventually';

/** Stops others at one point of their work: at rows that the test holds. */
export interface HeldRows {
  /**
   * Resolves when so many statements wait for a lock, at least.
   * @param whose those of Régie's worker unless said; null for anybody's.
   */
  awaitedBy(count: number, whose?: string | null): Promise<unknown>;
  /** Changes something before it lets the rows go. */
  change(statement: string, parameters: unknown[]): Promise<void>;
  /** Lets the rows go, with what was changed. */
  commit(): Promise<void>;
  /** Lets the rows go as they were. */
  release(): Promise<void>;
}

/**
 * @param owner who may see what others wait for.
 * @param statement a SELECT … FOR UPDATE, or whatever else others have to wait for.
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
    awaitedBy: (count, whose = 'regie-worker') =>
      eventually(
        () =>
          owner.query(
            `SELECT query FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'
               AND ($1::text IS NULL OR application_name = $1)`,
            [whose],
          ),
        (waiting: unknown[]) => waiting.length >= count,
      ),
    change: async (changed, given) => {
      await client.query(changed, given);
    },
    commit: async () => {
      await client.query('COMMIT');
      await client.end();
    },
    release: () => client.end(),
  };
}

/** What the server does once it notices that a worker is gone; while a statement waits for a lock it does not. */
export async function endWorkerConnections(owner: DataSource): Promise<void> {
  await owner.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name IN ('regie-worker', 'regie-worker-medical', 'regie-messages')`,
  );
}
