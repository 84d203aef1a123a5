import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { hashCalendarToken, isCalendarToken, newCalendarToken } from '../../auth/calendar-tokens';
import type { Principal } from '../../auth/principal';
import { CalendrierTechnicien } from '../../db/identite/calendriers';
import { type Executor, query, queryOne } from '../../db/sql';
import { notFound } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { readTechnicien } from './techniciens';

/**
 * Private addresses of calendars: a technicien gives theirs to the program that shows their days, which cannot sign in.
 * Each technicien has one at most; a new one takes the place of the former.
 */

/**
 * Makes an address, and ends the former one.
 * @returns the token of it, which nobody can read again
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function openCalendrier(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  technicienId: number,
): Promise<{ jeton: string; date_creation: Date }> {
  const former = await lockCalendrier(tx, access, technicienId);
  const jeton = newCalendarToken();
  const date_creation = actor.now;
  await tx.upsert(
    CalendrierTechnicien,
    { technicien_id: technicienId, empreinte: hashCalendarToken(jeton), date_creation },
    ['technicien_id'],
  );
  await record(tx, actor, {
    entite: 'technicien',
    entiteId: technicienId,
    action: 'ouverture_calendrier',
    avant: former && { calendrier_du: former },
    apres: { calendrier_du: date_creation },
  });
  return { jeton, date_creation };
}

/**
 * Ends the address, when there is one.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function revokeCalendrier(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  technicienId: number,
): Promise<void> {
  const former = await lockCalendrier(tx, access, technicienId);
  if (former === null) return;
  await tx.delete(CalendrierTechnicien, { technicien_id: technicienId });
  await recordRevocation(tx, actor, technicienId);
}

/** Ends the address of somebody who leaves: it does not come back with the account, or the role. */
export async function revokeCalendrierOf(tx: EntityManager, actor: Actor, userId: number): Promise<void> {
  const ended = await query<{ technicien_id: number }>(
    tx,
    sql`DELETE FROM calendriers_techniciens c USING techniciens t
        WHERE t.id = c.technicien_id AND t.user_id = ${userId} RETURNING c.technicien_id`,
  );
  for (const { technicien_id } of ended) await recordRevocation(tx, actor, technicien_id);
}

/** Whose calendar is read, with what they may see. */
export interface CalendrierOwner {
  principal: Principal;
  technicien: { id: number; nom: string; prenom: string };
}

/**
 * Whose calendar a token opens. One of somebody else, one that was revoked, and one of somebody who works here no more are
 * answered alike, and take as long.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function findCalendrierOwner(
  executor: Executor,
  technicienId: number,
  jeton: string,
): Promise<CalendrierOwner> {
  const row = await queryOne<CalendrierRow>(
    executor,
    sql`SELECT c.empreinte, u.id AS "userId", u.nom, u.prenom, u.role, u.langue,
          ARRAY(SELECT site_id FROM user_sites WHERE user_id = u.id) AS sites, u.tous_sites AS "tousSites"
        FROM techniciens t JOIN users u ON u.id = t.user_id
        LEFT JOIN calendriers_techniciens c ON c.technicien_id = t.id
        WHERE t.id = ${technicienId} AND u.is_active AND u.role = 'technicien'`,
  );
  if (!isCalendarToken(jeton, row?.empreinte ?? null) || row === null) throw notFound();
  const { empreinte: _, nom, prenom, ...person } = row;
  return {
    principal: {
      ...person,
      technicienId,
      sessionId: null,
      cleApiId: null,
      chemins: null,
      secondFacteur: false,
    },
    technicien: { id: technicienId, nom, prenom },
  };
}

type CalendrierRow = Pick<Principal, 'userId' | 'role' | 'langue' | 'sites' | 'tousSites'> & {
  empreinte: Buffer | null;
  nom: string;
  prenom: string;
};

/** @returns since when there is an address, or null. */
async function lockCalendrier(tx: EntityManager, access: Access, technicienId: number): Promise<Date | null> {
  await query(tx, sql`SELECT id FROM techniciens WHERE id = ${technicienId} FOR NO KEY UPDATE`);
  await access.confirm(tx);
  access.require('publish', 'Technicien', await readTechnicien(tx, access, technicienId));
  const former = await tx.findOneBy(CalendrierTechnicien, { technicien_id: technicienId });
  return former?.date_creation ?? null;
}

async function recordRevocation(tx: EntityManager, actor: Actor, technicienId: number): Promise<void> {
  await record(tx, actor, {
    entite: 'technicien',
    entiteId: technicienId,
    action: 'revocation_calendrier',
  });
}
