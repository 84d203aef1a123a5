import sql, { raw, type Sql } from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/db/data-source';
import { memoryOf } from '../../src/db/memory';
import { type Executor, query } from '../../src/db/sql';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** Statements that a connection keeps prepared: each takes memory of the server's, as long as the connection lives. */

const NAMES = 100;
const ENOUGH = 5;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** One connection, whose statements can be looked at. */
let db: DataSource;
beforeEach(async () => {
  db = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
});
afterEach(() => db.destroy());

const statement = (n: number): Sql => sql`SELECT ${n}::integer AS n, ${raw(String(n))} AS text`;

async function repeat(executor: Executor, n: number, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    expect(await query(executor, statement(n))).toEqual([{ n, text: n }]);
  }
}

async function prepared(): Promise<string[]> {
  const rows: { statement: string }[] = await db.query('SELECT statement FROM pg_prepared_statements');
  return rows.map((row) => row.statement);
}

it('are those that are run again and again', async () => {
  await repeat(db, 1, ENOUGH);
  await repeat(db, 2, ENOUGH - 1);
  expect(await prepared()).toEqual([statement(1).text]);
});

it('are as few after any number of texts, the last of which is kept when it becomes hot', async () => {
  for (let n = 1; n <= 300; n++) await repeat(db, n, ENOUGH);
  expect((await prepared()).length).toBeLessThanOrEqual(NAMES);
  await repeat(db, 301, 10 * ENOUGH);
  const kept = await prepared();
  expect(kept).toContain(statement(301).text);
  expect(kept.length).toBeLessThanOrEqual(NAMES);
});

it('are let go inside a transaction, too, and taken up again under another name', async () => {
  for (let n = 1; n <= NAMES; n++) await repeat(db, n, ENOUGH);
  expect(await prepared()).toHaveLength(NAMES);
  await db.transaction(async (tx) => {
    for (let n = NAMES + 1; n <= NAMES + 20; n++) await repeat(tx, n, 4 * ENOUGH);
  });
  expect(memoryOf(db).statements.losses).toBeGreaterThan(0);
  expect((await prepared()).length).toBeLessThanOrEqual(NAMES);
  for (let n = 1; n <= NAMES + 20; n++) await repeat(db, n, 10 * ENOUGH);
  expect((await prepared()).length).toBeLessThanOrEqual(NAMES);
});

it('do not outlive a failure of the statement', async () => {
  const division = (by: number) => query(db, sql`SELECT 1 / ${by}::integer AS n`);
  for (let time = 0; time < 2 * ENOUGH; time++) {
    await expect(division(0)).rejects.toMatchObject({ code: '22012' });
    expect(await division(1)).toEqual([{ n: 1 }]);
  }
});
