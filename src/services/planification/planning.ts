import sql, { join, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS, PLANNING_COLUMNS } from '../../auth/columns';
import type { Planning } from '../../db/planification/planning';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import type { StatutPlanning } from '../../domain/planification/planning';
import { MAX_SPAN } from '../../domain/planification/segments';
import type { Priorite } from '../../domain/priorites';
import { oneOf } from '../conditions';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** Visits as they are read. They come and go with the lifecycle of their intervention (`interventions/cycle/`). */

/** A visit as it is answered, with what it is for. */
export interface PlanningRow extends Omit<Planning, 'date_fin' | 'raisons_forcees'> {
  /** Null where the caller may see the visit and not, or not any more, what it was for. */
  intervention: {
    titre: string;
    priorite: Priorite;
    equipement: { nom: string; localisation: string | null };
  } | null;
}

/** Visits that take place at least in part at or after `debut` and before `fin`. */
export interface PlanningFilters {
  technicien_id?: number[];
  intervention_id?: number[];
  statut?: StatutPlanning[];
  debut?: Date;
  fin?: Date;
}

// Outer joins, though every visit has both: they fall away in a count that asks for nothing of them.
const JOINS = sql`LEFT JOIN interventions i ON i.id = p.intervention_id
  LEFT JOIN equipements e ON e.id = i.equipement_id`;
export const PLANNING_FROM = sql`plannings p ${JOINS}`;

export const PLANNING_LIST: Omit<ListSpec, 'columns'> = {
  from: PLANNING_FROM,
  rows: sql`JOIN plannings p ON p.id = page._id ${JOINS}`,
  alias: 'p',
  sortable: {
    id: { expression: 'p.id', cast: 'integer' },
    date_planifiee: { expression: 'p.date_planifiee', cast: 'timestamptz' },
    duree_estimee: { expression: 'p.duree_estimee', cast: 'integer' },
  },
  defaultSort: 'date_planifiee',
};

/** A technicien who gave an intervention back keeps the visit in their calendar, and not what it says by now. */
function columns(access: Access): Sql {
  return sql`p.id, p.intervention_id, p.technicien_id, p.equipiers, p.date_planifiee, p.duree_estimee, p.segments, p.statut,
    p.debut_reel, p.fin_reelle, p.notes,
    p.date_creation, p.date_modification, p.version,
    CASE WHEN ${access.where('read', 'Intervention', INTERVENTION_COLUMNS)} THEN
      json_build_object('titre', i.titre, 'priorite', i.priorite, 'equipement',
        json_build_object('nom', e.nom, 'localisation', e.localisation)) END AS intervention`;
}

export function listPlanning(
  executor: Executor,
  access: Access,
  filters: PlanningFilters,
  page: PageRequest,
): Promise<Page<PlanningRow>> {
  return listVisits(executor, access, conditionsOf(access, filters), page);
}

/** A list of visits that are known to be of those the caller may see, as they are answered to them. */
export function listVisits(
  executor: Executor,
  access: Access,
  conditions: Sql[],
  page: PageRequest,
): Promise<Page<PlanningRow>> {
  return list<PlanningRow>(executor, { ...PLANNING_LIST, columns: columns(access) }, conditions, page);
}

/**
 * Every visit of one technicien in a period, in the order of time.
 * @throws {RegieError} `INTROUVABLE` when there is no such technicien, or none whose visits the caller may see.
 */
export async function readTechnicienPlanning(
  executor: Executor,
  access: Access,
  technicienId: number,
  filters: PlanningFilters & { debut: Date; fin: Date },
): Promise<PlanningRow[]> {
  await requireTechnicien(executor, access, technicienId);
  const conditions = conditionsOf(access, { ...filters, technicien_id: [technicienId] });
  return query<PlanningRow>(
    executor,
    sql`SELECT ${columns(access)} FROM ${PLANNING_FROM} WHERE ${join(conditions, ' AND ')} ORDER BY p.date_planifiee, p.id`,
  );
}

/** Whether the caller might see a visit of this technicien, on whatever site. */
export async function requireTechnicien(executor: Executor, access: Access, id: number): Promise<void> {
  const readable = access.where('read', 'Planning', {
    technicien_id: 't.id',
    equipiers: 'ARRAY[t.id]',
    'equipement.site_id': 's.id',
  });
  const found = await queryOne(
    executor,
    sql`SELECT t.id FROM techniciens t LEFT JOIN sites s ON TRUE WHERE t.id = ${id} AND ${readable} LIMIT 1`,
  );
  if (found === null) throw notFound();
}

function conditionsOf(access: Access, filters: PlanningFilters): Sql[] {
  const { technicien_id, intervention_id, statut, debut, fin } = filters;
  const conditions = [access.where('read', 'Planning', PLANNING_COLUMNS)];
  if (technicien_id) conditions.push(goneToBy(technicien_id));
  if (intervention_id) conditions.push(oneOf('p.intervention_id', intervention_id));
  if (statut) conditions.push(oneOf('p.statut', statut));
  if (fin) conditions.push(sql`p.date_planifiee < ${fin}`);
  if (debut) {
    // The first half is implied by the second, and is what an index can be asked.
    const earliest = new Date(debut.getTime() - MAX_SPAN);
    conditions.push(sql`p.date_planifiee > ${earliest} AND p.date_fin > ${debut}`);
  }
  return conditions;
}

/** The visits that any of these techniciens goes to, as the one who leads or with them. */
export function goneToBy(technicienIds: readonly number[]): Sql {
  return sql`(${oneOf('p.technicien_id', technicienIds)} OR p.equipiers && ${technicienIds}::integer[])`;
}
