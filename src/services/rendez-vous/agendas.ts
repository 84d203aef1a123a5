import { createHash } from 'node:crypto';
import sql, { raw, type Sql } from 'sql-template-tag';
import { hashCalendarToken, newCalendarToken } from '../../auth/calendar-tokens';
import { Agenda } from '../../db/rendez-vous/agendas';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import type { Langue } from '../../domain/writing';
import { type SeanceAgenda, writeAgenda } from '../../ical/agenda';
import type { Asked } from '../crud';
import { record } from '../historique';
import { INTERVENANTS } from './intervenants';
import { SALLES } from './salles';

/**
 * Private addresses under which the appointments of a person, or in a room, are read by a program that cannot sign in. Each
 * has one at most; a new one takes the place of the former.
 */

/** Whose an address is. */
export type Proprietaire = 'intervenant' | 'salle';

const OWNERS = {
  intervenant: { table: 'intervenants', column: 'intervenant_id', subject: 'Intervenant' },
  salle: { table: 'salles', column: 'salle_id', subject: 'Salle' },
} as const;

/**
 * Makes an address, and ends the former one.
 * @returns the token of it, which nobody can read again
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function openAgenda(
  asked: Asked,
  genre: Proprietaire,
  id: number,
): Promise<{ jeton: string; date_creation: Date }> {
  const { tx, access, actor } = asked;
  const former = await lockAgenda(asked, genre, id);
  const jeton = newCalendarToken();
  const date_creation = actor.now;
  await tx.delete(Agenda, { [OWNERS[genre].column]: id });
  await tx.insert(Agenda, {
    [OWNERS[genre].column]: id,
    langue: access.principal.langue,
    empreinte: hashCalendarToken(jeton),
    date_creation,
  });
  await record(tx, actor, {
    entite: genre,
    entiteId: id,
    action: 'ouverture_agenda',
    avant: former && { agenda_du: former },
    apres: { agenda_du: date_creation },
  });
  return { jeton, date_creation };
}

/**
 * Ends the address, when there is one.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function revokeAgenda(asked: Asked, genre: Proprietaire, id: number): Promise<void> {
  const { tx, actor } = asked;
  if ((await lockAgenda(asked, genre, id)) === null) return;
  await tx.delete(Agenda, { [OWNERS[genre].column]: id });
  await record(tx, actor, { entite: genre, entiteId: id, action: 'revocation_agenda' });
}

/** @returns since when there is an address, or null. */
async function lockAgenda({ tx, access }: Asked, genre: Proprietaire, id: number): Promise<Date | null> {
  const { table, column, subject } = OWNERS[genre];
  await query(tx, sql`SELECT id FROM ${raw(table)} WHERE id = ${id} FOR NO KEY UPDATE`);
  await access.confirm(tx);
  const row =
    genre === 'intervenant' ? await INTERVENANTS.read(tx, access, id) : await SALLES.read(tx, access, id);
  access.require('publish', subject, row);
  const former = await tx.findOneBy(Agenda, { [column]: id });
  return former?.date_creation ?? null;
}

const DAY = 24 * 3_600_000;
/** How far it reaches back, and ahead, in milliseconds. */
const PAST = 30 * DAY;
const FUTURE = 366 * DAY;
/** A calendar has an end. */
const MAX_SEANCES = 5_000;

/** What is shown: what stands, also when it is over; who only holds a time has booked nothing. */
const SHOWN = sql`('a_valider', 'confirme', 'arrive', 'honore', 'absent')`;

interface OwnerRow {
  intervenant_id: number | null;
  salle_id: number | null;
  langue: Langue;
  nom: string;
}

/**
 * The appointments behind an address as one calendar, with the tag of its bytes: two statements. What was cancelled is not
 * among them. Who comes is told to who receives them, and not by a room.
 * @throws {RegieError} `INTROUVABLE` for a token that opens nothing, or nothing any more.
 */
export async function readAgenda(
  executor: Executor,
  jeton: string,
  now: Date,
): Promise<{ agenda: string; etag: string }> {
  const owner = await queryOne<OwnerRow>(
    executor,
    sql`SELECT a.intervenant_id, a.salle_id, a.langue, coalesce(v.nom_public, r.nom) AS nom
        FROM agendas a LEFT JOIN intervenants v ON v.id = a.intervenant_id
        LEFT JOIN users u ON u.id = v.user_id LEFT JOIN salles r ON r.id = a.salle_id
        WHERE a.empreinte = ${hashCalendarToken(jeton)} AND coalesce(v.actif AND u.is_active, r.actif)`,
  );
  if (owner === null) throw notFound();
  const seances = await readSeances(executor, owner, {
    debut: new Date(now.getTime() - PAST),
    fin: new Date(now.getTime() + FUTURE),
  });
  const agenda = writeAgenda({ nom: owner.nom, langue: owner.langue, seances });
  return { agenda, etag: `"${createHash('sha256').update(agenda).digest('base64url')}"` };
}

function readSeances(
  executor: Executor,
  { intervenant_id, salle_id }: OwnerRow,
  { debut, fin }: { debut: Date; fin: Date },
): Promise<SeanceAgenda[]> {
  const ofOwner =
    intervenant_id === null ? sql`${salle_id} = ANY(s.salles)` : sql`${intervenant_id} = ANY(s.intervenants)`;
  return query<SeanceAgenda>(
    executor,
    sql`SELECT s.id, CASE WHEN s.places = 1 THEN min(b.uid) END AS uid, max(b.sequence) AS sequence,
          max(b.date_modification) AS modification, s.debut, s.fin, f.nom AS prestation, s.places,
          sum(b.places)::integer AS prises, bool_and(b.statut = 'a_valider') AS "aValider",
          ${lieuSql(sql`f`, sql`s`)} AS lieu,
          ${
            intervenant_id === null
              ? sql`ARRAY(SELECT v.nom_public FROM intervenants v WHERE v.id = ANY(s.intervenants) ORDER BY v.id)`
              : sql`'{}'::text[]`
          } AS intervenants,
          ${
            intervenant_id === null
              ? sql`'{}'::text[]`
              : sql`ARRAY(SELECT p.nom FROM participants p JOIN rendez_vous o ON o.id = p.rendez_vous_id
                          WHERE o.seance_id = s.id AND o.statut IN ${SHOWN} AND p.statut <> 'annule'
                          ORDER BY o.id, p.rang LIMIT 50)`
          } AS participants
        FROM seances s JOIN rendez_vous b ON b.seance_id = s.id AND b.statut IN ${SHOWN}
        JOIN prestations f ON f.id = s.prestation_id
        WHERE s.prises > 0 AND ${ofOwner} AND s.fin > ${debut} AND s.debut < ${fin}
        GROUP BY s.id, f.id ORDER BY s.debut, s.id LIMIT ${MAX_SEANCES}`,
  );
}

/** Where it is, in one line: what the prestation says, or the rooms and their site. @param f prestations @param s its rooms */
export function lieuSql(f: Sql, s: Sql): Sql {
  return sql`CASE WHEN ${f}.lieu ->> 'type' = 'salle' OR ${f}.lieu IS NULL THEN (
      SELECT string_agg(concat_ws(', ', l.nom, w.nom, w.adresse), ' ; ' ORDER BY l.nom)
      FROM salles l LEFT JOIN sites w ON w.id = l.site_id WHERE l.id = ANY(${s}.salles))
    ELSE ${f}.lieu ->> 'valeur' END`;
}
