import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../auth/access';
import { PRESTATION_COLUMNS, RENDEZ_VOUS_COLUMNS } from '../../auth/columns';
import { type Executor, query, queryOne } from '../../db/sql';
import { invalid, notFound, unknownReference } from '../../domain/errors';
import { dayAfter, endOfDay, startOfDay, writerWithOffset } from '../../domain/local-time';
import {
  type Creneau,
  creerEvaluateur,
  type Evaluateur,
  type Seance,
} from '../../domain/rendez-vous/creneaux';
import type { Intervalle } from '../../domain/rendez-vous/intervalles';
import type { Confirmation, Preavis, Prestation, Question } from '../../domain/rendez-vous/prestations';
import { mayStillBeMoved, OCCUPANTS } from '../../domain/rendez-vous/rendez-vous';
import {
  type AbsenceIntervenant,
  type Exception,
  exceptionsByDay,
} from '../../domain/rendez-vous/ressources';
import { calendarOf, calendrierSql } from '../planification/calendriers';
import { busySql } from '../planification/occupations';
import { PRESTATION_LIST } from './prestations';
import { busyElsewhereSql } from './synchronisation';

/** What of a prestation is free to be booked: everything that the evaluator is to know, in a constant number of statements. */

export interface Demande {
  /** The address of the prestation. */
  prestation: string;
  /** Minutes; the first of the prestation unless said. */
  duree?: number | undefined;
  /** The one person that is asked for, among those of whom one is enough: whoever has to be there comes all the same. */
  intervenant_id?: number | undefined;
  /** The appointment that is to be moved: it neither stands in its own way nor counts against caps. */
  report_de?: string | undefined;
  /** Who asks, as holds know them: their own does not stand in their way. */
  appelant?: string | undefined;
  /** Places that are wanted of a workshop; those of what is moved, else one. */
  places?: number | undefined;
  /** By which a client is known beside their account, where it is known by then. */
  email?: string | null | undefined;
}

interface Period {
  debut: Date;
  fin: Date;
}

export interface Situation {
  evaluateur: Evaluateur;
  /** Whether the client has as many ahead of them as one may. */
  comble: boolean;
  /** Whether what is to be moved may not be any more, by whom the caller is. */
  fige: boolean;
  /** Whether the caller belongs to the house, and may know who is free. */
  estMembre: boolean;
  prestation: PrestationRow;
  /** Of who offers it. */
  zone: string;
  people: readonly PersonRow[];
  /** Workshops that have begun to fill and have as many places left as are wanted. */
  seances: readonly SeanceOuverte[];
}

/** A seance of the evaluator, and which row it is. */
export interface SeanceOuverte extends Seance {
  id: number;
}

/** A day has 24 hours, give or take one. */
const DAY = 24 * 3_600_000;

export type PrestationRow = Prestation & {
  id: number;
  slug: string;
  nom: string;
  site_id: number | null;
  durees: number[];
  preavis: Preavis;
  confirmation: Confirmation;
  confirmation_email: boolean;
  questions: Question[];
  rejouer_regle: number | null;
  de_cabinet: boolean;
  calendrier: string;
};

interface RessourceRow {
  id: number;
  calendrier: string;
  exceptions: Exception[];
  busy: Intervalle[];
}

export interface PersonRow extends RessourceRow {
  user_id: number;
  /** What calendars elsewhere say. */
  ailleurs: Intervalle[];
  absences: AbsenceIntervenant[];
  /** Theirs as a technicien, if they are one. */
  absences_technicien: { debut: string; fin: string }[];
}

interface RoomRow extends RessourceRow {
  capacite: number;
  etiquettes: string[];
}

/**
 * Reads what there is to know of a prestation in a period: four statements, whatever it has, and one for what is moved.
 *
 * What is held does not stand in the way of its holder, nor what was held too long, nor an appointment of its own move.
 * @param timeZone of what names none.
 * @throws {RegieError} `INTROUVABLE` for a prestation that the caller may not see, `VALIDATION` for a length or a person
 *   that it does not have, or an appointment that it is not.
 */
