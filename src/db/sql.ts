import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { Sql } from 'sql-template-tag';
import { DataSource, type EntityManager } from 'typeorm';

/** Where a statement runs: on any free connection, or inside the transaction of an entity manager. */
export type Executor = DataSource | EntityManager;

/**
 * Statements whose text has been seen, with the name under which connections keep them prepared. Texts are
 * few (a list's filters and a role's conditions), but not bounded, and each connection keeps its own copy.
 */
const names = new Map<string, string>();
const MAX_NAMES = 300;

/**
 * Runs a hand-written statement and returns its rows. It runs as a named prepared statement, inside a
 * transaction too: parsing and planning are paid once a connection.
 */
export async function query<Row>(executor: Executor, statement: Sql): Promise<Row[]> {
  const { text, values } = statement;
  const connection = await connectionOf(executor);
  const result = await connection.query({ name: nameOf(text), text, values });
  return result.rows as Row[];
}

/** The pool, or the one connection that the transaction holds. */
async function connectionOf(executor: Executor): Promise<Pool | PoolClient> {
  if (executor instanceof DataSource) return (executor.driver as unknown as { master: Pool }).master;
  const { queryRunner, connection } = executor;
  return queryRunner === undefined ? connectionOf(connection) : ((await queryRunner.connect()) as PoolClient);
}

/** The only row, or null when there is none. */
export async function queryOne<Row>(executor: Executor, statement: Sql): Promise<Row | null> {
  return (await query<Row>(executor, statement))[0] ?? null;
}

function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMES) {
    name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
  }
  return name;
}
