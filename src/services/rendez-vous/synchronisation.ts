import { createHash } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import type { AgendaExterne } from '../../db/rendez-vous/agendas';
import { type Executor, query, queryOne } from '../../db/sql';
import { seanceOfCalendarUid, uidOfCalendarUid } from '../../domain/rendez-vous/ical';
import type { LectureAgenda, ObjetLu, TacheLecture } from '../../domain/rendez-vous/lecture-agenda';
import { FRAICHEUR } from '../../domain/rendez-vous/rendez-vous';
import { type AccesAgenda, type Changements, lireCollection, lireFichier } from '../../net/caldav';
import type { Outgoing } from '../../net/outgoing';
import { millisSql } from '../planification/occupations';
import { openAcces } from './agendas-externes';
import { aEcrire } from './ecritures';
import { type FauteAgenda, fauteDe } from './fautes-agendas';

/**
 * Busy times of calendars that are kept elsewhere, as they were read last. What cannot be read deletes nothing: neither a
 * calendar that does not answer, nor one event of it that nobody understands. Only a whole answer removes what it does not
 * hold any more.
 */

/** What reading takes. */
export interface LectureContext {
  db: DataSource;
  secrets: Secrets;
  outgoing: Outgoing;
  /** Reads what others have written: in a thread, since a rule of theirs may have no end. */
  lire(tache: TacheLecture): Promise<LectureAgenda>;
  /** Zone of who names none. */
  timeZone: string;
}

