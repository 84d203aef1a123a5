import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { TECHNICIEN_COLUMNS } from '../../auth/columns';
import type { Technicien } from '../../db/identite/techniciens';
import type { User } from '../../db/identite/users';
import { type Executor, query } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import {
  type Candidat,
  type Candidatures,
  compare,
  countExclusions,
  type Exclusion,
  evaluateCandidats,
  LOAD_AFTER,
  LOAD_BEFORE,
  type Need,
  type Occupation,
  type Possible,
  SEARCH_PERIOD,
} from '../../domain/planification/candidats';
import { MAX_SPAN, together } from '../../domain/planification/segments';
import { exclusionsText } from '../../domain/planification/textes';
import type { Point } from '../../domain/planification/trajets';
import type { Calendar } from '../../domain/working-time';
import { CAN_WORK } from '../identite/techniciens';
import { reaches } from './affectation';
import { calendarOf, calendrierSql, sharedHours } from './calendriers';
import { bookedSql, takenSql } from './occupations';

/** Who can go, as the database has people: the rule is `domain/planification/candidats.ts`. One statement, whatever their number. */

/**
 * So many people are looked at for one need. Those who work, then those who have the skills, come first, so that of a larger
 * workforce the rest are left out.
 */
const MAX_CANDIDATS = 200;

/** Somebody as they are read, to be judged. */
interface Row extends Pick<Technicien, 'competences' | 'habilitations' | 'absences' | 'horaires'> {
  technicienId: number;
  actif: boolean;
  niveauExperience: Technicien['niveau_experience'];
  latitude: number | null;
  longitude: number | null;
  occupations: [from: number, to: number, latitude: number | null, longitude: number | null][];
  charge: number;
}

/** For what somebody is looked for. */
export interface Wanted {
  interventionId: number;
  siteId: number | null;
  /** Those who go along, by their ids: they do not lead, and are there and free as well. */
  equipe?: readonly number[];
  /** The only one who is asked, or null for everybody. */
  technicienId?: number | null;
}

/**
 * Who could do it, the best first, and who could not. Whoever has no hours of their own works those of the site.
 * Between this answer and the booking somebody else may take the time: the database then refuses it.
 */
export async function findCandidatures(
  executor: Executor,
  need: Need & Calendar,
  { interventionId, siteId, equipe: named = [], technicienId = null }: Wanted,
): Promise<Candidatures> {
  const equipe = named.filter((id) => id !== technicienId);
  const asked = technicienId === null ? sql`TRUE` : sql`t.id = ${technicienId}`;
  const rows = await query<Row & { suit: boolean }>(
    executor,
    sql`SELECT ${candidatColumns(need, interventionId)}, t.id = ANY(${equipe}::integer[]) AS suit
        FROM techniciens t JOIN users u ON u.id = t.user_id
        WHERE t.id = ANY(${equipe}::integer[]) OR (${asked} AND ${reaches(sql`${siteId}::integer`)})
        ORDER BY suit DESC, ${usefulFirst(need.competences)}
        LIMIT ${MAX_CANDIDATS + equipe.length}`,
  );
  const people = rows.map(({ suit, ...row }) => ({ suit, candidat: toCandidat(executor, row, need) }));
  const crew = people.filter(({ suit }) => suit).map(({ candidat }) => candidat);
  const candidats = people.filter(({ suit }) => !suit).map(({ candidat }) => withCrew(candidat, crew));
  return evaluateCandidats(candidats, need);
}

/** Somebody together with those who go along: there when all are, and taken when any is. */
function withCrew(candidat: Candidat, crew: readonly Candidat[]): Candidat {
  if (crew.length === 0) return candidat;
  const occupations = [candidat, ...crew].flatMap((one) => one.occupations);
  return { ...candidat, ...together(candidat, ...crew), occupations };
}

