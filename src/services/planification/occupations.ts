import sql, { empty, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { PLANNING_COLUMNS } from '../../auth/columns';
import type { GenreOccupation } from '../../db/planification/occupations';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query } from '../../db/sql';
import type { Segment } from '../../domain/planification/segments';
import { PLANNING_FROM } from './planning';

/** How busy people are, as the one table of occupations has it (`db/planification/occupations.ts`). */

/** The constraint under which no two exclusive occupations of one person, or room, overlap. */
export const SANS_CHEVAUCHEMENT = 'occupations_sans_chevauchement';

/** Segments in milliseconds, as the rules count. */
export function toSegments(rows: readonly SegmentRow[]): Segment[] {
  return rows.map(({ debut, fin }): Segment => [Date.parse(debut), Date.parse(fin)]);
}

/** The same as they are stored and answered. */
export function toSegmentRows(segments: readonly Segment[]): SegmentRow[] {
  return segments.map(([from, to]) => ({
    debut: new Date(from).toISOString(),
    fin: new Date(to).toISOString(),
  }));
}

/** An instant in milliseconds; without the exact arithmetic of `extract`, which takes twice as long of many. */
export function millisSql(instant: Sql): Sql {
  return sql`round(date_part('epoch', ${instant}) * 1000)`;
}

interface Period {
  debut: Date;
  fin: Date;
}

/**
 * The stretches in which somebody, or a room, is busy in a period, in order, as JSON of pairs of milliseconds.
 * @param userId an expression; the id of the room where `genre` says that it is one.
 * @param interventionId whose own visit does not count; null for none.
 * @param sauf seances of appointments that do not count.
 */
export function busySql(
  userId: Sql,
  { debut, fin }: Period,
  interventionId: number | null,
  genre: GenreOccupation = 'personne',
  sauf: readonly number[] | null = null,
): Sql {
  return sql`coalesce((
    SELECT json_agg(json_build_array(${millisSql(sql`o.debut`)}, ${millisSql(sql`o.fin`)}) ORDER BY o.debut)
    FROM occupations o
    WHERE o.ressource_id = ${userId} AND o.genre = ${genre} AND o.exclusive
      AND o.debut < ${fin}::timestamptz AND o.fin > ${debut}::timestamptz
      AND o.debut > ${debut}::timestamptz - interval '60 days'
      ${sauf === null ? empty : sql`AND (o.seance_id = ANY(${sauf}::integer[])) IS NOT TRUE`}
      AND (o.planning_id = (
        SELECT p.id FROM plannings p
        WHERE p.intervention_id = ${interventionId}::integer AND p.statut IN ('planifiee', 'en_cours'))) IS NOT TRUE), '[]')`;
}

/**
 * The same with where it is done, as JSON of lists of two instants and the position of the site, or nulls.
 * @param userId an expression.
 * @param interventionId whose own visits do not count; null for none.
 */
export function takenSql(userId: Sql, { debut, fin }: Period, interventionId: number | null): Sql {
  return sql`coalesce((
    SELECT json_agg(json_build_array(extract(epoch FROM o.debut) * 1000, extract(epoch FROM o.fin) * 1000,
                                     lieu.latitude, lieu.longitude) ORDER BY o.debut)
    FROM occupations o
    LEFT JOIN plannings visit ON visit.id = o.planning_id
    LEFT JOIN interventions work ON work.id = visit.intervention_id
    LEFT JOIN equipements what ON what.id = work.equipement_id
    LEFT JOIN sites lieu ON lieu.id = what.site_id
    WHERE o.ressource_id = ${userId} AND o.genre = 'personne' AND o.exclusive
      AND o.debut < ${fin}::timestamptz AND o.fin > ${debut}::timestamptz
      AND o.debut > ${debut}::timestamptz - interval '60 days'
      AND (visit.intervention_id = ${interventionId}::integer) IS NOT TRUE), '[]')`;
}

/**
 * Minutes of somebody's time that are taken, or were, in a period.
 * @param userId an expression.
 * @param interventionId whose own visits do not count; null for none.
 */
export function bookedSql(userId: Sql, { debut, fin }: Period, interventionId: number | null): Sql {
  return sql`coalesce((
    SELECT round(sum(extract(epoch FROM o.fin - o.debut)) / 60)
    FROM occupations o LEFT JOIN plannings visit ON visit.id = o.planning_id
    WHERE o.ressource_id = ${userId} AND o.genre = 'personne'
      AND o.debut >= ${debut}::timestamptz AND o.debut < ${fin}::timestamptz
      AND (visit.intervention_id = ${interventionId}::integer) IS NOT TRUE), 0)::integer`;
}

/** When each of these people is busy in a period, by the ids of their accounts; whoever is not at all has an empty list. */
export async function readBusy(
  executor: Executor,
  userIds: readonly number[],
  period: Period,
  interventionId: number | null = null,
): Promise<Map<number, Segment[]>> {
  const rows = await query<{ id: number; busy: Segment[] }>(
    executor,
    sql`SELECT asked.id, ${busySql(sql`asked.id`, period, interventionId)} AS busy
        FROM unnest(${userIds}::integer[]) AS asked (id)`,
  );
  return new Map(rows.map(({ id, busy }) => [id, busy]));
}

/** Whose time was wanted, by the ids of their accounts, and when. */
export interface Voulu {
  personnes: number[];
  segments: SegmentRow[];
}

/** What stands in the way of a visit; of what the caller may not see, only that the time is taken, and whose. */
export interface Conflict {
  technicien_id: number;
  debut: Date;
  fin: Date;
  planning_id: number | null;
  intervention_id: number | null;
  /** Those of the visit, or of what of it is in the way. */
  date_planifiee: Date;
  duree_estimee: number;
}

/** At most so many are named: a long visit may cross many. */
const MAX_CONFLICTS = 50;

/** What takes any of the time wanted from any of the people, other than the intervention itself, in order. */
export function conflictsOf(
  executor: Executor,
  access: Access,
  interventionId: number,
  { personnes, segments }: Voulu,
): Promise<Conflict[]> {
  return query<Conflict>(
    executor,
    sql`SELECT DISTINCT taken.technicien_id, taken.debut, taken.fin,
               CASE WHEN visible THEN taken.planning_id END AS planning_id,
               CASE WHEN visible THEN taken.intervention_id END AS intervention_id,
               CASE WHEN visible THEN taken.date_planifiee ELSE taken.debut END AS date_planifiee,
               CASE WHEN visible THEN taken.duree_estimee
                 ELSE (extract(epoch FROM taken.fin - taken.debut) / 60)::integer END AS duree_estimee
        FROM (SELECT t.id AS technicien_id, o.debut, o.fin, p.id AS planning_id, p.intervention_id, p.date_planifiee,
                p.duree_estimee, ${access.where('read', 'Planning', PLANNING_COLUMNS)} AS visible
              FROM jsonb_to_recordset(${JSON.stringify(segments)}::jsonb) AS wanted (debut timestamptz, fin timestamptz)
              JOIN occupations o ON o.genre = 'personne' AND o.ressource_id = ANY(${personnes}::integer[]) AND o.exclusive
                AND tstzrange(o.debut, o.fin) && tstzrange(wanted.debut, wanted.fin)
              JOIN techniciens t ON t.user_id = o.ressource_id
              LEFT JOIN (${PLANNING_FROM}) ON p.id = o.planning_id
              WHERE p.intervention_id IS DISTINCT FROM ${interventionId}) taken
        ORDER BY taken.debut, taken.technicien_id LIMIT ${MAX_CONFLICTS}`,
  );
}
