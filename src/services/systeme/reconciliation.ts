import sql from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';
import { REOPENING_PERIOD } from '../../domain/interventions/interventions';

/** What the database says should be running in the engine. */

/** Interventions that may still change: each has a workflow. */
const OPEN = sql`(statut NOT IN ('terminee', 'annulee')
  OR (statut = 'terminee' AND date_fin > now() - make_interval(secs => ${REOPENING_PERIOD / 1000})))`;

/**
 * A workflow that the API is about to start itself is left to it for this long, in seconds; and as long does one that was
 * just started take, at most, to be among those that the engine lists and counts.
 */
const GRACE = 5;

/** Open interventions whose workflow has never been seen to start, in the order of their ids. */
export function interventionsWithoutWorkflow(
  executor: Executor,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT id FROM interventions
        WHERE NOT workflow_demarre AND id > ${after} AND date_creation < now() - make_interval(secs => ${GRACE}) AND ${OPEN}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** Links to choose a password by that are still to be sent, in the order of their ids. */
export function linksWithoutWorkflow(
  executor: Executor,
  after: string,
  limit: number,
): Promise<{ id: string }[]> {
  return query(
    executor,
    sql`SELECT id FROM liens_mot_de_passe
        WHERE NOT workflow_demarre AND id > ${after} AND date_fermeture IS NULL AND date_expiration > now()
          AND date_creation < now() - make_interval(secs => ${GRACE})
        ORDER BY id LIMIT ${limit}`,
  );
}

/** Interventions whose workflow has started long enough ago for the engine to count it. */
const LISTED = sql`(workflow_demarre AND date_creation < now() - make_interval(secs => ${GRACE}))`;

/** How many workflows the engine should count at least. */
export async function countOpenInterventions(executor: Executor): Promise<number> {
  const row = await queryOne<{ total: number }>(
    executor,
    sql`SELECT count(*)::integer AS total FROM interventions WHERE ${LISTED} AND ${OPEN}`,
  );
  return row!.total;
}

/** A part of all interventions: those whose id leaves `slice` when divided by `of`. */
export interface Slice {
  slice: number;
  of: number;
}

/** Open interventions of a slice whose workflow has started once, in the order of their ids. */
export function openInterventionsAfter(
  executor: Executor,
  after: number,
  limit: number,
  { slice, of }: Slice,
): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT id FROM interventions
        WHERE ${LISTED} AND id > ${after} AND id % ${of}::integer = ${slice} AND ${OPEN}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** A workflow that is about to end is left to itself for this long, in seconds. */
const ENDING = 60;

/** Those of the ids that belong to no open intervention, nor to one that has just changed. */
export async function withoutOpen(executor: Executor, ids: readonly number[]): Promise<number[]> {
  const kept = await query<{ id: number }>(
    executor,
    sql`SELECT id FROM interventions
        WHERE id = ANY(${ids}) AND (${OPEN} OR date_modification > now() - make_interval(secs => ${ENDING}))`,
  );
  const open = new Set(kept.map(({ id }) => id));
  return ids.filter((id) => !open.has(id));
}
