import sql from 'sql-template-tag';
import { type Executor, query } from '../db/sql';
import type { Actor } from './actor';

/**
 * Refusals on record (ASVS 16.3.2): in the audit alone, never in the history of what they were about, and counted, so
 * that nobody fills a disk by being refused. The first one of a caller, a route and a minute is a line of the audit at
 * once; when the minute is over and there were more, a second line says how many.
 */

/** A request that somebody had no right to. */
export interface Refused {
  /** The kind of thing it was about. */
  entite: string;
  /** Which one its path named, whether or not there is such a thing. */
  id: number | null;
  /** Its method and the pattern of its path. */
  requete: string;
}

/** Refusals are counted over this time, in milliseconds. */
const MINUTE = 60_000;

/** Records that somebody was refused, outside of any transaction of theirs: one statement, one row a minute. */
export async function recordRefusal(
  executor: Executor,
  actor: Actor,
  { entite, id, requete }: Refused,
): Promise<void> {
  const appelant = actor.cleApiId === null ? `user ${actor.userId}` : `cle_api ${actor.cleApiId}`;
  await query(
    executor,
    sql`WITH compte AS (
          INSERT INTO refus AS r (appelant, requete, minute, entite, auteur_id, cle_api_id, adresse, correlation_id)
          VALUES (${appelant}, ${requete}, ${minuteOf(actor.now)}, ${entite}, ${actor.userId}, ${actor.cleApiId},
                  ${actor.adresse}, ${actor.correlationId})
          ON CONFLICT (appelant, requete, minute) DO UPDATE SET nombre = r.nombre + 1
          RETURNING r.nombre)
        INSERT INTO historique (entite, entite_id, action, auteur_id, cle_api_id, date, apres, correlation_id, adresse)
        SELECT ${entite}, NULL, 'refus', ${actor.userId}::integer, ${actor.cleApiId}::integer, ${actor.now}::timestamptz,
               ${JSON.stringify({ requete, id })}::jsonb, ${actor.correlationId}, ${actor.adresse}
        FROM compte WHERE nombre = 1`,
  );
}

/** Writes down how often each caller was refused in the minutes that are over, where it was more than once. */
export async function closeRefusals(executor: Executor, now: Date): Promise<void> {
  await query(
    executor,
    sql`WITH comptes AS (DELETE FROM refus WHERE minute < ${minuteOf(now)} RETURNING *)
        INSERT INTO historique (entite, entite_id, action, auteur_id, cle_api_id, date, apres, correlation_id, adresse)
        SELECT entite, NULL, 'refus', auteur_id, cle_api_id, ${now}::timestamptz,
               jsonb_build_object('requete', requete, 'nombre', nombre, 'minute', minute), correlation_id, adresse
        FROM comptes WHERE nombre > 1 ORDER BY minute, appelant, requete`,
  );
}

function minuteOf(now: Date): Date {
  return new Date(Math.floor(now.getTime() / MINUTE) * MINUTE);
}
