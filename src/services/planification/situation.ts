import sql, { empty, type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query } from '../../db/sql';
import { type Habilitation, isSameCompetence } from '../../domain/identite/habilitations';
import type { Absence, NiveauExperience } from '../../domain/identite/techniciens';
import { LEAST } from '../../domain/planification/candidats';
import { DEFAULT_DURATION, MAX_DURATION } from '../../domain/planification/planning';
import type { Jour, Plan, Vue } from '../../domain/planification/propositions';
import { MAX_SPAN } from '../../domain/planification/segments';
import type {
  Calendrier,
  Plage,
  Probleme,
  Technicien,
  Travail,
  VisitePlan,
} from '../../domain/planification/semaine/probleme';
import type { Point } from '../../domain/planification/trajets';
import type { Priorite } from '../../domain/priorites';
import {
  type Calendar,
  closedBetween,
  longestWork,
  stretchesFrom,
  type WorkingHours,
} from '../../domain/working-time';
import { CAN_WORK } from '../identite/techniciens';
import { readCalendars } from './calendriers';
import { toSegments } from './occupations';
import type { MatriceTrajets } from './trajets';

/**
 * What planning is given: who there is, what is to be done, what is taken already, read at one moment in a constant number of
 * statements. All arithmetic of local time is done here; what comes out counts in minutes since the epoch.
 */

/** What is to be planned, with whom, on which days. */
export interface Demande {
  jours: readonly Jour[];
  /** The sites whose work it is; empty for all of them, and for what stands on none. */
  siteIds: readonly number[];
  /** Those who are planned with; null for all who may be sent there. */
  techniciens: readonly number[] | null;
  /** What is planned, whatever week it stands in; null for what is open, and what is planned on these days. */
  interventions: readonly number[] | null;
  /** Nothing begins before. */
  now: Date;
  /** Zone of sites that name none. */
  timeZone: string;
}

/** Everything but travel, which is asked of somebody else. */
export interface Situation {
  jours: { date: string; debut: number; fin: number }[];
  calendriers: Calendrier[];
  techniciens: Technicien[];
  travaux: Travail[];
  /** Places whose position is known; number 0 of the problem is wherever nobody knows. */
  points: Point[];
  /** How each intervention stood. */
  vues: Map<number, Vue>;
  /** What is planned today of the work that is to be planned. */
  actuel: VisitePlan[];
  /** Work that was left out because there was too much of it. */
  laissees: number;
}

/** More than so much work is not planned at once: the most urgent of it is. */
const MAX_TRAVAUX = 1_000;
/** Visits begin at times that people can remember, in minutes. */
const PAS = 5;
const MINUTE = 60_000;
/** Of what stands on no site, for which only those may be sent who work everywhere. */
const NO_SITE = 0;

/** Reads it as it stands at one moment. */
export function readSituation(db: DataSource, demande: Demande): Promise<Situation> {
  return db.transaction('REPEATABLE READ', (tx) => readWithin(tx, demande));
}

