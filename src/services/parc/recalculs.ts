import sql, { type Sql } from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';

/**
 * What is to be derived anew since a calendar, a contract or a level of service has changed. The change leaves a request in its own transaction; the
 * reconciler carries it out a minute later, when nobody counts with what was there before (docs/decisions/029, 031).
 */

/**
 * Has the deadlines derived anew that count with what this transaction changes.
 * @param siteId the site that it concerns alone, or null for many.
 */
export async function requestRecalcul(executor: Executor, siteId: number | null = null): Promise<void> {
  await query(executor, sql`INSERT INTO recalculs (site_id) VALUES (${siteId}::integer)`);
}

/** Has the visits of a technicien looked at anew, whose hours or absences this transaction changes. */
export async function requestVerification(executor: Executor, technicienId: number): Promise<void> {
  await query(executor, requestVerificationSql([technicienId], sql`TRUE`));
}

/** The same of several, as a part of a statement, where a condition on the technicien `t` holds. */
export function requestVerificationSql(technicienIds: readonly number[], condition: Sql): Sql {
  return sql`INSERT INTO recalculs (technicien_id)
    SELECT t.id FROM techniciens t WHERE t.id = ANY(${technicienIds}::integer[]) AND ${condition}`;
}

/**
 * After so many milliseconds nobody counts with the calendar before a request any more: whoever had read it when it was
 * changed has written what followed from it. No statement takes a quarter of this and no transaction idles for half of it.
 */
export const SETTLED = 60_000;

export interface Recalcul {
  id: number;
  site_id: number | null;
  /** Whose visits are to be looked at, and nothing else; null for what follows from a calendar. */
  technicien_id: number | null;
}

/** Requests to derive anew that may be carried out by now. */
export function dueRecalculs(executor: Executor): Promise<Recalcul[]> {
  return query<Recalcul>(
    executor,
    // Whoever plans for a technicien holds their row, and so does whoever changes it: nobody counts with an old one.
    sql`SELECT id, site_id, technicien_id FROM recalculs
        WHERE technicien_id IS NOT NULL OR date_demande < now() - make_interval(secs => ${SETTLED / 1_000})
        ORDER BY id LIMIT 1000`,
  );
}

/** To be called once they have been carried out: a crash before it does the work again, which changes nothing. */
export async function closeRecalculs(executor: Executor, done: readonly Recalcul[]): Promise<void> {
  await query(executor, sql`DELETE FROM recalculs WHERE id = ANY(${done.map(({ id }) => id)}::integer[])`);
}
