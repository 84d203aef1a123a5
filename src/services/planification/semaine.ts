import { createHash } from 'node:crypto';
import sql, { empty, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { INTERVENTION_COLUMNS, PLANNING_COLUMNS, SITE_COLUMNS } from '../../auth/columns';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query, queryOne } from '../../db/sql';
import { unknownReference } from '../../domain/errors';
import type { Absence } from '../../domain/identite/techniciens';
import { dayAfter, dayAt, startOfDay } from '../../domain/local-time';
import type { Fermeture } from '../../domain/parc/sites';
import { PAYS_OF_ZONE } from '../../domain/planification/feries';
import type { StatutPlanning } from '../../domain/planification/planning';
import { MAX_SPAN } from '../../domain/planification/segments';
import { daysOfWeek, retardOf, segmentsShown, weekAt } from '../../domain/planification/semaine';
import { type Point, type TrajetSettings, trajetBetween } from '../../domain/planification/trajets';
import type { Priorite } from '../../domain/priorites';
import { stretchesFrom, type WorkingHours } from '../../domain/working-time';
import { drawSemaine, type PersonneSemaine, type VisiteSemaine } from '../../svg/semaine';
import { oneOf } from '../conditions';
import { CAN_WORK } from '../identite/techniciens';
import { calendarOf, calendrierSql } from './calendriers';
import { findConflits } from './conflits';
import { toSegments } from './occupations';
import { goneToBy, PLANNING_FROM } from './planning';

/** The picture of a week: who is shown to whom, with what of each visit; `svg/semaine.ts` draws it. */

/** The line of the present moves this often, in milliseconds, so that a picture stays the same for a while. */
const NOW_PRECISION = 5 * 60_000;

export interface SemaineRequest {
  /** As ISO 8601 names it; the present one when null. */
  semaine: string | null;
  siteId: number | null;
  limit: number;
  offset: number;
}

export interface SemaineSettings {
  /** Of sites that name none, and of the picture of all sites. */
  timeZone: string;
  trajets: TrajetSettings;
  now: Date;
}

/**
 * Draws the week of the people that the caller sees: those who work on sites of theirs, and those with a visit there; of a
 * technicien, their own line. A visit that the caller may not see is shown as time that is taken.
 * @returns the picture, the tag of its bytes, and how many people there are beside those shown.
 * @throws {RegieError} `VALIDATION` for a week that does not exist, or a site that the caller does not see.
 */
export async function readSemaine(
  executor: Executor,
  access: Access,
  { semaine, siteId, limit, offset }: SemaineRequest,
  { timeZone, trajets, now }: SemaineSettings,
): Promise<{ svg: string; etag: string; total: number }> {
  const near = semaine === null ? dayAt(now.getTime(), timeZone) : daysOfWeek(semaine)[0]!;
  const place = await readPlace(executor, access, siteId, near, timeZone);
  const { calendar } = place;
  const { zone } = calendar;
  const wanted = semaine ?? weekAt(now.getTime(), zone);
  const jours = daysOfWeek(wanted);
  const debut = startOfDay(jours[0]!, zone);
  const fin = startOfDay(dayAfter(jours.at(-1)!, 1), zone);
  const period = { debut: new Date(debut), fin: new Date(fin) };
  const people = await readPeople(executor, access, siteId, period, { limit, offset });
  // The line of the present moves by steps, and what is under way with it.
  const present = new Date(Math.floor(now.getTime() / NOW_PRECISION) * NOW_PRECISION);
  const visits = await readVisits(executor, access, people.rows, period);
  const conflits = await readConflits(executor, access, visits, present, timeZone);
  const personnes = people.rows.map((person): PersonneSemaine => {
    const theirs = visits.filter(({ personnes }) => personnes.includes(person.id));
    const ouvert: [number, number][] = [];
    for (const [from, to] of stretchesFrom(
      debut,
      { ...calendar, hours: person.horaires ?? calendar.hours },
      10,
    )) {
      if (from >= fin) break;
      ouvert.push([from, Math.min(to, fin)]);
    }
    return {
      id: person.id,
      nom: person.nom,
      prenom: person.prenom,
      ouvert,
      absences: person.absences.map(({ debut: from, fin: to }) => [Date.parse(from), Date.parse(to)]),
      visites: theirs.map((visit, index) =>
        visiteOf(
          visit,
          conflits,
          present.getTime(),
          zone,
          trajetBefore(index, theirs, person, zone, trajets),
        ),
      ),
    };
  });
  const svg = drawSemaine({
    langue: access.principal.langue,
    semaine: wanted,
    zone,
    site: place.nom,
    jours: jours.map((jour) => ({ jour, ...place.closedOn(jour) })),
    now: present.getTime(),
    premier: offset + 1,
    total: people.total,
    personnes,
  });
  const etag = `"${createHash('sha256').update(svg).digest('base64url')}"`;
  return { svg, etag, total: people.total };
}