async function readWithin(tx: EntityManager, demande: Demande): Promise<Situation> {
  const { now, timeZone } = demande;
  const period = periodOf(demande);
  const travaux = await readTravaux(tx, demande, period);
  const calendars = await readCalendars(tx, [null, ...travaux.map(({ site_id }) => site_id)], timeZone);
  const people = await readTechniciens(tx, demande);
  const taken = await readTaken(
    tx,
    people.map(({ user_id }) => user_id),
    period,
  );
  const places = new Places();
  const kept = [...new Set(calendars.values())];
  const planned = new Set(travaux.map(({ id }) => id));
  const others = taken.filter(
    ({ intervention_id }) => intervention_id === null || !planned.has(intervention_id),
  );
  const known = new Set(people.map(({ id }) => id));
  const start = minutesUp(now.getTime(), PAS);
  return {
    jours: period.jours,
    calendriers: kept.map((calendar) => ({
      fermetures: closedBetween(period.debut, period.fin, calendar).map(toPlage),
    })),
    techniciens: people.map((person) => technicienOf(person, { kept, others, period, places })),
    travaux: travaux.map((row): Travail => {
      const actuel = planOf(row);
      return {
        intervention: row.id,
        priorite: row.priorite,
        urgence: row.urgence,
        duree: Math.min(MAX_DURATION, row.duree_estimee ?? row.derniere_duree ?? DEFAULT_DURATION),
        competences: row.competences_requises,
        niveau_minimum: LEAST[row.priorite],
        lieu: places.at(row),
        site: row.site_id ?? NO_SITE,
        calendrier: kept.indexOf(calendars.get(row.site_id)!),
        echeance: Math.floor(row.date_limite.getTime() / MINUTE),
        au_plus_tot: start,
        fenetres: null,
        actuel:
          actuel === null || !known.has(actuel.technicien_id)
            ? null
            : { technicien: actuel.technicien_id, debut: Date.parse(actuel.date_planifiee) / MINUTE },
        equipe: row.equipiers,
        verrouille: null,
      };
    }),
    points: places.points,
    vues: new Map(travaux.map((row) => [row.id, vueOf(row)])),
    actuel: travaux.flatMap((row) => {
      const plan = planOf(row);
      if (plan === null || !known.has(plan.technicien_id)) return [];
      return {
        intervention: row.id,
        technicien: plan.technicien_id,
        debut: Date.parse(plan.date_planifiee) / MINUTE,
        segments: toSegments(row.segments!).map(toPlage),
      };
    }),
    laissees: Math.max(0, (travaux[0]?.total ?? 0) - travaux.length),
  };
}

/** The problem that a situation is once it is known how long travel takes. */
export function problemeOf(situation: Situation, { minutes, km }: MatriceTrajets): Probleme {
  const { jours, calendriers, techniciens, travaux, points } = situation;
  const lieux = points.length + 1;
  const flat = (table: readonly (readonly number[])[], round: (value: number) => number) =>
    Array.from({ length: lieux * lieux }, (_, index) => {
      const [from, to] = [Math.floor(index / lieux), index % lieux];
      return from === 0 || to === 0 ? 0 : round(table[from - 1]![to - 1]!);
    });
  return {
    jours,
    calendriers,
    techniciens,
    travaux,
    trajets: { lieux, minutes: flat(minutes, Math.ceil), km: flat(km, (value) => value) },
    pas: PAS,
  };
}

/** How interventions stand at this moment, as far as proposals follow from it. */
export async function readVues(
  executor: Executor,
  ids: readonly number[],
): Promise<Map<number, Vue & { version: number }>> {
  const rows = await query<TravailRow>(
    executor,
    sql`SELECT ${TRAVAIL_COLUMNS} FROM ${TRAVAIL_FROM} WHERE i.id = ANY(${ids})`,
  );
  return new Map(rows.map((row) => [row.id, { ...vueOf(row), version: row.version }]));
}

interface Period {
  /** Milliseconds. */
  debut: number;
  fin: number;
  /** Minutes. */
  jours: Situation['jours'];
}

/** The days as far as they have not passed; milliseconds become minutes. */
function periodOf({ jours, now }: Demande): Period {
  const start = minutesUp(now.getTime(), PAS);
  const left = jours
    .map(({ date, debut, fin }) => ({
      date,
      debut: Math.max(start, Math.ceil(debut / MINUTE)),
      fin: Math.ceil(fin / MINUTE),
    }))
    .filter(({ debut, fin }) => debut < fin);
  return {
    jours: left,
    debut: (left[0]?.debut ?? start) * MINUTE,
    fin: (left.at(-1)?.fin ?? start) * MINUTE,
  };
}

/** Minutes since the epoch, up to the next multiple. */
function minutesUp(instant: number, multiple: number): number {
  return Math.ceil(instant / MINUTE / multiple) * multiple;
}

interface TravailRow {
  id: number;
  version: number;
  statut: string;
  priorite: Priorite;
  urgence: boolean;
  date_limite: Date;
  competences_requises: string[];
  site_id: number | null;
  latitude: number | null;
  longitude: number | null;
  technicien_id: number | null;
  date_planifiee: Date | null;
  duree_estimee: number | null;
  segments: SegmentRow[] | null;
  /** Of the visit, or, where there is none, those whom the work is given to. */
  equipiers: number[];
  derniere_duree: number | null;
}

