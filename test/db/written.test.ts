import sql from 'sql-template-tag';
import type { DataSource } from 'typeorm';
import { query } from '../../src/db/sql';
import { written } from '../../src/db/written';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = database);
});
afterAll(() => database.drop());

it('means the same with its values written out as with parameters', async () => {
  const instant = new Date('2026-11-28T19:30:00.123Z');
  const statement = sql`SELECT n, 'terminee' = ANY(${['terminee', 'annulee']}) AS text, n = ANY(${[1, 3]}) AS number,
      n = ${2} AS equal, true = ${true} AS yes, n = ${null} AS unknown,
      timestamptz '2026-11-28T19:30:00.123Z' = ${instant} AS instant,
      ARRAY[3] <@ ${[3]}::integer[] AS within, ${[]}::integer[] AS none
    FROM generate_series(1, 5) n WHERE n > ${-1} ORDER BY n LIMIT ${3} OFFSET ${1}`;
  const text = written(statement)!;
  expect(text).not.toContain('$');
  expect(await query(db, { text, values: [] })).toEqual(await query(db, statement));
});

it.each([
  ["l'atelier"],
  ['a b'],
  ['\\'],
  ['$1'],
  ['"'],
  ['été'],
  [['terminee', "'); DROP TABLE users; --"]],
  [['a,b']],
  [['{1}']],
  [[['nested']]],
  [{ an: 'object' }],
])('writes nothing out that might end its quotes, or mean more than itself: %j', (value) => {
  expect(written(sql`SELECT ${value}`)).toBeNull();
});
