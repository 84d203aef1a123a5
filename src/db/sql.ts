import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
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
 * Runs a hand-written statement and returns its rows.
 * Outside a transaction it runs as a named prepared statement: parsing and planning are paid once a connection.
 */
export async function query<Row>(executor: Executor, statement: Sql): Promise<Row[]> {
  if (!(executor instanceof DataSource)) {
    // The structured result: the plain one has another shape for UPDATE and DELETE than for SELECT.
    const result = await executor.queryRunner!.query(statement.text, statement.values as unknown[], true);
    return result.records as Row[];
  }
  const pool = (executor.driver as unknown as { master: Pool }).master;
  const result = await pool.query({
    name: nameOf(statement.text),
    text: statement.text,
    values: statement.values,
  });
  return result.rows as Row[];
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
