import sql, { raw, type Sql } from 'sql-template-tag';

/** Conditions that the lists of several resources share. */

/** `text` occurs in the expression, whatever its case and accents. */
export function containsText(expression: string, text: string): Sql {
  return containsSearchable(`texte_cherchable(${expression})`, text);
}

/** The same over a column that holds searchable text already, so that its trigram index serves. */
export function containsSearchable(column: string, text: string): Sql {
  return sql`${raw(column)} LIKE '%' || texte_cherchable(${escapeLike(text)}) || '%'`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/**
 * The column holds one of the values. A single one becomes an equation: only then does an index on this column and
 * that of the sort yield its rows in order, so that a page needs no sorting.
 */
export function oneOf(column: string, values: readonly (string | number)[]): Sql {
  return values.length === 1 ? sql`${raw(column)} = ${values[0]}` : sql`${raw(column)} = ANY(${values})`;
}