/** Somebody who is free, and when. */
export interface DisponibleRow
  extends Pick<Technicien, 'specialite' | 'niveau_experience'>,
    Pick<User, 'nom' | 'prenom'> {
  technicien_id: number;
  date_planifiee: Date;
  /** Minutes booked, as the rule counts them. */
  charge: number;
}

/**
 * Those whom the caller may send to work and who are free, the soonest first, each by the calendar of {@link homeSite}.
 * @param timeZone of sites that name none.
 */
export async function listDisponibles(
  executor: Executor,
  access: Access,
  need: Omit<Need, 'zone' | 'closings'>,
  timeZone: string,
): Promise<DisponibleRow[]> {
  type Listed = Row & { calendrier: string } & Omit<
      DisponibleRow,
      'technicien_id' | 'date_planifiee' | 'charge'
    >;
  const rows = await query<Listed>(
    executor,
    sql`SELECT ${candidatColumns(need, null)}, u.nom, u.prenom, t.specialite, t.niveau_experience,
          ${calendrierSql(timeZone)} AS calendrier
        FROM techniciens t JOIN users u ON u.id = t.user_id LEFT JOIN sites s ON s.id = ${homeSite()}
        WHERE ${CAN_WORK} AND ${access.where('assign', 'Technicien', TECHNICIEN_COLUMNS)}
        ORDER BY ${usefulFirst(need.competences)} LIMIT ${MAX_CANDIDATS}`,
  );
  const found = rows.flatMap((row) => {
    const there = { ...need, ...calendarOf(executor, row.calendrier, timeZone) };
    const [possible] = evaluateCandidats([toCandidat(executor, row, there)], there).possibles;
    return possible === undefined ? [] : [{ row, possible }];
  });
  return found
    .sort((a, b) => compare(a.possible, b.possible, need))
    .map(({ row, possible }) => ({
      technicien_id: row.technicienId,
      nom: row.nom,
      prenom: row.prenom,
      specialite: row.specialite,
      niveau_experience: row.niveau_experience,
      date_planifiee: new Date(possible.date),
      charge: row.charge,
    }));
}

/**
 * The site by whose calendar somebody works wherever they are not asked for a site: the one where they work; null, for the
 * calendar of the installation, for whoever works on several or on all of them.
 */
export function homeSite(): Sql {
  return sql`(SELECT CASE WHEN NOT u.tous_sites AND count(*) = 1 THEN min(us.site_id) END
    FROM user_sites us WHERE us.user_id = u.id)`;
}

/** What the rule asks of the technicien `t`, who is the user `u`. */
function candidatColumns(need: Pick<Need, 'now' | 'date' | 'duration'>, interventionId: number | null): Sql {
  const { now, date, duration } = need;
  // A named moment is judged by the day around it; work that is longer goes on for as long as it may.
  const span = duration <= DAY ? 3 * DAY : MAX_SPAN;
  const period =
    date === null
      ? { debut: new Date(now - DAY), fin: new Date(now + SEARCH_PERIOD + MAX_SPAN) }
      : { debut: new Date(date - DAY), fin: new Date(date + span) };
  const loaded = { debut: new Date(now - LOAD_BEFORE), fin: new Date(now + LOAD_AFTER) };
  return sql`t.id AS "technicienId", ${CAN_WORK} AS actif, t.competences, t.habilitations,
    t.niveau_experience AS "niveauExperience", t.absences, t.horaires, t.latitude, t.longitude,
    ${takenSql(sql`u.id`, period, interventionId)} AS occupations,
    ${bookedSql(sql`u.id`, loaded, interventionId)} AS charge`;
}

const DAY = 24 * 3_600_000;

/** Whoever is most likely to be of use, before {@link MAX_CANDIDATS} ends the list. */
function usefulFirst(competences: readonly string[]): Sql {
  return sql`${CAN_WORK} DESC, t.competences_recherche @> textes_recherche(${competences}::text[]) DESC, t.id`;
}