export async function readSituation(
  executor: Executor,
  access: Access,
  demande: Demande,
  period: Period,
  now: Date,
  timeZone: string,
): Promise<Situation> {
  const { prestation: slug, duree, intervenant_id, report_de, appelant } = demande;
  const deplace = report_de === undefined ? null : await readDeplace(executor, access, report_de, slug);
  const prestation = await readPrestation(executor, access, slug, timeZone, deplace !== null);
  const minutes = duree ?? deplace?.minutes ?? prestation.durees[0]!;
  const places = demande.places ?? deplace?.places ?? 1;
  if (minutes !== deplace?.minutes && !prestation.durees.includes(minutes)) {
    const message = { fr: 'N’est pas une durée de cette prestation', en: 'Is not a length of this service' };
    throw invalid({ champ: 'duree', message });
  }
  const chosen = prestation.intervenants.find(({ id }) => id === intervenant_id);
  if (intervenant_id !== undefined && chosen === undefined) {
    const message = { fr: 'N’assure pas cette prestation', en: 'Does not provide this service' };
    throw invalid({ champ: 'intervenant_id', message });
  }
  // What is kept free around an appointment reaches out of the period.
  const around = { debut: new Date(period.debut.getTime() - DAY), fin: new Date(period.fin.getTime() + DAY) };
  const taken = await readSeances(
    executor,
    access,
    prestation,
    { appelant, report_de, email: demande.email, now },
    around,
  );
  const people = await readPeople(executor, prestation.id, around, taken.liberees, timeZone);
  const rooms =
    prestation.salles.length === 0
      ? []
      : await readRooms(executor, prestation, around, taken.liberees, timeZone);
  const seances = taken.seances.filter(
    ({ debut, fin, intervenants, places_restantes }) =>
      prestation.places > 1 &&
      places_restantes >= places &&
      fin - debut === minutes * 60_000 &&
      (intervenant_id === undefined || intervenants.includes(intervenant_id)),
  );
  const isChoice = chosen !== undefined && prestation.mode !== 'collectif' && !chosen.obligatoire;
  const asked = new Set(
    prestation.intervenants
      .filter((one) => !isChoice || one === chosen || one.obligatoire)
      .map(({ id }) => id),
  );
  const calendarFor = ({ calendrier, exceptions }: RessourceRow) => ({
    ...calendarOf(executor, calendrier, timeZone),
    exceptions: exceptionsByDay(exceptions),
  });
  const maison = calendarOf(executor, prestation.calendrier, timeZone);
  const { par_client_actifs } = prestation.plafonds;
  const comble = par_client_actifs !== undefined && taken.actifs >= par_client_actifs;
  const evaluateur = creerEvaluateur({
    prestation,
    duree: minutes * 60_000,
    maison,
    maintenant: now.getTime(),
    intervenants: people
      .filter(({ id }) => asked.has(id))
      .map((row) => {
        const calendrier = calendarFor(row);
        return { id: row.id, calendrier, occupe: occupeOf(row, calendrier.zone) };
      }),
    salles: rooms.map((row) => ({ ...row, calendrier: calendarFor(row), occupe: row.busy })),
    seances,
    debuts: taken.seances.map(({ debut }) => debut),
    comble,
  });
  return {
    evaluateur,
    comble,
    fige: deplace !== null && !deplace.par_maison && !mayStillBeMoved(deplace.debut, prestation.preavis, now),
    estMembre: access.mayEver('read', 'Salle'),
    prestation,
    zone: maison.zone,
    people,
    seances,
  };
}

/** When somebody has no time, whatever takes it. */
function occupeOf(row: PersonRow, zone: string): Intervalle[] {
  return [...row.busy, ...row.ailleurs, ...absencesOf(row, zone)];
}

export function absencesOf(
  { absences, absences_technicien }: Pick<PersonRow, 'absences' | 'absences_technicien'>,
  zone: string,
): Intervalle[] {
  return [
    ...absences.map(
      ({ date_debut, date_fin }) => [startOfDay(date_debut, zone), endOfDay(date_fin, zone)] as const,
    ),
    ...absences_technicien.map(({ debut, fin }) => [Date.parse(debut), Date.parse(fin)] as const),
  ];
}

