import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { Planning } from '../../../db/planification/planning';
import { updateSql } from '../../../db/write';

/**
 * The statements that write visits. Whose time a visit takes follows from its row: the database writes it into
 * `occupations` in the same statement, so that no path can forget to (docs/decisions/030).
 */

/** A visit as it is to be: whose, when, for how many minutes of work, in which stretches. */
export type Visit = Pick<
  Planning,
  'technicien_id' | 'equipiers' | 'date_planifiee' | 'duree_estimee' | 'segments' | 'raisons_forcees'
>;

/** Changes the visit of an intervention that is live. */
export function updateVisitSql(
  tx: EntityManager,
  interventionId: number,
  changes: Partial<Visit & Pick<Planning, 'statut' | 'debut_reel' | 'fin_reelle'>>,
): Sql {
  const live = sql`intervention_id = ${interventionId} AND statut IN ('planifiee', 'en_cours')`;
  return updateSql<Planning>(tx, Planning, live, changes);
}

export function insertVisitSql(interventionId: number, visit: Visit): Sql {
  const { technicien_id, equipiers, date_planifiee, duree_estimee, segments, raisons_forcees } = visit;
  return sql`INSERT INTO plannings
      (intervention_id, technicien_id, equipiers, date_planifiee, duree_estimee, segments, raisons_forcees)
    VALUES (${interventionId}, ${technicien_id}, ${equipiers}::integer[], ${date_planifiee}, ${duree_estimee},
      ${JSON.stringify(segments)}::jsonb, ${raisons_forcees}::text[])`;
}
