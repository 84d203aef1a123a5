import sql, { join, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS, PLANNING_COLUMNS } from '../../auth/columns';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query, type Wire } from '../../db/sql';
import {
  type Course,
  conflictsWith,
  keepsFrom,
  type Participant,
  RAISONS_CONFLIT,
  type RaisonConflit,
  realityOf,
} from '../../domain/planification/conflits';
import type { Raison } from '../../domain/planification/disponibilite';
import { MAX_SPAN } from '../../domain/planification/segments';
import { oneOf } from '../conditions';
import { CAN_WORK } from '../identite/techniciens';
import type { Page, PageRequest } from '../list';
import { readCalendars } from './calendriers';
import { toSegments } from './occupations';
import { goneToBy, listVisits, PLANNING_FROM, type PlanningRow } from './planning';

/**
 * Visits that cannot take place as they were planned: worked out from the rows as they are, each time somebody asks, so
 * that nothing has to be kept in step. A constant number of statements, however many visits there are.
 */

/** A visit in conflict as it is answered. */
export type ConflitRow = Wire<PlanningRow> & {
  raisons: RaisonConflit[];
  /** Work in progress that takes its time; of what the caller may not read, only that it does. */
  avec: { intervention_id: number | null; debut: string; fin: string }[];
};

export interface ConflitFilters {
  technicien_id?: number[];
  site_id?: number[];
  debut?: Date;
  fin?: Date;
}

/** @param timeZone of sites that name none. */
export async function listConflits(
  executor: Executor,
  access: Access,
  { technicien_id, site_id, debut, fin }: ConflitFilters,
  page: PageRequest,
  now: Date,
  timeZone: string,
): Promise<Page<PlanningRow> & { rows: ConflitRow[] }> {
  const conditions = [access.where('read', 'Planning', PLANNING_COLUMNS)];
  if (technicien_id) conditions.push(goneToBy(technicien_id));
  if (site_id) conditions.push(oneOf('e.site_id', site_id));
  if (fin) conditions.push(sql`p.date_planifiee < ${fin}`);
  if (debut) {
    const earliest = new Date(debut.getTime() - MAX_SPAN);
    conditions.push(sql`(p.date_planifiee > ${earliest} AND p.date_fin > ${debut} OR p.statut = 'en_cours')`);
  }
  const readable = access.where('read', 'Intervention', INTERVENTION_COLUMNS);
  const found = await findConflits(executor, conditions, now, timeZone, readable);
  const byVisit = new Map(found.map((conflit) => [conflit.id, conflit]));
  const listed = await listVisits(executor, access, [oneOf('p.id', [...byVisit.keys()])], page);
  const rows = listed.rows.map((row): ConflitRow => {
    const { raisons, avec } = byVisit.get(row.id)!;
    return { ...row, raisons, avec };
  });
  return { ...listed, rows };
}

/** A visit that cannot take place as planned. */
export interface Conflit {
  id: number;
  intervention_id: number;
  date_planifiee: Date;
  raisons: RaisonConflit[];
  avec: ConflitRow['avec'];
}

interface VisitRow {
  id: number;
  intervention_id: number;
  date_planifiee: Date;
  duree_estimee: number;
  segments: SegmentRow[];
  raisons_forcees: Raison[];
  debut_reel: Date | null;
  people: number[];
  site_id: number | null;
  in_progress: boolean;
}

const COLUMNS = sql`p.id, p.intervention_id, p.date_planifiee, p.duree_estimee, p.segments, p.raisons_forcees, p.debut_reel,
  p.technicien_id || p.equipiers AS people, e.site_id, (i.statut = 'en_cours' AND p.statut = 'en_cours') AS in_progress`;

/**
 * The live visits of those that meet the conditions (on `p`, `i`, `e`) that cannot take place as planned, in the order of
 * their ids.
 * @param readable which interventions (`i`, `e`) the caller may read: what keeps people from their visits is named then.
 */