/** What is moved. */
interface Deplace {
  minutes: number;
  places: number;
  debut: Date;
  /** Whether the caller moves it for the house, at any time. */
  par_maison: boolean;
}

async function readDeplace(executor: Executor, access: Access, uid: string, slug: string): Promise<Deplace> {
  const row = await queryOne<Deplace>(
    executor,
    sql`SELECT (extract(epoch FROM b.fin - b.debut) / 60)::integer AS minutes, b.places,
          b.debut, ${access.where('move', 'RendezVous', RENDEZ_VOUS_COLUMNS)} AS par_maison
        FROM rendez_vous b JOIN prestations f ON f.id = b.prestation_id
        WHERE b.uid = ${uid} AND f.slug = ${slug} AND b.statut <> 'retenu'
          AND ${access.where('read', 'RendezVous', RENDEZ_VOUS_COLUMNS)}`,
  );
  if (row === null) throw unknownReference('report_de');
  return row;
}

interface Taken {
  /** Those of the prestation in which places are taken, by others than who asks. */
  seances: SeanceOuverte[];
  /** Of any prestation, those that would be free without what does not count. */
  liberees: number[];
  /** Appointments that the client has ahead of them, by their account or by the address that they gave. */
  actifs: number;
}

/** What does not count, and who asks, see {@link Demande}. */
interface Exempt {
  appelant?: string | null | undefined;
  report_de?: string | null | undefined;
  email?: string | null | undefined;
  now: Date;
}

/** How far caps look around a day: a month, and the rest of a week. */
const AROUND_CAPS = 38 * DAY;

async function readSeances(
  executor: Executor,
  access: Access,
  { id, plafonds }: PrestationRow,
  { appelant = null, report_de = null, email = null, now }: Exempt,
  period: Period,
): Promise<Taken> {
  const counts = Object.keys(plafonds).length > 0;
  const reach = counts ? AROUND_CAPS : DAY;
  const [from, to] = [period.debut.getTime() - reach, period.fin.getTime() + reach];
  const { role, userId } = access.principal;
  const row = await queryOne<Taken>(
    executor,
    sql`WITH sans AS (
          SELECT b.seance_id, sum(b.places)::integer AS places FROM (
            SELECT h.seance_id, h.places FROM rendez_vous h
            WHERE h.statut = 'retenu' AND (h.expire_le <= ${now} AND h.liste_attente_id IS NULL
              OR h.appelant = ${appelant}::text)
            UNION ALL
            SELECT m.seance_id, m.places FROM rendez_vous m
            WHERE m.uid = ${report_de}::text AND m.statut = ANY(${OCCUPANTS})
          ) b GROUP BY b.seance_id)
        SELECT
          ARRAY(SELECT s.id FROM sans JOIN seances s ON s.id = sans.seance_id WHERE s.prises <= sans.places) AS liberees,
          coalesce((
            SELECT json_agg(json_build_object('id', s.id, 'intervenants', s.intervenants, 'salles', s.salles,
              'debut', extract(epoch FROM s.debut) * 1000, 'fin', extract(epoch FROM s.fin) * 1000,
              'places_restantes', s.places - s.prises + coalesce(sans.places, 0)) ORDER BY s.debut, s.id)
            FROM seances s LEFT JOIN sans ON sans.seance_id = s.id
            WHERE s.prestation_id = ${id} AND s.prises > coalesce(sans.places, 0) AND s.prises > 0
              -- What is full only counts against caps.
              AND (${counts} OR s.prises - coalesce(sans.places, 0) < s.places)
              AND s.debut >= ${new Date(from)} AND s.debut < ${new Date(to)}), '[]') AS seances,
          ${actifsSql(id, { demandeur_id: role === 'client' ? userId : null, email }, now, report_de)} AS actifs`,
  );
  return row!;
}

/**
 * How many appointments of a service one client has ahead of them, by their account or by the address that they gave.
 * @param sauf uid of one that does not count.
 */
