import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { EntityManager, EntityTarget } from 'typeorm';
import type { Resource } from './resource';
import { query } from './sql';

/** Parts of statements that write, so that what belongs together can go to the database together. */

/**
 * Changes a row, and counts its version on.
 * @param which a condition on the row.
 * @param changes fields without a value stay as they are.
 */
export function updateSql<Row extends Resource>(
  tx: EntityManager,
  entity: EntityTarget<Row>,
  which: Sql,
  changes: Partial<Row>,
): Sql {
  const metadata = tx.connection.getMetadata(entity);
  const assignments = Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => {
      const column = metadata.findColumnWithPropertyName(field)!;
      const isJson = column.type === 'jsonb' && value !== null;
      return sql`${raw(`"${column.databaseName}"`)} = ${isJson ? JSON.stringify(value) : value}`;
    });
  return sql`UPDATE ${raw(metadata.tableName)} SET ${join([...assignments, COUNTED_ON])} WHERE ${which}`;
}

const COUNTED_ON = sql`version = version + 1, date_modification = now()`;

/**
 * Runs statements as one, those that write and what they read in common, each under a name by which those after it know
 * it. They see the rows as they were before any of them, so none may build on what another one does, and no two may change
 * the same row.
 */
export async function writeTogether(
  tx: EntityManager,
  statements: Readonly<Record<string, Sql>>,
): Promise<void> {
  const parts = Object.entries(statements).map(([name, statement]) => sql`${raw(name)} AS (${statement})`);
  await query(tx, sql`WITH ${join(parts)} SELECT`);
}