interface PlaceRow {
  nom: string | null;
  pays: string | null;
  calendrier: string;
  fermetures: Fermeture[] | null;
  feries: { pays: string; date: string; libelle: string }[] | null;
  found: boolean;
}

/**
 * By which calendar the week is drawn: that of the site, or of the house when all sites are shown.
 * @param near a day of the week, or of the one next to it: where the site is, it may be another day already.
 */
async function readPlace(
  executor: Executor,
  access: Access,
  siteId: number | null,
  near: string,
  timeZone: string,
) {
  const row = (await queryOne<PlaceRow>(
    executor,
    sql`SELECT s.nom, s.pays, s.fermetures, s.id IS NOT NULL AS found, ${calendrierSql(timeZone)} AS calendrier,
          (SELECT json_agg(json_build_object('pays', f.pays, 'date', f.date::text, 'libelle', f.libelle) ORDER BY f.id)
           FROM jours_feries f
           WHERE f.date BETWEEN ${dayAfter(near, -8)} AND ${dayAfter(near, 8)}) AS feries
        FROM (SELECT) one LEFT JOIN sites s
          ON s.id = ${siteId}::integer AND ${access.where('read', 'Site', SITE_COLUMNS)}`,
  ))!;
  if (siteId !== null && !row.found) throw unknownReference('site_id');
  const calendar = calendarOf(executor, row.calendrier, timeZone);
  const pays = row.pays ?? PAYS_OF_ZONE[calendar.zone];
  return {
    nom: row.nom,
    calendar,
    closedOn: (jour: string) => ({
      ferie: row.feries?.find((one) => one.pays === pays && one.date === jour)?.libelle ?? null,
      fermeture: (row.fermetures ?? []).some(
        ({ date_debut, date_fin }) => date_debut <= jour && jour <= date_fin,
      ),
    }),
  };
}

interface PersonRow {
  id: number;
  nom: string;
  prenom: string;
  horaires: WorkingHours | null;
  absences: Absence[];
  latitude: number | null;
  longitude: number | null;
}

interface Period {
  debut: Date;
  fin: Date;
}

/** One page of the people, by name, and how many they are altogether. */
async function readPeople(
  executor: Executor,
  access: Access,
  siteId: number | null,
  period: Period,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ rows: PersonRow[]; total: number }> {
  // Asked of the person, not of the visit: who goes along sees the visit, and not the line of who leads.
  const seenAt = (site: string) =>
    access.where('read', 'Planning', {
      technicien_id: 't.id',
      equipiers: 'ARRAY[t.id]',
      'equipement.site_id': site,
    });
  const here = siteId === null ? empty : sql`AND there.id = ${siteId}`;
  // What is on no site is a place too.
  const worksThere = sql`EXISTS (
    SELECT FROM (SELECT id FROM sites UNION ALL SELECT NULL) there
    WHERE ${seenAt('there.id')} ${here} AND (u.tous_sites
      OR EXISTS (SELECT FROM user_sites us WHERE us.user_id = u.id AND us.site_id = there.id)))`;
  const isOwn = sql`t.id = ${access.principal.technicienId}::integer`;
  const onSite = siteId === null ? empty : sql`AND e.site_id = ${siteId}`;
  const isSent = sql`EXISTS (
    SELECT FROM ${PLANNING_FROM}
    WHERE (p.technicien_id = t.id OR t.id = ANY(p.equipiers)) AND ${inWeek(period)} ${onSite}
      AND ${seenAt('e.site_id')})`;
  const rows = await query<PersonRow & { total: number }>(
    executor,
    sql`WITH shown AS MATERIALIZED (
          SELECT t.id, u.nom, u.prenom, t.horaires, t.absences, t.latitude, t.longitude
          FROM techniciens t JOIN users u ON u.id = t.user_id
          WHERE (${CAN_WORK} AND (${isOwn} OR ${worksThere})) OR ${isSent}
        )
        SELECT page.*, counted.total FROM (SELECT count(*)::integer AS total FROM shown) counted
        LEFT JOIN (SELECT * FROM shown ORDER BY nom, prenom, id LIMIT ${limit} OFFSET ${offset}) page ON TRUE
        ORDER BY page.nom, page.prenom, page.id`,
  );
  return { rows: rows.filter(({ id }) => id !== null), total: rows[0]!.total };
}