export function actifsSql(
  prestationId: number,
  { demandeur_id, email }: { demandeur_id: number | null; email: string | null },
  now: Date,
  sauf: string | null = null,
): Sql {
  return sql`(SELECT count(*)::integer FROM rendez_vous b
    WHERE b.prestation_id = ${prestationId} AND b.statut IN ('a_valider', 'confirme') AND b.debut > ${now}
      AND (b.demandeur_id = ${demandeur_id}::integer OR ${email}::text IS NOT NULL AND EXISTS (
        SELECT 1 FROM participants p
        WHERE p.rendez_vous_id = b.id AND p.rang = 1 AND lower(p.email) = lower(${email}::text)))
      AND b.uid IS DISTINCT FROM ${sauf}::text)`;
}

/**
 * One that is shown, or whose address the caller knows; for somebody who moves what they have booked, also one that is not
 * offered any more, since what they may do with it is asked of the appointment.
 */
async function readPrestation(
  executor: Executor,
  access: Access,
  slug: string,
  timeZone: string,
  pourDeplacer: boolean,
): Promise<PrestationRow> {
  const row = await queryOne<PrestationRow>(
    executor,
    sql`SELECT ${PRESTATION_LIST.columns}, ${calendrierSql(timeZone)} AS calendrier
        FROM prestations f LEFT JOIN sites s ON s.id = f.site_id
        WHERE f.slug = ${slug} AND (f.actif OR ${pourDeplacer})
          AND (f.visibilite = 'lien' OR ${pourDeplacer} OR ${access.where('read', 'Prestation', PRESTATION_COLUMNS)})`,
  );
  if (row === null) throw notFound();
  return row;
}

/** What somebody, or a room, says of their time, and otherwise their site, as `calendrierSql` reads a site. */
export function siteOf(hours: Sql, zone: Sql, pays: Sql, siteId: Sql): Sql {
  return sql`LATERAL (SELECT coalesce(${zone}, l.fuseau_horaire) AS fuseau_horaire,
      -- The holidays of a zone of one's own are those of its country.
      coalesce(${pays}, CASE WHEN ${zone} IS NULL THEN l.pays END) AS pays, ${hours} AS horaires,
      coalesce(l.fermetures, '[]') AS fermetures
    FROM (VALUES (${siteId})) AS own (id) LEFT JOIN sites l ON l.id = own.id) s`;
}

function readPeople(
  executor: Executor,
  prestationId: number,
  period: Period,
  liberees: readonly number[],
  timeZone: string,
): Promise<PersonRow[]> {
  const site = siteOf(
    sql`coalesce(v.horaires, l.horaires)`,
    sql`v.fuseau_horaire`,
    sql`v.pays`,
    sql`v.site_id`,
  );
  return query<PersonRow>(
    executor,
    sql`SELECT v.id, v.user_id, v.exceptions, v.absences, coalesce(t.absences, '[]') AS absences_technicien,
          ${calendrierSql(timeZone)} AS calendrier,
          ${busySql(sql`v.user_id`, period, null, 'personne', liberees)} AS busy,
          ${busyElsewhereSql(sql`v.user_id`, period)} AS ailleurs
        FROM prestations_intervenants pi
        JOIN intervenants v ON v.id = pi.intervenant_id AND v.actif
        JOIN users u ON u.id = v.user_id AND u.is_active
        LEFT JOIN techniciens t ON t.user_id = v.user_id
        CROSS JOIN ${site}
        WHERE pi.prestation_id = ${prestationId} ORDER BY v.id`,
  );
}

/** What is open at any time. */
export const ALWAYS = JSON.stringify(
  Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]])),
);

