import sql, { type Sql } from 'sql-template-tag';
import type { Planning, SegmentRow } from '../../db/planification/planning';
import { type Executor, queryOne } from '../../db/sql';
import { invalid, RegieError } from '../../domain/errors';
import { type Manque, missingQualification, type Qualifications } from '../../domain/identite/habilitations';
import { daysOf } from '../../domain/planification/candidats';
import {
  type Presence,
  RAISONS,
  type Raison,
  unavailability,
  unavailabilityDuring,
} from '../../domain/planification/disponibilite';
import { type Segment, segmentsOf, together } from '../../domain/planification/segments';
import { EXCLUSION_TEXTES } from '../../domain/planification/textes';
import type { Calendar } from '../../domain/working-time';
import { CAN_WORK } from '../identite/techniciens';
import { toSegmentRows, toSegments } from './occupations';

/**
 * Whether the technicien `t`, who is the user `u`, may be sent to a site; null for equipment that is on none, which is for
 * those alone who work everywhere.
 */
function isAssignable(siteId: Sql): Sql {
  return sql`${CAN_WORK} AND ${reaches(siteId)}`;
}

/** Whether they go there at all, when they do any work. */
export function reaches(siteId: Sql): Sql {
  return sql`(u.tous_sites OR EXISTS (
    SELECT 1 FROM user_sites us WHERE us.user_id = u.id AND us.site_id = ${siteId}))`;
}

/** @throws {RegieError} `VALIDATION` when nobody under this id may be sent to the site. */
export async function findAssignable(
  executor: Executor,
  technicienId: number,
  siteId: number | null,
): Promise<AssignableRow> {
  return requireAssignable(
    await queryOne<AssignableRow>(executor, assignable(sql`= ${technicienId}`, sql`${siteId}::integer`)),
  );
}

/**
 * The statement that finds who is about to be given work, also as a part of another one. Until the transaction ends they
 * leave neither their role nor their account, so that whoever takes those from them finds the work; and nobody else gives
 * them any or changes their hours and absences. They are locked in the order of their ids: of two who plan for the same
 * people, one waits before it has written anything.
 * @param technicienIds an array; null elements are nobody.
 */
export function assignablesSql(technicienIds: Sql, siteId: Sql): Sql {
  return sql`${assignable(sql`= ANY(${technicienIds})`, siteId)} ORDER BY t.id FOR NO KEY UPDATE OF t FOR SHARE OF u`;
}

/** Somebody who may be sent there, as the database has them: without hours of their own they work those of the site. */
export interface AssignableRow extends Omit<Presence, 'hours'>, Qualifications {
  id: number;
  horaires: Presence['hours'] | null;
  user_id: number;
  nom: string;
  prenom: string;
}

function assignable(technicien: Sql, siteId: Sql): Sql {
  return sql`SELECT t.id, t.user_id, u.nom, u.prenom, t.competences, t.habilitations, t.absences, t.horaires
        FROM techniciens t JOIN users u ON u.id = t.user_id
        WHERE t.id ${technicien} AND ${isAssignable(siteId)}`;
}

/** @throws {RegieError} `VALIDATION` when there is nobody who may be sent there. */
export function requireAssignable(
  found: AssignableRow | null,
  champ: 'technicien_id' | 'equipiers' = 'technicien_id',
): AssignableRow {
  if (found !== null) return found;
  throw invalid({
    champ,
    message: {
      fr: 'Aucun technicien disponible sous cet identifiant pour ce site',
      en: 'No technicien under this id is available for this site',
    },
  });
}

type Present = Pick<AssignableRow, 'horaires' | 'absences'>;
type Planned = Pick<Planning, 'date_planifiee' | 'duree_estimee'>;

/**
 * Whether everybody is there for a visit, and in which segments it is done.
 * @param calendar of the site: by its clocks their hours are told, and its hours are theirs when they have none.
 * @returns why they are not, as far as that was forced, and then one segment as it was named.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
export function requirePresence(
  people: readonly [Present, ...Present[]],
  visit: Planned,
  calendar: Calendar,
  force: boolean,
): { segments: SegmentRow[]; raisons: Raison[] } {
  const presence = presenceOf(people, calendar);
  const [start, duration] = [visit.date_planifiee.getTime(), visit.duree_estimee * 60_000];
  const raisons = unavailability(presence, start, duration, calendar);
  if (raisons.length > 0 && !force) throw horsDisponibilite(raisons);
  return { segments: segmentsAnyway(people, visit, calendar), raisons };
}

/**
 * Whether whoever leads has what the work asks for, on each day of it.
 * @returns what they lack, as far as that was forced.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
export function requireQualified(
  lead: Qualifications,
  competences: readonly string[],
  segments: readonly SegmentRow[],
  calendar: Calendar,
  force: boolean,
): Manque[] {
  const manque = missingQualification(lead, competences, daysOf(toSegments(segments), calendar));
  if (manque === null) return [];
  if (!force) throw horsDisponibilite([manque]);
  return [manque];
}

/** The segments of a visit; of one that cannot be done then, one from its start. */
export function segmentsAnyway(
  people: readonly [Present, ...Present[]],
  { date_planifiee, duree_estimee }: Planned,
  calendar: Calendar,
): SegmentRow[] {
  const [start, duration] = [date_planifiee.getTime(), duree_estimee * 60_000];
  const segments = segmentsOf(start, duration, presenceOf(people, calendar), calendar);
  return toSegmentRows(segments ?? [[start, start + duration]]);
}

/**
 * Whether each of those who join a visit that is under way is there for what is left of it.
 * @returns why they are not, as far as that was forced.
 * @throws {RegieError} `HORS_DISPONIBILITE` unless it is forced
 */
export function requirePresenceFrom(
  now: Date,
  joining: readonly Present[],
  segments: readonly SegmentRow[],
  calendar: Calendar,
  force: boolean,
): Raison[] {
  const left = toSegments(segments)
    .filter(([, to]) => to > now.getTime())
    .map(([from, to]): Segment => [Math.max(from, now.getTime()), to]);
  const found = new Set(
    joining.flatMap((person) => unavailabilityDuring(presenceOf([person], calendar), left, calendar)),
  );
  const raisons = RAISONS.filter((raison) => found.has(raison));
  if (raisons.length > 0 && !force) throw horsDisponibilite(raisons);
  return raisons;
}

function presenceOf([first, ...others]: readonly [Present, ...Present[]], { hours }: Calendar): Presence {
  const alone = ({ horaires, absences }: Present): Presence => ({ hours: horaires ?? hours, absences });
  return together(alone(first), ...others.map(alone));
}

function horsDisponibilite(raisons: readonly (Raison | Manque)[]): RegieError {
  return new RegieError('HORS_DISPONIBILITE', {
    detail: {
      fr: `Pas de technicien disponible à ce moment : ${raisons.map((raison) => EXCLUSION_TEXTES[raison].fr).join(', ')}`,
      en: `No technicien available at that time: ${raisons.map((raison) => EXCLUSION_TEXTES[raison].en).join(', ')}`,
    },
    extensions: { raisons },
  });
}