interface VisitRow {
  id: number;
  /** Who goes: the technicien, and who goes with them. */
  personnes: number[];
  date_planifiee: Date;
  duree_estimee: number;
  segments: SegmentRow[];
  debut_reel: Date | null;
  fin_reelle: Date | null;
  statut: Exclude<StatutPlanning, 'annulee'>;
  visible: boolean;
  latitude: number | null;
  longitude: number | null;
  /** Null also where the caller sees the visit, and not what it is for. */
  intervention: {
    titre: string;
    priorite: Priorite;
    equipement: string;
    /** An ISO instant. */
    date_limite: string | null;
  } | null;
}

/** Every visit of these people in the week, those that the caller may not see included. */
function readVisits(
  executor: Executor,
  access: Access,
  people: readonly PersonRow[],
  period: Period,
): Promise<VisitRow[]> {
  const visible = access.where('read', 'Planning', PLANNING_COLUMNS);
  const readable = access.where('read', 'Intervention', INTERVENTION_COLUMNS);
  return query<VisitRow>(
    executor,
    sql`SELECT p.id, p.technicien_id || p.equipiers AS personnes, p.date_planifiee, p.duree_estimee, p.segments, p.debut_reel,
          p.fin_reelle, p.statut, ${visible} AS visible, s.latitude, s.longitude,
          CASE WHEN ${visible} AND ${readable} THEN
            json_build_object('titre', i.titre, 'priorite', i.priorite, 'equipement', e.nom,
              'date_limite', i.date_limite) END AS intervention
        FROM ${PLANNING_FROM} LEFT JOIN sites s ON s.id = e.site_id
        WHERE ${goneToBy(people.map(({ id }) => id))} AND ${inWeek(period)}
        ORDER BY p.date_planifiee, p.id`,
  );
}

/** The visit `p` is not cancelled, and some of it lies in the period. */
function inWeek({ debut, fin }: Period): Sql {
  // The first half is implied by the second, and is what an index can be asked.
  const earliest = new Date(debut.getTime() - MAX_SPAN);
  return sql`p.statut <> 'annulee' AND p.date_planifiee < ${fin} AND p.date_planifiee > ${earliest} AND p.date_fin > ${debut}`;
}

type Conflits = ReadonlyMap<number, VisiteSemaine['conflits']>;

/** What stands against those visits that the caller sees, by their ids: what `/planning/conflits` says of them. */
async function readConflits(
  executor: Executor,
  access: Access,
  visits: readonly VisitRow[],
  now: Date,
  timeZone: string,
): Promise<Conflits> {
  const ids = visits.filter(({ intervention }) => intervention !== null).map(({ id }) => id);
  const readable = access.where('read', 'Intervention', INTERVENTION_COLUMNS);
  const found = await findConflits(executor, [oneOf('p.id', ids)], now, timeZone, readable);
  return new Map(found.map(({ id, raisons }) => [id, raisons]));
}

function visiteOf(
  row: VisitRow,
  conflits: Conflits,
  now: number,
  zone: string,
  trajet: number | null,
): VisiteSemaine {
  const { intervention, statut } = row;
  const planned = toSegments(row.segments);
  const course = {
    statut,
    segments: planned,
    duration: row.duree_estimee * 60_000,
    began: row.debut_reel?.getTime() ?? null,
    ended: row.fin_reelle?.getTime() ?? null,
  };
  // Of what one may not see, when it was planned: not how it goes.
  const shown = intervention === null ? planned : segmentsShown(course, now, zone);
  const dateLimite = intervention?.date_limite == null ? null : Date.parse(intervention.date_limite);
  return {
    segments: shown.map(([debut, fin]) => ({ debut, fin })),
    conflits: conflits.get(row.id) ?? [],
    texte: intervention && {
      titre: intervention.titre,
      equipement: intervention.equipement,
      priorite: intervention.priorite,
      statut,
      date_limite: dateLimite,
      retard: retardOf(shown, dateLimite),
      trajet,
    },
  };
}

/**
 * Minutes of travel before a visit: from the one before it on that day, or from where the person sets out. Null where that is
 * not known, or would tell where a visit is that the caller may not see.
 */
function trajetBefore(
  index: number,
  rows: readonly VisitRow[],
  person: PersonRow,
  zone: string,
  settings: TrajetSettings,
): number | null {
  const row = rows[index]!;
  const before = rows[index - 1];
  const day = dayAt(row.date_planifiee.getTime(), zone);
  const isFirst = before === undefined || dayAt(before.date_planifiee.getTime(), zone) !== day;
  if (!isFirst && before.intervention === null) return null;
  const [from, to] = [pointOf(isFirst ? person : before), pointOf(row)];
  if (from === null || to === null) return null;
  return Math.round(trajetBetween(from, to, settings).minutes);
}

function pointOf({ latitude, longitude }: Record<keyof Point, number | null>): Point | null {
  return latitude === null || longitude === null ? null : { latitude, longitude };
}