/** Rooms of the same site, or of the house, that are large enough. */
function readRooms(
  executor: Executor,
  { site_id, places }: PrestationRow,
  period: Period,
  liberees: readonly number[],
  timeZone: string,
): Promise<RoomRow[]> {
  const site = siteOf(
    sql`coalesce(r.horaires, ${ALWAYS}::jsonb)`,
    sql`NULL::text`,
    sql`NULL::text`,
    sql`r.site_id`,
  );
  return query<RoomRow>(
    executor,
    sql`SELECT r.id, r.capacite, r.etiquettes, r.exceptions, ${calendrierSql(timeZone)} AS calendrier,
          ${busySql(sql`r.id`, period, null, 'salle', liberees)} AS busy
        FROM salles r CROSS JOIN ${site}
        WHERE r.actif AND r.capacite >= ${places} AND coalesce(r.site_id = ${site_id}::integer, true) ORDER BY r.id`,
  );
}

/** The longest period of one request, in days. */
const MAX_JOURS = 62;

export interface JoursDemandes {
  /** Days of `fuseau_horaire`, both included. */
  debut: string;
  fin: string;
  /** Days are those of this zone; the instants do not depend on it. */
  fuseau_horaire?: string | undefined;
  /** The first slot alone. */
  premier?: boolean | undefined;
}

export interface CreneauAnswer {
  debut: string;
  fin: string;
  places_restantes?: number;
  intervenants?: readonly number[];
}

/**
 * What is free, by days.
 * @throws {RegieError} as {@link readSituation}, and `VALIDATION` for a period that ends before it begins or is too long.
 */
export async function listCreneaux(
  executor: Executor,
  access: Access,
  demande: Demande,
  { debut, fin, fuseau_horaire, premier }: JoursDemandes,
  now: Date,
  timeZone: string,
): Promise<Record<string, CreneauAnswer[]>> {
  const zone = fuseau_horaire ?? timeZone;
  if (fin < debut || fin > dayAfter(debut, MAX_JOURS - 1)) {
    const message = {
      fr: `Le jour du début, ou après lui, et au plus ${MAX_JOURS} jours en tout`,
      en: `The day of the start or a later one, and at most ${MAX_JOURS} days in all`,
    };
    throw invalid({ champ: 'fin', message });
  }
  const period = { debut: new Date(startOfDay(debut, zone)), fin: new Date(endOfDay(fin, zone)) };
  const { evaluateur, estMembre, fige } = await readSituation(
    executor,
    access,
    demande,
    period,
    now,
    timeZone,
  );
  if (fige) return {};
  const found = evaluateur.creneaux(period.debut.getTime(), period.fin.getTime());
  const days: Record<string, CreneauAnswer[]> = {};
  const write = writerWithOffset(zone);
  for (const creneau of premier ? found.slice(0, 1) : found) {
    const answer = answerOf(creneau, estMembre, write);
    const day = answer.debut.slice(0, 10);
    days[day] ??= [];
    days[day].push(answer);
  }
  return days;
}

function answerOf(
  { debut, fin, intervenants, places_restantes }: Creneau,
  estMembre: boolean,
  write: (instant: number) => string,
): CreneauAnswer {
  return {
    debut: write(debut),
    fin: write(fin),
    ...(places_restantes > 1 ? { places_restantes } : {}),
    ...(estMembre ? { intervenants } : {}),
  };
}

export interface Pourquoi {
  /** Null when it can be booked. */
  refus: string | null;
  intervenants: { id: number; obstacle: string | null }[];
  salles: { id: number; obstacle: string | null }[];
}

/** What of each person and room speaks against a start. @throws {RegieError} as {@link readSituation}, and `INTERDIT` */
export async function pourquoi(
  executor: Executor,
  access: Access,
  demande: Demande,
  debut: Date,
  now: Date,
  timeZone: string,
): Promise<Pourquoi> {
  const period = { debut, fin: new Date(debut.getTime() + DAY) };
  const { evaluateur, fige } = await readSituation(executor, access, demande, period, now, timeZone);
  const verdict = fige ? ({ refus: 'PREAVIS' } as const) : evaluateur.verdict(debut.getTime());
  const { intervenants, salles } = evaluateur.pourquoi(debut.getTime());
  const told = (obstacles: Map<number, string | null>) =>
    [...obstacles].map(([id, obstacle]) => ({ id, obstacle }));
  return {
    refus: 'refus' in verdict ? verdict.refus : null,
    intervenants: told(intervenants),
    salles: told(salles),
  };
}
