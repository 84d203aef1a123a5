import sql, { type Sql } from 'sql-template-tag';
import { type Executor, queryOne } from '../db/sql';
import { type MachineRow, machineSql, toMachine } from './api-keys';
import type { Principal } from './principal';
import { type PersonRow, personSql, toPerson } from './sessions';

/** Who does something, so that they can be asked for again: the session of a person, or the key of a machine. */
export type Author = Pick<Principal, 'sessionId' | 'cleApiId'>;

/** A row that says who an author is at this moment, and none when their session, key or account has ended. */
export type AuthorRow = PersonRow | MachineRow;

/** The statement that finds an {@link AuthorRow}, also as a part of another one. */
export function authorSql({ sessionId, cleApiId }: Author): Sql {
  return cleApiId === null ? personSql(sessionId) : machineSql(sql`k.id = ${cleApiId}`, sql`now()`);
}

export function toPrincipal(row: AuthorRow | null, { sessionId }: Author): Principal | null {
  if (row === null) return null;
  return 'cleApiId' in row ? toMachine(row) : toPerson(row, sessionId);
}

/** An author as they are at this moment; null when they may do nothing any more. */
export async function loadAuthor(executor: Executor, author: Author): Promise<Principal | null> {
  return toPrincipal(await queryOne<AuthorRow>(executor, authorSql(author)), author);
}