const TRAVAIL_COLUMNS = sql`i.id, i.version, i.statut, i.priorite, i.urgence, i.date_limite, i.competences_requises,
  e.site_id, s.latitude, s.longitude, p.technicien_id, p.date_planifiee, p.duree_estimee, p.segments,
  coalesce(p.equipiers, i.equipiers) AS equipiers,
  (SELECT v.duree_estimee FROM plannings v WHERE v.intervention_id = i.id ORDER BY v.id DESC LIMIT 1) AS derniere_duree`;

const TRAVAIL_FROM = sql`interventions i JOIN equipements e ON e.id = i.equipement_id
  LEFT JOIN sites s ON s.id = e.site_id
  LEFT JOIN plannings p ON p.intervention_id = i.id AND p.statut IN ('planifiee', 'en_cours')`;

/** What is open, or planned and not begun; of what is planned elsewhere than on these days only what is named. */
function readTravaux(
  tx: EntityManager,
  { siteIds, techniciens, interventions, now }: Demande,
  { debut, fin }: Period,
): Promise<(TravailRow & { total: number })[]> {
  const onSites = siteIds.length === 0 ? sql`TRUE` : sql`e.site_id = ANY(${siteIds})`;
  const withThem = techniciens === null ? empty : sql`AND p.technicien_id = ANY(${techniciens})`;
  const which =
    interventions === null
      ? sql`(i.statut = 'ouverte' OR i.statut = 'planifiee' ${withThem}
          AND (p.date_planifiee BETWEEN ${new Date(debut)} AND ${new Date(fin - 1)} OR p.date_fin <= ${now}))`
      : sql`i.id = ANY(${interventions})`;
  return query(
    tx,
    sql`SELECT ${TRAVAIL_COLUMNS}, (count(*) OVER ())::integer AS total FROM ${TRAVAIL_FROM}
        WHERE i.statut IN ('ouverte', 'planifiee') AND ${onSites} AND ${which}
          -- Whoever is there at this moment is about to begin.
          AND NOT coalesce(p.date_planifiee <= ${now} AND p.date_fin > ${now}, FALSE)
        ORDER BY array_position(ARRAY['critique', 'haute', 'normale', 'basse'], i.priorite), i.urgence DESC,
          i.date_limite, i.id
        LIMIT ${MAX_TRAVAUX}`,
  );
}

function planOf({ technicien_id, date_planifiee, duree_estimee }: TravailRow): Plan | null {
  if (technicien_id === null || date_planifiee === null || duree_estimee === null) return null;
  return { technicien_id, date_planifiee: date_planifiee.toISOString(), duree_estimee };
}

function vueOf(row: TravailRow): Vue {
  const { statut, priorite, urgence, competences_requises: competences, site_id, equipiers } = row;
  return { statut, priorite, urgence, competences, site_id, equipiers, actuel: planOf(row) };
}

interface TechnicienRow {
  id: number;
  /** Of their account. */
  user_id: number;
  competences: string[];
  habilitations: Habilitation[];
  niveau_experience: NiveauExperience;
  latitude: number | null;
  longitude: number | null;
  horaires: WorkingHours | null;
  absences: Absence[];
  tous_sites: boolean;
  site_ids: number[];
}

/** Those who may be sent to any of the sites. */
function readTechniciens(tx: EntityManager, { siteIds, techniciens }: Demande): Promise<TechnicienRow[]> {
  const sites = sql`ARRAY(SELECT us.site_id FROM user_sites us WHERE us.user_id = u.id ORDER BY us.site_id)`;
  const reaches: Sql =
    siteIds.length === 0 ? sql`TRUE` : sql`(u.tous_sites OR ${sites} && ${siteIds}::integer[])`;
  const named = techniciens === null ? empty : sql`AND t.id = ANY(${techniciens})`;
  return query(
    tx,
    sql`SELECT t.id, t.user_id, t.competences, t.habilitations, t.niveau_experience, t.latitude, t.longitude, t.horaires, t.absences,
          u.tous_sites, ${sites} AS site_ids
        FROM techniciens t JOIN users u ON u.id = t.user_id
        WHERE ${CAN_WORK} AND ${reaches} ${named} ORDER BY t.id`,
  );
}

