import sql, { raw, type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import {
  AGENDA_EXTERNE_COLUMNS,
  INTERVENANT_COLUMNS,
  INTERVENTION_COLUMNS,
  PLANNING_COLUMNS,
  RENDEZ_VOUS_COLUMNS,
  SALLE_COLUMNS,
  TECHNICIEN_COLUMNS,
} from '../../auth/columns';
import type { SegmentRow } from '../../db/planification/planning';
import { type Executor, query, rfc3339Sql } from '../../db/sql';
import type { Absence } from '../../domain/identite/techniciens';
import { dayAfter, dayAt, endOfDay, startOfDay, writerWithOffset } from '../../domain/local-time';
import type { Fermeture } from '../../domain/parc/sites';
import { PAYS_OF_ZONE } from '../../domain/planification/feries';
import type { StatutPlanning } from '../../domain/planification/planning';
import { MAX_SPAN } from '../../domain/planification/segments';
import { segmentsShown } from '../../domain/planification/semaine';
import type { Priorite } from '../../domain/priorites';
import { joursDeVue, joursTouches, periodeDeJours, type Vue } from '../../domain/rendez-vous/agenda';
import { type Intervalle, union } from '../../domain/rendez-vous/intervalles';
import {
  OCCUPANTS,
  type StatutParticipant,
  type StatutRendezVous,
} from '../../domain/rendez-vous/rendez-vous';
import {
  type AbsenceIntervenant,
  type Exception,
  exceptionsByDay,
} from '../../domain/rendez-vous/ressources';
import { type Calendar, type Closing, closedBetween, stretchesFrom } from '../../domain/working-time';
import type { Langue } from '../../domain/writing';
import { oneOf } from '../conditions';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { toSegments } from '../planification/occupations';
import { goneToBy, PLANNING_FROM } from '../planification/planning';
import { ALWAYS, siteOf } from './creneaux';

/**
 * A calendar of people and rooms: all that a day, a week or a month of it shows, in five statements whatever it holds. Of
 * what the caller may not see, only that the time is taken, and of whom among those they see.
 */

/** People and rooms that one answer shows, at most. */
export const MAX_LIGNES_AGENDA = 100;

export interface AgendaDemande {
  vue: Vue;
  /** A day of the view; today when not said. */
  date?: string | undefined;
  /** Whose days they are; the zone of the house when not said. */
  fuseau_horaire?: string | undefined;
  /** Those only; where rooms alone are named, nobody. */
  intervenants?: readonly number[] | undefined;
  salles?: readonly number[] | undefined;
}

interface Plage {
  debut: string;
  fin: string;
}

interface Nomme {
  id: number;
  nom: string;
}

/** What every entry says: when it is, on which days of the view, and whose time it takes. */
interface Commun extends Plage {
  jours: string[];
  intervenants: Nomme[];
  salles: Nomme[];
}

export interface ParticipantAgenda {
  nom: string;
  email: string | null;
  telephone: string | null;
  langue: Langue;
  fuseau_horaire: string;
  statut: StatutParticipant;
}

export interface RendezVousAgenda {
  uid: string;
  statut: StatutRendezVous;
  sequence: number;
  places: number;
  serie_id: string | null;
  participants: ParticipantAgenda[];
}

/** A calendar that is kept elsewhere, and how old what is known of it is. */
interface AgendaDAilleurs extends Nomme {
  rafraichi_le: string | null;
}

export type EntreeAgenda = Commun &
  (
    | {
        genre: 'rendez_vous';
        prestation: { id: number; slug: string; nom: string };
        /** Minutes that are kept free around it. */
        tampon_avant: number;
        tampon_apres: number;
        places: number;
        places_prises: number;
        /** Several of a workshop; those that the caller may see. */
        rendez_vous: RendezVousAgenda[];
      }
    | {
        genre: 'visite';
        planning_id: number;
        statut: StatutPlanning;
        /** Null where the caller may see the visit, and not what it is for. */
        intervention: { id: number; titre: string; priorite: Priorite; equipement: string } | null;
      }
    | { genre: 'absence'; motif: string | null; remplacant_id: number | null }
    | { genre: 'fermeture'; libelle: string | null; ferie: boolean }
    /** By a calendar that is kept elsewhere, which the caller may know of. */
    | { genre: 'externe'; agenda: AgendaDAilleurs }
    | { genre: 'occupe' }
  );

export interface Agenda {
  vue: Vue;
  fuseau_horaire: string;
  jours: ({ jour: string } & Plage)[];
  intervenants: (Nomme & { site_id: number | null; fuseau_horaire: string; ouvert: Plage[] })[];
  salles: (Nomme & { site_id: number | null; capacite: number; ouvert: Plage[] })[];
  /** How many there are, shown or not. */
  total: { intervenants: number; salles: number };
  entrees: EntreeAgenda[];
}

/** @param timeZone of the house. */
export async function readAgenda(
  executor: Executor,
  access: Access,
  { vue, date, fuseau_horaire, ...asked }: AgendaDemande,
  now: Date,
  timeZone: string,
): Promise<Agenda> {
  const zone = fuseau_horaire ?? timeZone;
  const jours = joursDeVue(vue, date ?? dayAt(now.getTime(), zone));
  const periode = periodeDeJours(jours, zone);
  const [people, rooms] = await Promise.all([
    asked.intervenants === undefined && asked.salles !== undefined
      ? []
      : readPeople(executor, access, asked.intervenants, periode, timeZone),
    asked.salles === undefined && asked.intervenants !== undefined
      ? []
      : readRooms(executor, access, asked.salles, timeZone),
  ]);
  const [feries, seances, visites] = await Promise.all([
    readFeries(executor, jours),
    readSeances(executor, access, people, rooms, periode, now),
    readVisites(executor, access, people, periode),
  ]);
  const calendarFor = ({ calendrier, exceptions }: LigneRow): Calendar => ({
    ...calendarOf(executor, calendrier, timeZone),
    exceptions: exceptionsByDay(exceptions),
  });
  const lignes: Lignes = {
    people: people.map((row) => ({ ...row, calendar: calendarFor(row) })),
    rooms: rooms.map((row) => ({ ...row, calendar: calendarFor(row) })),
  };
  const entrees = [
    ...entreesDeSeances(seances, lignes),
    ...entreesDeVisites(visites, lignes, now.getTime(), zone),
    ...entreesDAbsences(lignes),
    ...entreesDAilleurs(lignes),
    ...entreesDeFermetures(lignes, feries, periode),
  ]
    .filter(({ quand: [debut, fin] }) => debut < periode[1] && fin > periode[0])
    .sort((a, b) => a.quand[0] - b.quand[0] || a.quand[1] - b.quand[1]);
  const write = writerWithOffset(zone);
  const plage = ([debut, fin]: Intervalle): Plage => ({ debut: write(debut), fin: write(fin) });
  const ouvert = ({ calendar }: Ligne) => openWithin(calendar, periode).map(plage);
  return {
    vue,
    fuseau_horaire: zone,
    jours: jours.map((jour) => ({ jour, ...plage(periodeDeJours([jour], zone)) })),
    intervenants: lignes.people.map((ligne) => ({
      id: ligne.id,
      nom: ligne.nom,
      site_id: ligne.site_id,
      fuseau_horaire: ligne.calendar.zone,
      ouvert: ouvert(ligne),
    })),
    salles: lignes.rooms.map((ligne) => ({
      id: ligne.id,
      nom: ligne.nom,
      site_id: ligne.site_id,
      capacite: ligne.capacite,
      ouvert: ouvert(ligne),
    })),
    total: { intervenants: people[0]?.total ?? 0, salles: rooms[0]?.total ?? 0 },
    entrees: entrees.map(({ quand, ...entree }) => ({
      ...plage(quand),
      jours: joursTouches(quand, jours, zone),
      ...entree,
    })),
  };
}

/** An entry whose time is still a pair of instants. */
type Brute = EntreeAgenda extends infer Entree
  ? Entree extends Commun
    ? Omit<Entree, 'debut' | 'fin' | 'jours'> & { quand: Intervalle }
    : never
  : never;

interface LigneRow {
  id: number;
  nom: string;
  site_id: number | null;
  calendrier: string;
  exceptions: Exception[];
  pays: string | null;
  fermetures: Fermeture[];
  /** How many rows there are, shown or not. */
  total: number;
}

interface PersonRow extends LigneRow {
  user_id: number;
  technicien_id: number | null;
  absences: AbsenceIntervenant[];
  absences_technicien: Absence[];
  /** Whether the caller may know why they are away as a technicien. */
  voit_technicien: boolean;
  ailleurs: { debut: number; fin: number; agenda: AgendaDAilleurs }[];
  /** Whether the caller may know which calendars they keep elsewhere. */
  voit_agendas: boolean;
}

interface RoomRow extends LigneRow {
  capacite: number;
}

interface Lignes {
  people: (PersonRow & { calendar: Calendar })[];
  rooms: (RoomRow & { calendar: Calendar })[];
}

type Ligne = Lignes['people'][number] | Lignes['rooms'][number];

/** Those who are there, or are named. */
function shown(alias: string, asked: readonly number[] | undefined): Sql {
  return asked === undefined ? sql`${raw(alias)}.actif` : oneOf(`${alias}.id`, asked);
}

function readPeople(
  executor: Executor,
  access: Access,
  asked: readonly number[] | undefined,
  [debut, fin]: Intervalle,
  timeZone: string,
): Promise<PersonRow[]> {
  const hours = sql`coalesce(v.horaires, l.horaires)`;
  const site = siteOf(hours, sql`v.fuseau_horaire`, sql`v.pays`, sql`v.site_id`);
  return query<PersonRow>(
    executor,
    sql`SELECT v.id, v.nom_public AS nom, v.site_id, v.user_id, v.exceptions, v.absences, t.id AS technicien_id,
          coalesce(t.absences, '[]') AS absences_technicien,
          coalesce(${access.where('read', 'Technicien', TECHNICIEN_COLUMNS)}, false) AS voit_technicien,
          ${access.where('read', 'AgendaExterne', AGENDA_EXTERNE_COLUMNS)} AS voit_agendas,
          coalesce((
            SELECT json_agg(json_build_object('debut', extract(epoch FROM o.debut) * 1000, 'fin', extract(epoch FROM o.fin) * 1000,
              'agenda', json_build_object('id', x.id, 'nom', x.nom, 'rafraichi_le', ${rfc3339Sql(sql`x.rafraichi_le`)})) ORDER BY o.debut, o.id)
            FROM agendas_externes x JOIN occupations_externes o ON o.agenda_id = x.id
            WHERE x.intervenant_id = v.id AND x.actif AND o.debut < ${new Date(fin)}::timestamptz
              AND o.fin > ${new Date(debut)}::timestamptz), '[]') AS ailleurs,
          ${calendrierSql(timeZone)} AS calendrier, s.pays, s.fermetures, count(*) OVER ()::integer AS total
        FROM intervenants v JOIN users u ON u.id = v.user_id LEFT JOIN techniciens t ON t.user_id = v.user_id
        CROSS JOIN ${site}
        WHERE ${shown('v', asked)} AND ${access.where('read', 'Intervenant', INTERVENANT_COLUMNS)}
        ORDER BY v.nom_public, v.id LIMIT ${MAX_LIGNES_AGENDA}`,
  );
}

function readRooms(
  executor: Executor,
  access: Access,
  asked: readonly number[] | undefined,
  timeZone: string,
): Promise<RoomRow[]> {
  const hours = sql`coalesce(r.horaires, ${ALWAYS}::jsonb)`;
  const site = siteOf(hours, sql`NULL::text`, sql`NULL::text`, sql`r.site_id`);
  return query<RoomRow>(
    executor,
    sql`SELECT r.id, r.nom, r.site_id, r.capacite, r.exceptions, ${calendrierSql(timeZone)} AS calendrier, s.pays,
          s.fermetures, count(*) OVER ()::integer AS total
        FROM salles r CROSS JOIN ${site}
        WHERE ${shown('r', asked)} AND ${access.where('read', 'Salle', SALLE_COLUMNS)}
        ORDER BY r.nom, r.id LIMIT ${MAX_LIGNES_AGENDA}`,
  );
}

interface FerieRow {
  pays: string;
  date: string;
  libelle: string;
  demi_journee: Closing['demi_journee'];
}

/** Where people are it may be another day than where the caller is. */
function readFeries(executor: Executor, jours: readonly string[]): Promise<FerieRow[]> {
  return query<FerieRow>(
    executor,
    sql`SELECT f.pays, f.date::text AS date, f.libelle, f.demi_journee FROM jours_feries f
        WHERE f.date BETWEEN ${dayAfter(jours[0]!, -1)} AND ${dayAfter(jours.at(-1)!, 1)} ORDER BY f.date, f.id`,
  );
}

interface SeanceRow {
  debut: Date;
  fin: Date;
  tampon_avant: number;
  tampon_apres: number;
  places: number;
  places_prises: number;
  prestation: { id: number; slug: string; nom: string };
  intervenants: Nomme[];
  salles: Nomme[];
  /** Null where the caller may see none of them. */
  rendez_vous: RendezVousAgenda[] | null;
}

/** No appointment is longer than a day. */
const LONGEST = 24 * 3_600_000;

function readSeances(
  executor: Executor,
  access: Access,
  people: readonly PersonRow[],
  rooms: readonly RoomRow[],
  [debut, fin]: Intervalle,
  now: Date,
): Promise<SeanceRow[]> {
  const [from, to] = [new Date(debut), new Date(fin)];
  const named = (table: 'intervenants' | 'salles', nom: string) => sql`coalesce((
    SELECT json_agg(json_build_object('id', n.id, 'nom', n.${raw(nom)}) ORDER BY n.id)
    FROM ${raw(table)} n WHERE n.id = ANY(s.${raw(table)})), '[]')`;
  return query<SeanceRow>(
    executor,
    sql`SELECT s.debut, s.fin, s.tampon_avant, s.tampon_apres, s.places, s.prises AS places_prises,
          json_build_object('id', g.id, 'slug', g.slug, 'nom', g.nom) AS prestation,
          ${named('intervenants', 'nom_public')} AS intervenants, ${named('salles', 'nom')} AS salles, a.rendez_vous
        FROM (SELECT b.seance_id, json_agg(json_build_object('uid', b.uid, 'statut', b.statut, 'sequence', b.sequence,
                'places', b.places, 'serie_id', b.serie_id, 'participants', coalesce((
                  SELECT json_agg(json_build_object('nom', c.nom, 'email', c.email, 'telephone', c.telephone,
                    'langue', c.langue, 'fuseau_horaire', c.fuseau_horaire, 'statut', c.statut) ORDER BY c.rang)
                  FROM participants c WHERE c.rendez_vous_id = b.id), '[]')) ORDER BY b.id)
                FILTER (WHERE ${access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS)}) AS rendez_vous
              FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
              WHERE b.debut < ${to}::timestamptz AND b.debut > ${new Date(debut - LONGEST)}::timestamptz
                AND b.fin > ${from}::timestamptz
                AND b.statut = ANY(${OCCUPANTS}::text[]) AND (b.statut <> 'retenu' OR b.expire_le > ${now}::timestamptz)
                AND (b.intervenants && ${people.map(({ id }) => id)}::integer[]
                  OR b.salles && ${rooms.map(({ id }) => id)}::integer[])
              GROUP BY b.seance_id) a
        JOIN seances s ON s.id = a.seance_id JOIN prestations g ON g.id = s.prestation_id
        ORDER BY s.debut, s.id`,
  );
}

function entreesDeSeances(rows: readonly SeanceRow[], lignes: Lignes): Brute[] {
  return rows.map(({ debut, fin, ...row }): Brute => {
    const [from, to] = [debut.getTime(), fin.getTime()];
    const { rendez_vous } = row;
    if (rendez_vous !== null) return { genre: 'rendez_vous', quand: [from, to], ...row, rendez_vous };
    const [avant, apres] = [row.tampon_avant * MINUTE, row.tampon_apres * MINUTE];
    return { genre: 'occupe', quand: [from - avant, to + apres], ...amongShown(row, lignes) };
  });
}

const MINUTE = 60_000;

/** Of what the caller may not see, those whose calendar they see. */
function amongShown(
  { intervenants, salles }: Pick<Commun, 'intervenants' | 'salles'>,
  { people, rooms }: Lignes,
): Pick<Commun, 'intervenants' | 'salles'> {
  return {
    intervenants: intervenants.filter(({ id }) => people.some((person) => person.id === id)),
    salles: salles.filter(({ id }) => rooms.some((room) => room.id === id)),
  };
}

interface VisiteRow {
  id: number;
  techniciens: number[];
  segments: SegmentRow[];
  duree_estimee: number;
  debut_reel: Date | null;
  fin_reelle: Date | null;
  statut: Exclude<StatutPlanning, 'annulee'>;
  visible: boolean;
  intervention: { id: number; titre: string; priorite: Priorite; equipement: string } | null;
}

/** The visits of those who are techniciens too. */
function readVisites(
  executor: Executor,
  access: Access,
  people: readonly PersonRow[],
  [debut, fin]: Intervalle,
): Promise<VisiteRow[]> {
  const visible = access.where('read', 'Planning', PLANNING_COLUMNS);
  const readable = access.where('read', 'Intervention', INTERVENTION_COLUMNS);
  return query<VisiteRow>(
    executor,
    sql`SELECT p.id, p.technicien_id || p.equipiers AS techniciens, p.segments, p.duree_estimee, p.debut_reel, p.fin_reelle,
          p.statut, coalesce(${visible}, false) AS visible,
          CASE WHEN ${visible} AND ${readable} THEN
            json_build_object('id', i.id, 'titre', i.titre, 'priorite', i.priorite, 'equipement', e.nom) END AS intervention
        FROM ${PLANNING_FROM}
        WHERE ${goneToBy(people.flatMap(({ technicien_id }) => technicien_id ?? []))} AND p.statut <> 'annulee'
          AND p.date_planifiee < ${new Date(fin)} AND p.date_planifiee > ${new Date(debut - MAX_SPAN)}
          AND p.date_fin > ${new Date(debut)}
        ORDER BY p.date_planifiee, p.id`,
  );
}

/** An entry for each stretch in which a visit is worked on. */
function entreesDeVisites(rows: readonly VisiteRow[], lignes: Lignes, now: number, zone: string): Brute[] {
  return rows.flatMap((row): Brute[] => {
    const intervenants = lignes.people.flatMap(({ id, nom, technicien_id }) =>
      technicien_id !== null && row.techniciens.includes(technicien_id) ? [{ id, nom }] : [],
    );
    const planned = toSegments(row.segments);
    const taken = { intervenants, salles: [] };
    // Of what one may not see, when it was planned: not how it goes.
    if (!row.visible) return planned.map((quand) => ({ genre: 'occupe', quand, ...taken }));
    const segments =
      row.intervention === null
        ? planned
        : segmentsShown(
            {
              statut: row.statut,
              segments: planned,
              duration: row.duree_estimee * MINUTE,
              began: row.debut_reel?.getTime() ?? null,
              ended: row.fin_reelle?.getTime() ?? null,
            },
            now,
            zone,
          );
    const { id: planning_id, statut, intervention } = row;
    return segments.map((quand) => ({ genre: 'visite', quand, planning_id, statut, intervention, ...taken }));
  });
}

function entreesDAbsences({ people }: Lignes): Brute[] {
  return people.flatMap(({ id, nom, calendar: { zone }, ...person }): Brute[] => {
    const theirs = { genre: 'absence' as const, intervenants: [{ id, nom }], salles: [] };
    return [
      ...person.absences.map(
        ({ date_debut, date_fin, motif, remplacant_id }): Brute => ({
          ...theirs,
          quand: [startOfDay(date_debut, zone), endOfDay(date_fin, zone)],
          motif,
          remplacant_id,
        }),
      ),
      ...person.absences_technicien.map(
        ({ debut, fin, motif }): Brute => ({
          ...theirs,
          quand: [Date.parse(debut), Date.parse(fin)],
          motif: person.voit_technicien ? (motif ?? null) : null,
          remplacant_id: null,
        }),
      ),
    ];
  });
}

/**
 * When calendars that are kept elsewhere say that somebody is busy: by which, to who may know of it, and to others only that
 * they are.
 */
function entreesDAilleurs({ people }: Lignes): Brute[] {
  return people.flatMap(({ id, nom, ailleurs, voit_agendas }): Brute[] => {
    const theirs = { intervenants: [{ id, nom }], salles: [] };
    if (!voit_agendas) {
      const taken = ailleurs.map(({ debut, fin }): Intervalle => [debut, fin]);
      return union(taken).map((quand) => ({ genre: 'occupe', quand, ...theirs }));
    }
    return ailleurs.map(({ debut, fin, agenda }) => ({
      genre: 'externe',
      quand: [debut, fin],
      agenda: {
        ...agenda,
        rafraichi_le: agenda.rafraichi_le === null ? null : new Date(agenda.rafraichi_le).toISOString(),
      },
      ...theirs,
    }));
  });
}

/** Days on which people and rooms are not there since nobody is: one entry for all of whom it holds alike. */
function entreesDeFermetures(
  { people, rooms }: Lignes,
  feries: readonly FerieRow[],
  [debut, fin]: Intervalle,
): Brute[] {
  const found = new Map<string, Brute>();
  for (const ligne of [...people, ...rooms]) {
    const { calendar, id, nom } = ligne;
    for (const { libelle, ferie, ...closing } of closingsOf(ligne, feries)) {
      for (const [from, to] of closedBetween(debut, fin, { zone: calendar.zone, closings: [closing] })) {
        // A day with other stretches than the week's is theirs, whatever is closed.
        if (calendar.exceptions?.has(dayAt(from, calendar.zone))) continue;
        const key = JSON.stringify([from, to, libelle, ferie]);
        const entree: Brute = found.get(key) ?? {
          genre: 'fermeture',
          quand: [from, to],
          libelle,
          ferie,
          intervenants: [],
          salles: [],
        };
        ('user_id' in ligne ? entree.intervenants : entree.salles).push({ id, nom });
        found.set(key, entree);
      }
    }
  }
  return [...found.values()];
}

function closingsOf(
  { calendar, pays, fermetures }: Ligne,
  feries: readonly FerieRow[],
): (Closing & { libelle: string | null; ferie: boolean })[] {
  const country = pays ?? PAYS_OF_ZONE[calendar.zone];
  return [
    ...feries
      .filter((ferie) => ferie.pays === country)
      .map(({ date, libelle, demi_journee }) => ({
        debut: date,
        fin: date,
        demi_journee,
        libelle,
        ferie: true,
      })),
    ...fermetures.map(({ date_debut, date_fin, motif = null }) => ({
      debut: date_debut,
      fin: date_fin,
      libelle: motif,
      ferie: false,
    })),
  ];
}

/** When somebody works, or a room is open, within a period, in order; stretches that touch are one. */
function openWithin(calendar: Calendar, [debut, fin]: Intervalle): Intervalle[] {
  const days = Math.ceil((fin - debut) / LONGEST) + 3;
  return union(
    [...stretchesFrom(debut, calendar, days)].map(([from, to]): Intervalle => [from, Math.min(to, fin)]),
  );
}
