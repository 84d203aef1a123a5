import { isDeepStrictEqual } from 'node:util';
import sql, { empty, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../db/sql';
import type { Actor } from './actor';

export interface Change {
  entite: string;
  /** Null when it happened to nothing that is known: a sign-in with an address nobody has, a request refused. */
  entiteId: number | null;
  action: string;
  avant?: Record<string, unknown> | null;
  apres?: Record<string, unknown> | null;
  /** Lifecycle events only. */
  numeroEvenement?: number;
  cause?: string;
}

/** Records a change, in the transaction that makes it. Secrets are masked, wherever in it they are. */
export async function record(manager: EntityManager, actor: Actor, change: Change): Promise<void> {
  await query(manager, recordSql(actor, change));
}

/** A change whose row is known only to the statement that makes it. */
export type ChangeInStatement = Omit<Change, 'entiteId'> & {
  /** A number, or an expression over `from`. */
  entiteId: Change['entiteId'] | Sql;
  /** What brings the row about, such as a CTE with a `RETURNING`: nothing is recorded where that comes to no row. */
  from?: Sql;
};

/**
 * The statement of {@link record}, also as a part of the one that makes the change: `WITH row AS (…), event AS (${…})`. The
 * chains of the audit are a trigger's work, whatever statement a row comes in.
 */
export function recordSql(actor: Actor, change: ChangeInStatement): Sql {
  const json = (value: object | null | undefined) => (value == null ? null : JSON.stringify(value, masked));
  const { entiteId, from } = change;
  return sql`INSERT INTO historique (entite, entite_id, action, auteur_id, cle_api_id, date, avant, apres, correlation_id,
                                     adresse, numero_evenement, cause)
      SELECT ${change.entite}, ${entiteId}::integer, ${change.action}, ${actor.userId}::integer,
             ${actor.cleApiId}::integer, ${actor.now}::timestamptz, ${json(change.avant)}::jsonb,
             ${json(change.apres)}::jsonb, ${actor.correlationId}, ${actor.adresse},
             ${change.numeroEvenement ?? null}::integer, ${change.cause ?? null}
      ${from === undefined ? empty : sql`FROM ${from}`}`;
}

/** Records many changes of one request, in one statement however many they are. Not for lifecycle events. */
export async function recordAll(
  manager: EntityManager,
  actor: Actor,
  changes: readonly Omit<Change, 'numeroEvenement' | 'cause'>[],
): Promise<void> {
  await query(
    manager,
    sql`INSERT INTO historique (entite, entite_id, action, auteur_id, cle_api_id, date, avant, apres, correlation_id, adresse)
        SELECT entite, "entiteId", action, ${actor.userId}::integer, ${actor.cleApiId}::integer, ${actor.now}::timestamptz,
               avant, apres, ${actor.correlationId}, ${actor.adresse}
        FROM jsonb_to_recordset(${JSON.stringify(changes, masked)}::jsonb)
          AS c (entite text, "entiteId" integer, action text, avant jsonb, apres jsonb)`,
  );
}

/** Words that, in the name of a field, say that it holds a secret. */
const SECRET =
  /(^|_)(mots?_de_passe|passwords?|secrets?|jetons?|tokens?|t?otp|codes?_secours|cles?|keys?|authorization)(_|$)/i;

/** For `JSON.stringify`: of a secret only whether there was one. What ends in `_id` only names something. */
function masked(field: string, value: unknown): unknown {
  const name = field.replace(/(?<=[a-z])(?=[A-Z])/g, '_');
  const isSecret = SECRET.test(name) && !name.endsWith('_id');
  return isSecret && value !== null && value !== undefined ? '***' : value;
}

/** The fields of `changes` that differ from `row`, as they were and as they become. */
export function difference<Row extends object>(
  row: Row,
  changes: Partial<NoInfer<Row>>,
): { avant: Record<string, unknown>; apres: Record<string, unknown> } {
  const avant: Record<string, unknown> = {};
  const apres: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(changes)) {
    const before = row[field as keyof Row];
    if (isDeepStrictEqual(before, value)) continue;
    avant[field] = before;
    apres[field] = value;
  }
  return { avant, apres };
}
