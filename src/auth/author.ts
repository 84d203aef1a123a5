import sql, { type Sql } from 'sql-template-tag';
import { type MachineRow, machineSql, toMachine } from './api-keys';
import type { Principal } from './principal';
import { type PersonRow, personSql, toPerson } from './sessions';

/** Who does something, so that they can be asked for again: the session of a person, or the key of a machine. */
export type Author = Pick<Principal, 'sessionId' | 'cleApiId' | 'appartenances' | 'enPatient'>;

/** A row that says who an author is at this moment, and none when their session, key or account has ended. */
export type AuthorRow = PersonRow | MachineRow;

/** The statement that finds an {@link AuthorRow}, also as a part of another one. */
export function authorSql({ sessionId, cleApiId, appartenances }: Author): Sql {
  return cleApiId === null
    ? personSql(sessionId, appartenances !== undefined)
    : machineSql(sql`k.id = ${cleApiId}`, sql`now()`);
}

/** The same as one JSON value of another statement, null when there is no such row. */
export function authorJson(author: Author): Sql {
  return sql`(SELECT row_to_json(a) FROM (${authorSql(author)}) a)`;
}

export function toPrincipal(row: AuthorRow | null, { sessionId, enPatient }: Author): Principal | null {
  if (row === null) return null;
  const principal = 'cleApiId' in row ? toMachine(row) : toPerson(row, sessionId);
  return enPatient === undefined ? principal : { ...principal, enPatient };
}
