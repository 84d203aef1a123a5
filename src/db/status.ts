import type { Pool } from 'pg';
import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { query } from './sql';

/** What an operator wants to know of the database. */

export interface MigrationState {
  applied: string[];
  /** Known to this process and not applied: it must not serve. */
  pending: string[];
}

export async function readMigrations(db: DataSource): Promise<MigrationState> {
  const table = await query<{ exists: boolean }>(
    db,
    sql`SELECT to_regclass('migrations') IS NOT NULL AS exists`,
  );
  const rows = table[0]!.exists
    ? await query<{ name: string }>(db, sql`SELECT name FROM migrations ORDER BY id`)
    : [];
  const applied = rows.map(({ name }) => name);
  const known = db.migrations.map((migration) => migration.name ?? migration.constructor.name);
  return { applied, pending: known.filter((name) => !applied.includes(name)) };
}

/** Connections of this process. */
export interface PoolState {
  max: number;
  open: number;
  idle: number;
  /** Requests that wait for one. */
  waiting: number;
}

export function poolState(db: DataSource): PoolState {
  const { options, totalCount, idleCount, waitingCount } = (db.driver as unknown as { master: Pool }).master;
  return { max: options.max, open: totalCount, idle: idleCount, waiting: waitingCount };
}
