import sql, { empty, type Sql } from 'sql-template-tag';
import { type Executor, query, queryOne } from '../db/sql';
import { dayAt } from '../domain/local-time';
import type { Appartenance } from '../domain/roles';
import type { Principal } from './principal';

/** Somebody who gave an access token, and the instant at which it expires. */
export interface TokenHolder {
  principal: Principal;
  expires: Date;
}

/** What the database says of the person behind a session. */
export type PersonRow = Omit<Principal, 'sessionId' | 'cleApiId' | 'chemins' | 'appartenances'> & {
  appartenances?: readonly AppartenanceRow[];
};

/** What somebody does in a practice from one day to another, by its clocks; days as `2026-12-31`, both counted. */
interface AppartenanceRow extends Appartenance {
  debut: string;
  fin: string | null;
  fuseau: string;
}

const PERSON = sql`u.id AS "userId", u.role, u.langue, t.id AS "technicienId",
               ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id) AS sites,
               (u.tous_sites OR u.role = 'admin') AS "tousSites",
               EXISTS (SELECT 1 FROM seconds_facteurs f
                       WHERE f.user_id = u.id AND f.date_activation IS NOT NULL) AS "secondFacteur"`;
/** Of those whose practices are asked for: whenever they belong to one. Which day it is there PostgreSQL is not asked. */
const APPARTENANCES = sql`, (
  SELECT coalesce(json_agg(json_build_object('cabinetId', m.cabinet_id, 'fonction', m.fonction, 'debut', m.date_debut,
                             'fin', m.date_fin, 'fuseau', c.fuseau_horaire) ORDER BY m.cabinet_id, m.fonction), '[]')
  FROM medical.membres_cabinet m JOIN medical.cabinets c ON c.id = m.cabinet_id AND c.actif
  WHERE m.user_id = u.id) AS appartenances`;
const FROM = sql`FROM sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN techniciens t ON t.user_id = u.id`;
const GOOD = sql`s.date_revocation IS NULL AND s.date_expiration > now() AND u.is_active`;

/**
 * The statement that finds them, and nobody once the session has ended or the person was deactivated.
 * @param withPractices only in a transaction that may see who belongs to them.
 */
export function personSql(sessionId: string | null, withPractices = false): Sql {
  return sql`SELECT ${PERSON} ${withPractices ? APPARTENANCES : empty} ${FROM} WHERE s.id = ${sessionId} AND ${GOOD}`;
}

export function toPerson({ appartenances, ...row }: PersonRow, sessionId: string | null): Principal {
  const person = { ...row, sessionId, cleApiId: null, chemins: null };
  return appartenances === undefined ? person : { ...person, appartenances: ofToday(appartenances) };
}

/**
 * What people do in practices today, by their ids; those who do nothing are missing.
 * @param tx a transaction that may see who belongs to practices (`openAdministration`).
 */
export async function loadAppartenances(
  tx: Executor,
  userIds: readonly number[],
): Promise<Map<number, Appartenance[]>> {
  const rows = await query<{ user_id: number; appartenances: AppartenanceRow[] }>(
    tx,
    sql`SELECT m.user_id, json_agg(json_build_object('cabinetId', m.cabinet_id, 'fonction', m.fonction,
          'debut', m.date_debut, 'fin', m.date_fin, 'fuseau', c.fuseau_horaire) ORDER BY m.cabinet_id, m.fonction)
          AS appartenances
        FROM medical.membres_cabinet m JOIN medical.cabinets c ON c.id = m.cabinet_id AND c.actif
        WHERE m.user_id = ANY(${[...userIds]}::integer[]) GROUP BY m.user_id`,
  );
  return new Map(rows.map(({ user_id, appartenances }) => [user_id, ofToday(appartenances)]));
}

function ofToday(rows: readonly AppartenanceRow[]): Appartenance[] {
  return rows.flatMap(({ cabinetId, fonction, debut, fin, fuseau }) => {
    const today = dayAt(Date.now(), fuseau);
    return debut <= today && (fin === null || today <= fin) ? [{ cabinetId, fonction }] : [];
  });
}

/**
 * The person behind a session, as they are at this moment: their role, their sites, their technicien row.
 * @returns null when the session has ended or the person was deactivated, so that both take effect at once.
 */
export async function loadPrincipal(executor: Executor, sessionId: string): Promise<Principal | null> {
  const row = await queryOne<PersonRow>(executor, personSql(sessionId));
  return row === null ? null : toPerson(row, sessionId);
}

/**
 * Somebody as they are at this moment, with the practices that they belong to, for what is done in their name when their
 * session may have ended. In a transaction that may see who belongs to them.
 * @returns null when the person was deactivated.
 */
export async function loadMembre(tx: Executor, userId: number): Promise<Principal | null> {
  const row = await queryOne<PersonRow>(
    tx,
    sql`SELECT ${PERSON} ${APPARTENANCES} FROM users u LEFT JOIN techniciens t ON t.user_id = u.id
        WHERE u.id = ${userId} AND u.is_active`,
  );
  return row === null ? null : toPerson(row, null);
}

/** The same for many sessions in one statement, by the session; those that are missing have ended. */
export async function loadPrincipals(
  executor: Executor,
  sessionIds: readonly string[],
): Promise<Map<string, Principal>> {
  const rows = await query<PersonRow & { sessionId: string }>(
    executor,
    sql`SELECT ${PERSON}, s.id AS "sessionId" ${FROM} WHERE s.id = ANY(${sessionIds}::uuid[]) AND ${GOOD}`,
  );
  return new Map(rows.map(({ sessionId, ...row }) => [sessionId, toPerson(row, sessionId)]));
}
