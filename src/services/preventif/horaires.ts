import sql from 'sql-template-tag';
import { type Executor, query, queryOne } from '../../db/sql';

/** What the engine should know of plans, and what it was told: the schedules follow the rows. */

/** The schedule of a plan as it should be, or was told: instants in UTC apart by spaces; empty for none. */
export interface Horaire {
  id: number;
  horaire: string;
  /** What the engine was told last. */
  dit: string;
}

/** Stands where the engine was told something and does not hold it any more. */
export const FORGOTTEN = '?';

/** Null when there is no such plan any more: then it has no schedule. */
export function readHoraire(executor: Executor, planId: number): Promise<Horaire | null> {
  return queryOne<Horaire>(
    executor,
    sql`SELECT id, horaire, horaire_dit AS dit FROM plans_preventifs WHERE id = ${planId}`,
  );
}

/** Leaves word of what the engine was told. */
export async function markTold(
  executor: Executor,
  told: readonly Pick<Horaire, 'id' | 'horaire'>[],
): Promise<void> {
  await query(
    executor,
    sql`UPDATE plans_preventifs p SET horaire_dit = told.horaire, horaire_dit_le = now()
        FROM unnest(${told.map(({ id }) => id)}::integer[], ${told.map(({ horaire }) => horaire)}::text[])
          AS told (id, horaire)
        WHERE p.id = told.id`,
  );
}

/** Plans whose schedule differs from what the engine was told, in the order of their ids. */
export function untoldHoraires(executor: Executor, after: number, limit: number): Promise<Horaire[]> {
  return query(
    executor,
    sql`SELECT id, horaire, horaire_dit AS dit FROM plans_preventifs
        WHERE horaire <> horaire_dit AND id > ${after} ORDER BY id LIMIT ${limit}`,
  );
}

/** What the engine was told just now it may not list yet, in seconds. */
const GRACE = 60;

/** Plans of which the engine was told a schedule some time ago, in the order of their ids. */
export function toldHoraires(executor: Executor, after: number, limit: number): Promise<Horaire[]> {
  return query(
    executor,
    sql`SELECT id, horaire_dit AS horaire, horaire_dit AS dit FROM plans_preventifs
        WHERE horaire_dit <> '' AND horaire_dit_le < now() - make_interval(secs => ${GRACE}) AND id > ${after}
        ORDER BY id LIMIT ${limit}`,
  );
}

/** Some of them, others each minute. */
export function someToldHoraires(executor: Executor, seed: number, limit: number): Promise<Horaire[]> {
  return query(
    executor,
    sql`WITH bounds AS (SELECT min(id) AS first, max(id) AS last FROM plans_preventifs WHERE horaire_dit <> '')
        SELECT id, horaire_dit AS horaire, horaire_dit AS dit FROM plans_preventifs, bounds
        WHERE horaire_dit <> '' AND id >= first + (${seed}::bigint * 7919) % (last - first + 1)
        ORDER BY id LIMIT ${limit}`,
  );
}

/** The engine does not know these schedules any more, or knows others: they are told again. */
export async function forgetTold(executor: Executor, planIds: readonly number[]): Promise<void> {
  await query(
    executor,
    sql`UPDATE plans_preventifs SET horaire_dit = ${FORGOTTEN} WHERE id = ANY(${planIds}::integer[]) AND horaire_dit <> ''`,
  );
}

/** Those of the ids that belong to no plan, or to one that has no schedule. */
export async function withoutHoraire(executor: Executor, ids: readonly number[]): Promise<number[]> {
  const kept = await query<{ id: number }>(
    executor,
    sql`SELECT id FROM plans_preventifs WHERE id = ANY(${ids}::integer[]) AND horaire <> ''`,
  );
  const known = new Set(kept.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

/**
 * The engine's own schedule is waited for so long, in seconds, before the round decides: it may have thousands to begin at the same
 * minute, some tens a second.
 */
const ENGINES_TURN = 600;

/** Plans on which something has been due for a while, the longest first, or whose dates follow from what has changed. */
export function plansToDecide(executor: Executor, limit: number): Promise<{ id: number }[]> {
  return query(
    executor,
    sql`SELECT id FROM (
          (SELECT id, prochaine_decision AS due FROM plans_preventifs
           WHERE etat = 'actif' AND prochaine_decision < now() - make_interval(secs => ${ENGINES_TURN})
           ORDER BY prochaine_decision LIMIT ${limit})
          UNION
          (SELECT id, NULL FROM plans_preventifs WHERE a_recalculer AND etat = 'actif' LIMIT ${limit})) waiting
        GROUP BY id ORDER BY min(due), id LIMIT ${limit}`,
  );
}

/** Changes of interventions are looked back at for so long, in days: rounds come every minute. */
const CHANGED_WITHIN = 7;

/**
 * Marks the plans whose dates follow from work that has been finished, reopened or cancelled since they were worked out. What
 * was read at the same moment as it changed is worked out once more.
 */
export async function markFollowing(executor: Executor): Promise<void> {
  await query(
    executor,
    sql`UPDATE plans_preventifs SET a_recalculer = true
        WHERE NOT a_recalculer AND id IN (
          SELECT p.id FROM interventions i
          JOIN echeances_preventives d ON d.intervention_id = i.id
          JOIN plans_preventifs p ON p.id = d.plan_id
          WHERE i.type_intervention = 'preventive'
            AND i.date_modification > now() - make_interval(days => ${CHANGED_WITHIN})
            AND i.date_modification > p.calcule_le - interval '1 minute'
            AND p.etat = 'actif' AND (p.base = 'derniere_realisation' OR d.resultat = 'realisee')
          UNION
          SELECT p.id FROM interventions i
          JOIN echeances_preventives a ON a.intervention_id = i.id
          JOIN echeances_preventives d
            ON d.absorbee_par = a.plan_id AND d.equipement_id = a.equipement_id AND d.absorbee_cle = a.cle
          JOIN plans_preventifs p ON p.id = d.plan_id
          WHERE i.type_intervention = 'preventive'
            AND i.date_modification > now() - make_interval(days => ${CHANGED_WITHIN})
            AND i.date_modification > p.calcule_le - interval '1 minute'
            AND p.etat = 'actif' AND p.base = 'derniere_realisation')`,
  );
}

/** The plans that count with a calendar which has changed are worked out anew. @param siteId the site, or null for all. */
export async function markOutdatedPlans(executor: Executor, siteId: number | null): Promise<void> {
  await query(
    executor,
    sql`UPDATE plans_preventifs p SET a_recalculer = true
        WHERE p.regle IS NOT NULL AND NOT p.a_recalculer AND (${siteId}::integer IS NULL OR EXISTS (
          SELECT FROM plans_preventifs_equipements pe JOIN equipements e ON e.id = pe.equipement_id
          WHERE pe.plan_id = p.id AND e.site_id = ${siteId}))`,
  );
}
