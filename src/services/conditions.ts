import sql, { join, raw, type Sql } from 'sql-template-tag';
import { motsOf } from '../domain/recherche';

/** Conditions that the lists of several resources share. */

/**
 * Every word of `text` occurs in the column, in any order: one that holds searchable text, with a trigram index. A word of
 * one or two letters counts where words begin; what holds no word at all is found nowhere.
 */
export function containsWords(column: string, text: string): Sql {
  const words = motsOf(text).map((word) => sql`${raw(column)} LIKE motif_recherche(${word})`);
  return words.length === 0 ? sql`FALSE` : sql`(${join(words, ' AND ')})`;
}

/**
 * The column holds one of the values. A single one becomes an equation: only then does an index on this column and
 * that of the sort yield its rows in order, so that a page needs no sorting.
 */
export function oneOf(column: string, values: readonly (string | number)[]): Sql {
  return values.length === 1 ? sql`${raw(column)} = ${values[0]}` : sql`${raw(column)} = ANY(${values})`;
}