/** Time of somebody that something takes. */
interface Taken {
  /** Of their account. */
  user_id: number;
  /** Null for what is none of an intervention. */
  intervention_id: number | null;
  debut: number;
  fin: number;
}

/** What takes time of these people in a period, whoever may know of what it is. */
function readTaken(tx: EntityManager, userIds: readonly number[], { debut, fin }: Period): Promise<Taken[]> {
  const earliest = new Date(debut - MAX_SPAN);
  return query(
    tx,
    sql`SELECT o.ressource_id AS user_id, p.intervention_id,
          (extract(epoch FROM o.debut) * 1000)::double precision AS debut,
          (extract(epoch FROM o.fin) * 1000)::double precision AS fin
        FROM occupations o LEFT JOIN plannings p ON p.id = o.planning_id
        WHERE o.genre = 'personne' AND o.exclusive AND o.ressource_id = ANY(${userIds})
          AND o.debut > ${earliest} AND o.debut < ${new Date(fin)} AND o.fin > ${new Date(debut)}
        ORDER BY o.id`,
  );
}

interface Around {
  kept: readonly Calendar[];
  others: readonly Taken[];
  period: Period;
  places: Places;
}

function technicienOf(person: TechnicienRow, { kept, others, period, places }: Around): Technicien {
  const occupations = others
    .filter(({ user_id }) => user_id === person.user_id)
    .map(({ debut, fin }) => toPlage([debut, fin]));
  const hoursOf = ({ hours }: Calendar) => person.horaires ?? hours;
  const booked = occupations.reduce(
    (total, [debut, fin]) =>
      total + Math.max(0, Math.min(fin, period.fin / MINUTE) - Math.max(debut, period.debut / MINUTE)),
    0,
  );
  return {
    id: person.id,
    habilitations: habilitationsOf(person),
    niveau: person.niveau_experience,
    base: person.latitude === null || person.longitude === null ? null : places.at(person),
    sites: person.tous_sites ? null : person.site_ids,
    heures: kept.map((calendar) => heuresOf(hoursOf(calendar), calendar.zone, period)),
    plus_long_travail: Math.max(
      0,
      ...kept.map((calendar) => Math.min(MAX_DURATION, longestWork(hoursOf(calendar)) / MINUTE)),
    ),
    absences: person.absences.map(({ debut, fin }) => toPlage([Date.parse(debut), Date.parse(fin)])),
    occupations,
    pauses: [],
    charge: booked,
  };
}

/** A skill that habilitations name follows their dates; one that they do not name is valid without end. */
function habilitationsOf({ competences, habilitations }: TechnicienRow): Habilitation[] {
  const undated = competences.filter(
    (name) => !habilitations.some(({ competence }) => isSameCompetence(competence, name)),
  );
  return [
    ...undated.map((competence) => ({ competence, valide_du: null, valide_jusqu_au: null })),
    ...habilitations,
  ];
}

/** Stretches of work in a period; those that touch are one. */
function heuresOf(hours: WorkingHours, zone: string, { debut, fin }: Period): Plage[] {
  const heures: [number, number][] = [];
  for (const [from, to] of stretchesFrom(debut, { hours, zone })) {
    if (from >= fin) break;
    const [begin, end] = toPlage([from, Math.min(to, fin)]);
    const last = heures.at(-1);
    if (last !== undefined && last[1] >= begin) last[1] = end;
    else if (begin < end) heures.push([begin, end]);
  }
  return heures;
}

function toPlage([debut, fin]: readonly [number, number]): Plage {
  return [Math.floor(debut / MINUTE), Math.ceil(fin / MINUTE)];
}

/** Numbers of places: equal positions are one. */
class Places {
  readonly points: Point[] = [];
  private readonly known = new Map<string, number>();

  at({ latitude, longitude }: { latitude: number | null; longitude: number | null }): number {
    if (latitude === null || longitude === null) return 0;
    const key = `${latitude} ${longitude}`;
    let place = this.known.get(key);
    if (place === undefined) {
      place = this.points.push({ latitude, longitude });
      this.known.set(key, place);
    }
    return place;
  }
}
