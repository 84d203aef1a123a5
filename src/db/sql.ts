import { createHash } from 'node:crypto';
import { type CustomTypesConfig, type Pool, type PoolClient, types } from 'pg';
import type { Sql } from 'sql-template-tag';
import { DataSource, type EntityManager } from 'typeorm';
import { memoryOf } from './memory';
import { refuseInTransaction } from './transaction';

/** Where a statement runs: on any free connection, or inside the transaction of an entity manager. */
export type Executor = DataSource | EntityManager;

/**
 * Statements that connections keep prepared under a name. Texts are few (a list's filters and a role's conditions), but
 * not bounded, and each connection keeps its own copy.
 */
const MAX_NAMES = 300;

/**
 * Runs a hand-written statement and returns its rows. It runs as a named prepared statement, inside a
 * transaction too: parsing and planning are paid once a connection.
 */
export async function query<Row>(executor: Executor, statement: Sql): Promise<Row[]> {
  const { text, values } = statement;
  const connection = await connectionOf(executor);
  const result = await connection.query({ name: nameOf(executor, text), text, values });
  return result.rows as Row[];
}

/** A row as JSON would carry it: instants as text. */
export type Wire<Row> = { [Field in keyof Row]: WireValue<Row[Field]> };
type WireValue<Value> = Value extends Date ? string : Value;

/**
 * The same for rows that are only passed on: instants come as RFC 3339 text. A page of a list holds a hundred of
 * them, and making each a `Date` only to write it out again costs as much as all the rest of the row.
 */
export async function queryWire<Row>(executor: Executor, statement: Sql): Promise<Wire<Row>[]> {
  const { text, values } = statement;
  const connection = await connectionOf(executor);
  const result = await connection.query({ name: nameOf(executor, text), text, values, types: WIRE_TYPES });
  return result.rows as Wire<Row>[];
}

const WIRE_TYPES = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === types.builtins.TIMESTAMPTZ ? toRfc3339 : types.getTypeParser(oid, format),
} as CustomTypesConfig;

/** From PostgreSQL's own format, in milliseconds; sessions run in UTC (`data-source.ts`). */
function toRfc3339(text: string): string {
  if (!text.endsWith('+00')) return new Date(text).toISOString();
  const fraction = text.slice(19, -3) || '.';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}${fraction.padEnd(4, '0')}Z`;
}

/**
 * The pool, or the one connection that the transaction holds.
 * @throws {Error} when somebody who holds a connection asks for another one: of enough of them none would get it.
 */
async function connectionOf(executor: Executor): Promise<Pool | PoolClient> {
  if (executor instanceof DataSource) {
    refuseInTransaction('a second connection');
    return (executor.driver as unknown as { master: Pool }).master;
  }
  const { queryRunner, connection } = executor;
  return queryRunner === undefined ? connectionOf(connection) : ((await queryRunner.connect()) as PoolClient);
}

/** The only row, or null when there is none. */
export async function queryOne<Row>(executor: Executor, statement: Sql): Promise<Row | null> {
  return (await query<Row>(executor, statement))[0] ?? null;
}

function nameOf(executor: Executor, text: string): string | undefined {
  const names = memoryOf(executor).statements;
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMES) {
    name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
  }
  return name;
}