function toCandidat(executor: Executor, row: Row, { hours }: Pick<Calendar, 'hours'>): Candidat {
  const { latitude, longitude, horaires, occupations, ...rest } = row;
  return {
    ...rest,
    hours: horaires === null ? hours : sharedHours(executor, horaires),
    base: toPoint(latitude, longitude),
    occupations: occupations.map(
      ([from, to, lat, long]): Occupation => ({ segment: [from, to], lieu: toPoint(lat, long) }),
    ),
  };
}

function toPoint(latitude: number | null, longitude: number | null): Point | null {
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

/** Why nobody goes, with how many cannot for each reason. */
export function nobodyCan({ exclus }: Candidatures): RegieError {
  const exclusions = countExclusions(exclus);
  const extensions = { raisons: Object.keys(exclusions), exclusions };
  // Who is only taken may be free at another time: it is a conflict as long as there is anybody of whom that is true.
  if (exclus.length === 0 || exclusions.creneau_pris !== undefined) {
    return new RegieError('CONFLIT_PLANNING', {
      detail: {
        fr: `Aucun technicien n'est libre${told(exclusions, 'fr')}`,
        en: `No technicien is free${told(exclusions, 'en')}`,
      },
      extensions: { conflits: [], ...extensions },
    });
  }
  return new RegieError('HORS_DISPONIBILITE', {
    detail: {
      fr: `Aucun technicien ne peut y aller${told(exclusions, 'fr')}`,
      en: `No technicien can go${told(exclusions, 'en')}`,
    },
    extensions,
  });
}

function told(exclusions: Partial<Record<Exclusion, number>>, langue: 'fr' | 'en'): string {
  const list = exclusionsText(exclusions, langue);
  return list === '' ? '' : `${langue === 'fr' ? ' :' : ':'} ${list}`;
}

/** So many candidates are named in an answer, those who can first; the others are counted. */
export const MAX_NAMED = 50;

/** Why somebody is the one who goes, for the person who asked. */
export interface Affectation {
  /** Null when nobody can. */
  technicien_id: number | null;
  date_planifiee: Date | null;
  raison: string;
  candidats: {
    technicien_id: number;
    exclu?: Exclusion;
    /** When they could; not of those who cannot. */
    date_planifiee?: Date;
    couts: Possible['couts'];
  }[];
  /** How many cannot, for each reason. */
  exclusions: Partial<Record<Exclusion, number>>;
}

/** @param rank of the one who goes, among those who can: the first, unless others were taken meanwhile. */
export function explainCandidatures({ possibles, exclus }: Candidatures, need: Need, rank = 0): Affectation {
  const chosen = possibles[rank];
  const exclusions = countExclusions(exclus);
  const candidats: Affectation['candidats'] = [
    ...possibles.map(({ technicienId, date, couts }) => ({
      technicien_id: technicienId,
      date_planifiee: new Date(date),
      couts,
    })),
    ...exclus.map(({ technicienId, exclu, couts }) => ({ technicien_id: technicienId, exclu, couts })),
  ];
  return {
    technicien_id: chosen?.technicienId ?? null,
    date_planifiee: chosen === undefined ? null : new Date(chosen.date),
    raison:
      chosen === undefined ? `Personne${told(exclusions, 'fr')}` : raisonOf(chosen, possibles.length, need),
    candidats: candidats.slice(0, MAX_NAMED),
    exclusions,
  };
}

function raisonOf({ couts }: Possible, count: number, { competences, date }: Need): string {
  const hours = Math.round(couts.charge / 6) / 10;
  return [
    date === null ? 'Premier créneau libre' : 'Libre à la date demandée',
    competences.length === 0
      ? 'aucune compétence particulière requise'
      : `compétences : ${competences.join(', ')}`,
    `trajet : ${couts.trajet_minutes} min`,
    `charge : ${hours} h`,
    `${count} technicien(s) possible(s)`,
  ].join(' ; ');
}
