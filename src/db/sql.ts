import {
  type CustomTypesConfig,
  escapeIdentifier,
  type Pool,
  type PoolClient,
  type QueryConfig,
  types,
} from 'pg';
import sql, { type Sql } from 'sql-template-tag';
import { DataSource, type EntityManager } from 'typeorm';
import type { Hot } from './hot';
import { memoryOf } from './memory';
import { refuseInTransaction } from './transaction';

/** Where a statement runs: on any free connection, or inside the transaction of an entity manager. */
export type Executor = DataSource | EntityManager;

/** A statement with its values, as `sql` makes it. */
type Statement = Pick<Sql, 'text' | 'values'>;

/**
 * Runs a hand-written statement and returns its rows. One that is run again and again is kept prepared under a name,
 * inside a transaction too: parsing and planning are paid once a connection.
 */
export async function query<Row>(executor: Executor, statement: Statement): Promise<Row[]> {
  return (await run(executor, statement)) as Row[];
}

/** A row as JSON would carry it: instants as text. */
export type Wire<Row> = { [Field in keyof Row]: WireValue<Row[Field]> };
type WireValue<Value> = Value extends Date ? string : Value;

/**
 * The same for rows that are only passed on: instants come as RFC 3339 text. A page of a list holds a hundred of
 * them, and making each a `Date` only to write it out again costs as much as all the rest of the row.
 */
export async function queryWire<Row>(executor: Executor, statement: Statement): Promise<Wire<Row>[]> {
  return (await run(executor, statement, WIRE_TYPES)) as Wire<Row>[];
}

const WIRE_TYPES = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === types.builtins.TIMESTAMPTZ ? toRfc3339 : types.getTypeParser(oid, format),
} as CustomTypesConfig;

/**
 * An instant within JSON that a statement builds, with a Z at its end as in all answers: PostgreSQL writes an offset, of
 * nothing since sessions run in UTC.
 */
export function rfc3339Sql(instant: Sql): Sql {
  return sql`replace(to_json(${instant}) #>> '{}', '+00:00', 'Z')`;
}

/** From PostgreSQL's own format, in milliseconds; sessions run in UTC (`data-source.ts`). */
function toRfc3339(text: string): string {
  if (!text.endsWith('+00')) return new Date(text).toISOString();
  const fraction = text.slice(19, -3) || '.';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}${fraction.padEnd(4, '0')}Z`;
}

/** The one connection that the transaction holds; null outside of one. */
async function heldConnection(executor: Executor): Promise<PoolClient | null> {
  if (executor instanceof DataSource || executor.queryRunner === undefined) return null;
  return (await executor.queryRunner.connect()) as PoolClient;
}

/** @throws {Error} when somebody who holds a connection asks for another one: of enough of them none would get it. */
function freeConnection(executor: Executor): Promise<PoolClient> {
  refuseInTransaction('a second connection');
  const source = executor instanceof DataSource ? executor : executor.connection;
  return (source.driver as unknown as { master: Pool }).master.connect();
}

/** The only row, or null when there is none. */
export async function queryOne<Row>(executor: Executor, statement: Statement): Promise<Row | null> {
  return (await query<Row>(executor, statement))[0] ?? null;
}

async function run(
  executor: Executor,
  { text, values }: Statement,
  types?: CustomTypesConfig,
): Promise<unknown[]> {
  const { statements } = memoryOf(executor);
  const wanted = { text, values, types };
  const held = await heldConnection(executor);
  if (held !== null) return send(held, statements, wanted);
  const client = await freeConnection(executor);
  let fault: Error | undefined;
  try {
    return await send(client, statements, wanted);
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    client.release(fault);
  }
}

async function send(
  client: PoolClient,
  statements: Hot,
  wanted: QueryConfig & { text: string },
): Promise<unknown[]> {
  if (followed.get(client) !== statements.losses) await letGo(client, statements);
  return (await client.query({ ...wanted, name: statements.use(wanted.text) })).rows;
}

/** How many losses each connection has followed. */
const followed = new WeakMap<PoolClient, number>();

/** What pg knows of the statements that a connection keeps: their texts by their names. */
interface Keeping {
  connection: { parsedStatements: Record<string, string> };
}

/** Has a connection forget the statements that lost their names, before it learns another one. */
async function letGo(client: PoolClient, statements: Hot): Promise<void> {
  const { losses } = statements;
  const { parsedStatements } = (client as unknown as Keeping).connection;
  const lost = Object.keys(parsedStatements).filter((name) => !statements.holds(name));
  if (lost.length > 0) {
    await client.query(lost.map((name) => `DEALLOCATE ${escapeIdentifier(name)}`).join(';'));
    for (const name of lost) delete parsedStatements[name];
  }
  followed.set(client, losses);
}
