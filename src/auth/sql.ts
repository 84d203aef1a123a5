import type { Condition } from '@ucast/core';
import { CompoundCondition, FieldCondition } from '@ucast/core';
import sql, { join, raw, type Sql } from 'sql-template-tag';

/** Where each field that a rule speaks of is found in the statement, e.g. `{ 'equipement.site_id': 'e.site_id' }`. */
export type Columns = Readonly<Record<string, string>>;

export const NOTHING = sql`FALSE`;
const EVERYTHING = sql`TRUE`;

/**
 * A CASL condition as SQL over the given columns; values are always parameters.
 * @throws {Error} when a rule uses a field or an operator that has no translation: a hole must not open silently.
 */
export function conditionToSql(condition: Condition, columns: Columns): Sql {
  if (condition instanceof CompoundCondition) {
    const parts = condition.value as Condition[];
    if (parts.length === 0) return condition.operator === 'or' ? NOTHING : EVERYTHING;
    const translated = parts.map((part) => conditionToSql(part, columns));
    if (condition.operator === 'and') return sql`(${join(translated, ' AND ')})`;
    if (condition.operator === 'or') return sql`(${join(translated, ' OR ')})`;
  }
  if (condition instanceof FieldCondition) {
    const name = columns[condition.field];
    if (name === undefined) throw new Error(`No column for the field ${condition.field} of a permission`);
    const column = raw(name);
    const { operator, value } = condition;
    if (operator === 'eq') return value === null ? sql`${column} IS NULL` : sql`${column} = ${value}`;
    if (operator === 'ne' && value === null) return sql`${column} IS NOT NULL`;
    if (operator === 'in') return sql`${column} = ANY(${value})`;
    if (operator === 'within') return sql`(${column} <> '{}' AND ${column} <@ ${value}::integer[])`;
    if (operator === 'meets') return sql`${column} && ${value}::integer[]`;
  }
  throw new Error(`No translation of the permission operator ${condition.operator}`);
}