export async function findConflits(
  executor: Executor,
  conditions: readonly Sql[],
  now: Date,
  timeZone: string,
  readable: Sql,
): Promise<Conflit[]> {
  const visits = await query<VisitRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM ${PLANNING_FROM}
        WHERE p.statut IN ('planifiee', 'en_cours') AND ${join([...conditions, sql`TRUE`], ' AND ')} ORDER BY p.id`,
  );
  if (visits.length === 0) return [];
  const ids = [...new Set(visits.flatMap(({ people }) => people))];
  const people = await readPeople(executor, ids);
  const calendars = await readCalendars(
    executor,
    visits.map(({ site_id }) => site_id),
    timeZone,
  );
  const works = await readWorksInProgress(executor, ids, readable);
  return visits.flatMap((visit) => {
    const segments = toSegments(visit.segments);
    const participants = visit.people.flatMap((id) => people.get(id) ?? []);
    const raisons = conflictsWith(
      segments,
      participants,
      calendars.get(visit.site_id)!,
      visit.raisons_forcees,
    );
    const course = { ...courseOf(visit), inProgress: visit.in_progress };
    const keeping = works.filter(
      (work) =>
        work.intervention_id !== visit.intervention_id &&
        work.people.some((id) => visit.people.includes(id)) &&
        keepsFrom(work.course, course, now.getTime()),
    );
    if (keeping.length > 0) raisons.push('chevauchement');
    if (raisons.length === 0) return [];
    const avec = keeping.map((work) => {
      const reality = realityOf(work.course, now.getTime());
      return {
        intervention_id: work.visible ? work.intervention_id : null,
        debut: new Date(reality[0]![0]).toISOString(),
        fin: new Date(reality.at(-1)![1]).toISOString(),
      };
    });
    const { id, intervention_id, date_planifiee } = visit;
    return [{ id, intervention_id, date_planifiee, raisons: inOrder(raisons), avec }];
  });
}

function inOrder(raisons: readonly RaisonConflit[]): RaisonConflit[] {
  return RAISONS_CONFLIT.filter((raison) => raisons.includes(raison));
}

function courseOf(visit: Pick<VisitRow, 'segments' | 'duree_estimee' | 'debut_reel'>): Course {
  return {
    segments: toSegments(visit.segments),
    duration: visit.duree_estimee * 60_000,
    began: visit.debut_reel?.getTime() ?? null,
  };
}

async function readPeople(executor: Executor, ids: readonly number[]): Promise<Map<number, Participant>> {
  const rows = await query<Participant & { id: number }>(
    executor,
    sql`SELECT t.id, t.horaires AS hours, t.absences, ${CAN_WORK} AS "canWork"
        FROM techniciens t JOIN users u ON u.id = t.user_id WHERE t.id = ANY(${ids}::integer[])`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

interface Work {
  intervention_id: number;
  people: number[];
  course: Course;
  visible: boolean;
}

/** What these people have in progress; what was reopened without a visit takes their time since then. */
async function readWorksInProgress(
  executor: Executor,
  ids: readonly number[],
  readable: Sql,
): Promise<Work[]> {
  const rows = await query<
    Omit<Work, 'course'> & {
      segments: SegmentRow[] | null;
      duree_estimee: number;
      debut_reel: Date | null;
      since: Date;
    }
  >(
    executor,
    sql`SELECT i.id AS intervention_id, i.technicien_id || i.equipiers AS people, ${readable} AS visible,
          p.segments, p.duree_estimee, coalesce(p.debut_reel, i.date_debut) AS debut_reel, i.resolution_depuis AS since
        FROM interventions i JOIN equipements e ON e.id = i.equipement_id
        LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut = 'en_cours'
        WHERE i.statut = 'en_cours' AND (i.technicien_id = ANY(${ids}::integer[]) OR i.equipiers && ${ids}::integer[])
        ORDER BY i.id`,
  );
  return rows.map(({ intervention_id, people, visible, segments, duree_estimee, debut_reel, since }) => {
    const [from, to] = [since.getTime(), since.getTime() + 1];
    const course =
      segments === null
        ? { segments: [[from, to] as const], duration: 1, began: from }
        : courseOf({ segments, duree_estimee, debut_reel });
    return { intervention_id, people, visible, course };
  });
}

/** Techniciens who by now should be at a visit while other work of theirs is in progress. */
export async function techniciensKept(executor: Executor, now: Date): Promise<number[]> {
  const rows = await query<{ id: number }>(
    executor,
    sql`SELECT DISTINCT t.id FROM interventions i
        JOIN techniciens t ON t.id = ANY(i.technicien_id || i.equipiers)
        JOIN occupations o ON o.genre = 'personne' AND o.ressource_id = t.user_id AND o.exclusive
          AND tstzrange(o.debut, o.fin) @> ${now}::timestamptz
        JOIN plannings p ON p.id = o.planning_id AND p.intervention_id <> i.id AND p.statut = 'planifiee'
        WHERE i.statut = 'en_cours' ORDER BY t.id`,
  );
  return rows.map(({ id }) => id);
}