/** An agenda that somebody has taken on to read. */
export interface AgendaReserve
  extends Pick<
    AgendaExterne,
    | 'id'
    | 'intervenant_id'
    | 'genre'
    | 'utilisateur'
    | 'ecriture'
    | 'acces'
    | 'jeton_synchro'
    | 'etag'
    | 'version'
  > {
  complet_le: Date | null;
  /** Until when: also what tells this reader from the next one. */
  reserve_jusqua: Date;
  zone: string | null;
  email: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How old what is known of a calendar gets before it is read again, in minutes. */
const RELECTURE = 5;
/** A reader that has not come back by then never will, in minutes. */
const RESERVATION = 10;
/** How far ahead busy times are known; nothing can be booked later. */
const HORIZON = 400 * DAY;
/** After so long everything is read anew: what comes again has come closer. */
const COMPLET = DAY;
/** Under which the text of a file is known as a whole. */
const FICHIER = '';

/** Those that are due: read too long ago, or with something to be written into them. */
const DUE = sql`x.actif AND v.actif AND u.is_active
  AND (x.essaye_le IS NULL OR x.essaye_le < now() - make_interval(mins => ${RELECTURE})
    OR (x.genre = 'caldav' AND x.essaye_le < now() - interval '50 seconds' AND ${aEcrire(sql`x`)}))`;

/** Takes on some agendas that are due, and that nobody reads. */
export function reserverDus(executor: Executor, limit: number): Promise<AgendaReserve[]> {
  return reserver(executor, sql`${DUE} ORDER BY x.essaye_le NULLS FIRST, x.id LIMIT ${limit}`);
}

/** Takes on those of some people that are older than an age in seconds. */
export function reserverDe(
  executor: Executor,
  intervenants: readonly number[],
  age: number,
): Promise<AgendaReserve[]> {
  return reserver(
    executor,
    sql`x.actif AND x.intervenant_id = ANY(${intervenants}::integer[])
        AND coalesce(x.rafraichi_le, '-infinity') < now() - make_interval(secs => ${age}) ORDER BY x.id`,
  );
}

function reserver(executor: Executor, which: Sql): Promise<AgendaReserve[]> {
  return query<AgendaReserve>(
    executor,
    sql`WITH due AS (
          SELECT x.id, coalesce(v.fuseau_horaire, s.fuseau_horaire) AS zone, u.email
          FROM agendas_externes x JOIN intervenants v ON v.id = x.intervenant_id JOIN users u ON u.id = v.user_id
          LEFT JOIN sites s ON s.id = v.site_id
          WHERE (x.reserve_jusqua IS NULL OR x.reserve_jusqua < now()) AND ${which}
          FOR UPDATE OF x SKIP LOCKED)
        UPDATE agendas_externes x
        SET reserve_jusqua = now() + make_interval(mins => ${RESERVATION}), essaye_le = now()
        FROM due WHERE x.id = due.id
        RETURNING x.id, x.intervenant_id, x.genre, x.utilisateur, x.ecriture, x.acces, x.jeton_synchro, x.etag,
          x.version, x.complet_le, x.reserve_jusqua, due.zone, due.email`,
  );
}

/** What opens an agenda; null when its seal cannot be opened any more. */
export function accesOf(secrets: Secrets, { id, utilisateur, acces }: AgendaReserve): AccesAgenda | null {
  try {
    return { ...openAcces(secrets, id, acces), utilisateur };
  } catch {
    return null;
  }
}

/**
 * Reads an agenda, and keeps when its owner is busy. Never fails for what the other side does: that is written down, and
 * what was known before stays.
 */
export async function rafraichir(context: LectureContext, agenda: AgendaReserve): Promise<void> {
  const { db, secrets } = context;
  const acces = accesOf(secrets, agenda);
  if (acces === null) return noter(db, agenda, { erreur: 'secret', detail: null });
  let lu: Lu | null;
  try {
    lu = await lire(context, agenda, acces, new Date());
  } catch (error) {
    const faute = fauteDe(error);
    if (faute === null) {
      await noter(db, agenda, null);
      throw error;
    }
    return noter(db, agenda, faute);
  }
  await db.transaction((tx) => garder(tx, agenda, lu));
}

interface Lu {
  objets: ObjetLu[];
  supprimes: string[];
  complet: boolean;
  jeton: string | null;
  etag: string | null;
  depuis: Date;
}

async function lire(
  { outgoing, lire, timeZone }: LectureContext,
  agenda: AgendaReserve,
  acces: AccesAgenda,
  now: Date,
): Promise<Lu> {
  const tout = agenda.complet_le === null || now.getTime() - agenda.complet_le.getTime() > COMPLET;
  const periode = { debut: new Date(now.getTime() - 2 * DAY), fin: new Date(now.getTime() + HORIZON) };
  const tache = {
    zone: agenda.zone ?? timeZone,
    adresses: [agenda.email, agenda.utilisateur ?? ''].map((one) => one.toLowerCase()),
    debut: periode.debut.getTime(),
    fin: periode.fin.getTime(),
  };
  if (agenda.genre === 'ics') {
    const fichier = await lireFichier(outgoing, acces, tout ? null : agenda.etag);
    const vide = { supprimes: [], jeton: null, depuis: now };
    if (fichier === null) return { ...vide, objets: [], complet: false, etag: agenda.etag };
    const objets = [{ objet: FICHIER, texte: fichier.texte }];
    const lecture = await lire({ ...tache, objets, parUid: true });
    const entier = lecture.objets.every(({ objet, faute }) => objet !== FICHIER || faute === null);
    return { ...vide, objets: lecture.objets, complet: entier, etag: fichier.etag };
  }
  const changes: Changements = await lireCollection(
    outgoing,
    acces,
    tout ? null : agenda.jeton_synchro,
    periode,
  );
  const objets = changes.modifies.map(({ href, texte }) => ({ objet: href, texte }));
  const lecture = objets.length === 0 ? { objets: [] } : await lire({ ...tache, objets, parUid: false });
  return { ...changes, objets: lecture.objets, etag: null, depuis: now };
}

/** Keeps what was read, unless the agenda has been changed or taken on by somebody else meanwhile. */
async function garder(tx: EntityManager, agenda: AgendaReserve, lu: Lu): Promise<void> {
  if (!(await tenu(tx, agenda))) return;
  const lisibles = lu.objets.filter(({ faute }) => faute === null);
  const remplaces = [...lisibles.map(({ objet }) => objet), ...lu.supprimes].map(digest);
  await query(
    tx,
    sql`DELETE FROM occupations_externes
        WHERE agenda_id = ${agenda.id} AND (objet = ANY(${remplaces}::bytea[])
          OR (${lu.complet} AND objet <> ALL(${lu.objets.map(({ objet }) => digest(objet))}::bytea[])))`,
  );
  const plages = lisibles.flatMap(({ objet, plages }) => plages.map((plage) => ({ ...plage, objet })));
  const nos = await nosUids(tx, [...new Set(plages.map(({ uid }) => uid))]);
  const rows = plages
    .filter(({ uid }) => !nos.has(uid))
    .map(({ debut, fin, objet, uid }) => ({
      debut: new Date(debut).toISOString(),
      fin: new Date(fin).toISOString(),
      objet: digest(objet).toString('hex'),
      uid: digest(uid).toString('hex'),
    }));
  await query(
    tx,
    sql`INSERT INTO occupations_externes (agenda_id, debut, fin, objet, uid)
        SELECT ${agenda.id}, debut, fin, decode(objet, 'hex'), decode(uid, 'hex')
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS r (debut timestamptz, fin timestamptz, objet text, uid text)`,
  );
  const faute = lu.objets.find((one) => one.faute !== null)?.faute ?? null;
  // What could not be read is asked for again: no token, no tag.
  await query(
    tx,
    faute === null
      ? sql`UPDATE agendas_externes SET jeton_synchro = ${lu.jeton}, etag = ${lu.etag}, rafraichi_le = ${lu.depuis},
              complet_le = CASE WHEN ${lu.complet} THEN ${lu.depuis} ELSE complet_le END,
              erreur = NULL, erreur_detail = NULL, reserve_jusqua = NULL WHERE id = ${agenda.id}`
      : sql`UPDATE agendas_externes SET jeton_synchro = NULL, etag = NULL, complet_le = NULL,
              erreur = ${faute.erreur}, erreur_detail = ${detailOf(faute.detail)}, reserve_jusqua = NULL
            WHERE id = ${agenda.id}`,
  );
}

/** Whether it is still this reader's, and what it was when they began. */
async function tenu(tx: EntityManager, { id, version, reserve_jusqua }: AgendaReserve): Promise<boolean> {
  const row = await queryOne(
    tx,
    sql`SELECT id FROM agendas_externes WHERE id = ${id} AND version = ${version} AND reserve_jusqua = ${reserve_jusqua}
        FOR UPDATE`,
  );
  return row !== null;
}

/** That it could not be read, and nothing else; or only that nobody reads it any more. */
async function noter(executor: Executor, agenda: AgendaReserve, faute: FauteAgenda | null): Promise<void> {
  const { id, version, reserve_jusqua } = agenda;
  const said =
    faute === null
      ? sql`reserve_jusqua = NULL`
      : sql`reserve_jusqua = NULL, erreur = ${faute.erreur}, erreur_detail = ${detailOf(faute.detail)}`;
  await query(
    executor,
    sql`UPDATE agendas_externes SET ${said}
        WHERE id = ${id} AND version = ${version} AND reserve_jusqua = ${reserve_jusqua}`,
  );
}

const detailOf = (detail: string | null) => detail?.slice(0, 200) || null;

/** Of the UIDs given those that are our own: what we have written keeps nobody from what it stands for. */
async function nosUids(tx: EntityManager, uids: readonly string[]): Promise<Set<string>> {
  const appointments = uids.flatMap((uid) => uidOfCalendarUid(uid) ?? []);
  const seances = uids.flatMap((uid) => seanceOfCalendarUid(uid) ?? []);
  if (appointments.length + seances.length === 0) return new Set();
  const rows = await query<{ uid: string }>(
    tx,
    sql`SELECT 'rendez-vous-' || uid AS uid FROM rendez_vous WHERE uid = ANY(${appointments}::text[])
        UNION ALL SELECT 'seance-' || id FROM seances WHERE id = ANY(${seances}::integer[])`,
  );
  return new Set(rows.map(({ uid }) => uid));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The stretches in which calendars elsewhere say that somebody is busy in a period, as `busySql` of `planification` has ours.
 * @param userId an expression.
 */
export function busyElsewhereSql(userId: Sql, { debut, fin }: { debut: Date; fin: Date }): Sql {
  return sql`coalesce((
    SELECT json_agg(json_build_array(${millisSql(sql`o.debut`)}, ${millisSql(sql`o.fin`)}) ORDER BY o.debut)
    FROM occupations_externes o
    JOIN agendas_externes x ON x.id = o.agenda_id AND x.actif
    JOIN intervenants w ON w.id = x.intervenant_id
    WHERE w.user_id = ${userId} AND o.debut < ${fin}::timestamptz AND o.fin > ${debut}::timestamptz), '[]')`;
}

/** What a hold, or an appointment that is to stand, may be believed to be free by: nothing older. */
const PERIME = sql`x.actif AND coalesce(x.rafraichi_le, '-infinity') < now() - make_interval(secs => ${FRAICHEUR / 1_000})`;

/** Whether any calendar that these people keep elsewhere is known too little, or too long ago, to book by. */
export async function aRelire(executor: Executor, intervenants: readonly number[]): Promise<boolean> {
  const row = await queryOne<{ perime: boolean }>(
    executor,
    sql`SELECT EXISTS (SELECT FROM agendas_externes x
          WHERE x.intervenant_id = ANY(${intervenants}::integer[]) AND ${PERIME}) AS perime`,
  );
  return row!.perime;
}

/** Whether somebody else is reading one of these people's calendars at this moment. */
export async function sontLus(executor: Executor, intervenants: readonly number[]): Promise<boolean> {
  const row = await queryOne<{ lus: boolean }>(
    executor,
    sql`SELECT EXISTS (SELECT FROM agendas_externes x
          WHERE x.intervenant_id = ANY(${intervenants}::integer[]) AND ${PERIME} AND x.reserve_jusqua > now()) AS lus`,
  );
  return row!.lus;
}

/** What is known of the calendars of who receives somebody. */
export interface Verification {
  /** Ids of `intervenants` who are busy elsewhere at the time of the appointment. */
  occupes: number[];
  /** The oldest age of what is known, in seconds; null where there is no such calendar. */
  age: number | null;
  /** Whether any of them is known too little, or too long ago, to book by. */
  perime: boolean;
}

/** Who of an appointment is busy elsewhere, by what is known. */
export async function verifier(executor: Executor, rendezVousId: number): Promise<Verification> {
  const row = await queryOne<Verification>(
    executor,
    sql`SELECT ARRAY(
            SELECT DISTINCT x.intervenant_id FROM agendas_externes x JOIN occupations_externes o ON o.agenda_id = x.id
            WHERE x.actif AND x.intervenant_id = ANY(s.intervenants)
              AND o.debut < s.fin + make_interval(mins => s.tampon_apres)
              AND o.fin > s.debut - make_interval(mins => s.tampon_avant)
            ORDER BY 1) AS occupes,
          (SELECT extract(epoch FROM now() - min(coalesce(x.rafraichi_le, x.date_creation)))::integer
           FROM agendas_externes x WHERE x.actif AND x.intervenant_id = ANY(s.intervenants)) AS age,
          EXISTS (SELECT FROM agendas_externes x
            WHERE x.intervenant_id = ANY(s.intervenants) AND ${PERIME}) AS perime
        FROM rendez_vous b JOIN seances s ON s.id = b.seance_id WHERE b.id = ${rendezVousId}`,
  );
  return row ?? { occupes: [], age: null, perime: false };
}

/** Of an appointment, the ids of those who receive. */
export async function intervenantsDe(executor: Executor, rendezVousId: number): Promise<number[]> {
  const row = await queryOne<{ intervenants: number[] }>(
    executor,
    sql`SELECT intervenants FROM rendez_vous WHERE id = ${rendezVousId}`,
  );
  return row?.intervenants ?? [];
}
