import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { exclusionViolation } from '../../db/errors';
import { query, queryOne } from '../../db/sql';
import { SANS_CHEVAUCHEMENT } from '../planification/occupations';

/**
 * The rows in which time is taken. Whoever takes some locks first, always in this order: the prestation where its bookings
 * have to be counted one after the other, the people it may need by their ids, the rooms by theirs; then what is free is
 * read, and what was free stays so. The constraint of occupations stands behind it, for visits and for what is locked
 * otherwise.
 */

/**
 * Locks what a booking of a prestation may take, or of each of several: at once, so that those who take several meet in the
 * one order.
 * @param intervenantId the one who is asked for; those who always have to be there are locked too, and all where that is none
 *   of those among whom there is a choice.
 */
export async function lockRessources(
  tx: EntityManager,
  slug: string | readonly string[],
  intervenantId: number | null,
): Promise<void> {
  const slugs = [slug].flat();
  // Turns, caps and seats are counted over all that was booked: one after the other. The rest only meets in its people.
  await query(
    tx,
    sql`SELECT id FROM prestations
        WHERE slug = ANY(${slugs}::text[]) AND (mode = 'tour_de_role' OR places > 1 OR plafonds <> '{}')
        ORDER BY id FOR NO KEY UPDATE`,
  );
  await query(
    tx,
    sql`SELECT v.id FROM intervenants v
        WHERE v.id IN (SELECT pi.intervenant_id FROM prestations_intervenants pi
                       JOIN prestations f ON f.id = pi.prestation_id
                       WHERE f.slug = ANY(${slugs}::text[]) AND (
                         pi.obligatoire OR pi.intervenant_id = ${intervenantId}::integer OR f.mode = 'collectif'
                         OR NOT EXISTS (SELECT 1 FROM prestations_intervenants c
                                        WHERE c.prestation_id = f.id AND NOT c.obligatoire
                                          AND c.intervenant_id = ${intervenantId}::integer)))
        ORDER BY v.id FOR NO KEY UPDATE OF v`,
  );
  await query(
    tx,
    sql`SELECT r.id FROM salles r JOIN prestations f ON f.slug = ANY(${slugs}::text[]) AND f.salles <> '[]'
        WHERE r.actif AND r.capacite >= f.places AND coalesce(r.site_id = f.site_id, true)
        ORDER BY r.id FOR NO KEY UPDATE OF r`,
  );
}

/** What is wanted of a time. */
export interface Wanted {
  prestationId: number;
  debut: Date;
  fin: Date;
  tampon_avant: number;
  tampon_apres: number;
  intervenants: readonly number[];
  salles: readonly number[];
  /** That it has in all, and of which so many are taken at once. */
  places: number;
  prises: number;
  /** Beside others of the same person: it keeps nobody from the time. */
  surnombre?: boolean;
}

/** Opens a seance; null when somebody, or a room, is taken by then. */
export async function openSeance(tx: EntityManager, wanted: Wanted): Promise<number | null> {
  const row = await unlessTaken(tx, () =>
    queryOne<{ id: number }>(
      tx,
      sql`INSERT INTO seances (prestation_id, debut, fin, tampon_avant, tampon_apres, intervenants, salles, places, prises,
            surnombre)
          VALUES (${wanted.prestationId}, ${wanted.debut}, ${wanted.fin}, ${wanted.tampon_avant}, ${wanted.tampon_apres},
                  ${wanted.intervenants}::integer[], ${wanted.salles}::integer[], ${wanted.places}, ${wanted.prises},
                  ${wanted.surnombre ?? false})
          RETURNING id`,
    ),
  );
  return row?.id ?? null;
}

/** Takes places of a seance that has begun to fill; false when it has not so many left. */
export async function takePlaces(tx: EntityManager, seanceId: number, places: number): Promise<boolean> {
  const row = await queryOne(
    tx,
    sql`UPDATE seances SET prises = prises + ${places}::integer
        WHERE id = ${seanceId} AND prises > 0 AND prises + ${places}::integer <= places RETURNING id`,
  );
  return row !== null;
}

/** Gives places of a seance back; one of which no place is taken any more occupies nobody. */
export async function freePlaces(tx: EntityManager, seanceId: number, places: number): Promise<void> {
  await query(tx, sql`UPDATE seances SET prises = prises - ${places}::integer WHERE id = ${seanceId}`);
}

/** Gives a seance to other people; false when one of them is taken at the time. */
export async function giveSeance(
  tx: EntityManager,
  seanceId: number,
  intervenants: readonly number[],
): Promise<boolean> {
  const row = await unlessTaken(tx, () =>
    queryOne(
      tx,
      sql`UPDATE seances SET intervenants = ${intervenants}::integer[] WHERE id = ${seanceId} RETURNING id`,
    ),
  );
  return row !== null;
}

/**
 * Ends holds, and what they occupied: a hold that is over leaves nothing.
 * @param which a condition on the hold `h`.
 */
export async function endHolds(tx: EntityManager, which: Sql): Promise<void> {
  const left = await query<{ id: number }>(
    tx,
    sql`WITH held AS (SELECT h.id FROM rendez_vous h WHERE h.statut = 'retenu' AND (${which}) ORDER BY h.id FOR UPDATE),
          gone AS (DELETE FROM rendez_vous WHERE id IN (SELECT id FROM held) RETURNING seance_id, places)
        UPDATE seances s SET prises = s.prises - g.places
        FROM (SELECT seance_id, sum(places)::integer AS places FROM gone GROUP BY seance_id) g
        WHERE s.id = g.seance_id RETURNING s.id`,
  );
  const ids = left.map(({ id }) => id);
  if (ids.length > 0) await dropEmpty(tx, ids);
}

/** Removes those of these seances that nothing is, or was, booked in. */
export async function dropEmpty(tx: EntityManager, seanceIds: readonly number[]): Promise<void> {
  await query(
    tx,
    sql`DELETE FROM seances s WHERE s.id = ANY(${seanceIds}::integer[]) AND s.prises = 0
          AND NOT EXISTS (SELECT 1 FROM rendez_vous b WHERE b.seance_id = s.id)`,
  );
}

/** How far around a time what was held too long may be in the way: no longer than this with what is around it. */
const REACH = 2 * 24 * 3_600_000;

/** Ends what was held too long around a time; what was offered to somebody who waits goes to the next of them instead. */
export function endExpired(tx: EntityManager, debut: Date, now: Date): Promise<void> {
  const [from, to] = [new Date(debut.getTime() - REACH), new Date(debut.getTime() + REACH)];
  return endHolds(
    tx,
    sql`h.expire_le <= ${now} AND h.debut > ${from} AND h.debut < ${to} AND h.liste_attente_id IS NULL`,
  );
}

/** Runs a write that the constraint may refuse; null when it did, with the transaction as it was before. */
async function unlessTaken<Row>(tx: EntityManager, write: () => Promise<Row | null>): Promise<Row | null> {
  await query(tx, sql`SAVEPOINT prise`);
  try {
    const row = await write();
    await query(tx, sql`RELEASE SAVEPOINT prise`);
    return row;
  } catch (error) {
    if (exclusionViolation(error) !== SANS_CHEVAUCHEMENT) throw error;
    await query(tx, sql`ROLLBACK TO SAVEPOINT prise`);
    return null;
  }
}
