import { randomUUID } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import { type Actor, systemActor } from '../actor';
import { record } from '../historique';
import { announce } from '../messages/messages';
import { authorFor } from './avis';
import { countInvitations } from './tentatives';

/**
 * Links by email by which somebody chooses a password: because they forgot theirs, or were invited and have none yet.
 * Each serves once. What a request does is the same whoever it names; its workflow does the rest.
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a link works, in milliseconds. */
const LIFETIME = { oubli: 30 * MINUTE, invitation: 7 * 24 * HOUR } as const;

/** Links for a forgotten password that are mailed to somebody in an hour, while the last one still works. */
const MAX_PER_HOUR = 3;

interface Lien {
  id: string;
  motif: keyof typeof LIFETIME;
  user_id: number | null;
  auteur_id: number | null;
  date_creation: Date;
  date_expiration: Date;
  date_fermeture: Date | null;
  workflow_demarre: boolean;
  correlation_id: string;
  adresse: string | null;
}

/**
 * Takes down that somebody has forgotten the password of an account. Nothing is looked up: neither the answer nor the
 * time it takes tells whether anybody has that address.
 * @returns the id of the link, whose workflow is to be started.
 */
export async function requestLink(executor: Executor, actor: Actor, email: string): Promise<string> {
  const id = randomUUID();
  await query(
    executor,
    sql`INSERT INTO liens_mot_de_passe (id, motif, email, date_expiration, correlation_id, adresse, date_creation)
        VALUES (${id}, 'oubli', ${email}, ${expiration('oubli', actor.now)}, ${actor.correlationId}, ${actor.adresse}, ${actor.now})`,
  );
  return id;
}

/**
 * Invites people to choose their first password. Invitations they were sent before stop working. Where a machine invites,
 * its key has to be in force when they do.
 * @returns the ids of the links, whose workflows are to be started.
 * @throws {RegieError} `TROP_DE_REQUETES` when one of these addresses, or by the caller others, had too many
 */
export async function inviteAll(
  tx: EntityManager,
  secrets: Secrets,
  actor: Actor,
  people: readonly { id: number; email: string }[],
): Promise<string[]> {
  await countInvitations(
    tx,
    secrets,
    actor,
    people.map(({ email }) => email),
  );
  const userIds = people.map(({ id }) => id);
  await closeLinks(tx, sql`user_id = ANY(${userIds})`, actor.now);
  await query(
    tx,
    sql`UPDATE users SET invitation_cle_api_id = ${actor.cleApiId}::integer
        WHERE id = ANY(${userIds}) AND invitation_cle_api_id IS DISTINCT FROM ${actor.cleApiId}::integer`,
  );
  const ids = userIds.map(() => randomUUID());
  await query(
    tx,
    sql`INSERT INTO liens_mot_de_passe (id, motif, user_id, auteur_id, date_expiration, correlation_id, adresse, date_creation)
        SELECT lien_id, 'invitation', user_id, ${actor.userId}::integer, ${expiration('invitation', actor.now)}::timestamptz,
               ${actor.correlationId}, ${actor.adresse}, ${actor.now}::timestamptz
        FROM unnest(${ids}::uuid[], ${userIds}::integer[]) AS l (lien_id, user_id)`,
  );
  return ids;
}

/** Ends the links of a person: their password, their address or their account is not what it was. */
export async function closeLinksOf(tx: EntityManager, userId: number, now: Date): Promise<void> {
  await closeLinks(tx, sql`user_id = ${userId}`, now);
}

/**
 * What the workflow of a link does first: finds out whom it is for, and has it mailed to them. Safe to run again.
 * @returns when it stops working, in milliseconds; null when there is nothing to wait for.
 */
export async function sendLink(tx: EntityManager, id: string, now: Date): Promise<number | null> {
  // The person is locked before the link, as everywhere: of two links of one person the second sees the first.
  const person = await queryOne<{ id: number }>(
    tx,
    sql`SELECT u.id FROM users u JOIN liens_mot_de_passe l
          ON u.id = coalesce(l.user_id, (SELECT id FROM users WHERE email = l.email))
        WHERE l.id = ${id} AND u.is_active FOR NO KEY UPDATE OF u`,
  );
  const lien = await queryOne<Lien>(
    tx,
    sql`SELECT id, motif, user_id, auteur_id, date_creation, date_expiration, date_fermeture, workflow_demarre,
               correlation_id, adresse
        FROM liens_mot_de_passe WHERE id = ${id} FOR NO KEY UPDATE`,
  );
  if (lien === null || lien.date_fermeture !== null) return null;
  if (lien.workflow_demarre) return lien.date_expiration.getTime();

  const actor = { ...systemActor(now, lien.correlation_id), adresse: lien.adresse };
  if (lien.motif === 'oubli') await recordRequest(tx, actor, person?.id ?? null);
  const mayGo = person !== null && lien.date_expiration > now && (await isWelcome(tx, lien, person.id, now));
  if (!mayGo) {
    // Nothing is kept of what somebody typed.
    await query(tx, sql`DELETE FROM liens_mot_de_passe WHERE id = ${id}`);
    return null;
  }
  await query(
    tx,
    sql`UPDATE liens_mot_de_passe SET workflow_demarre = true, user_id = ${person.id}, email = NULL WHERE id = ${id}`,
  );
  await mail(tx, actor, lien, person.id);
  return lien.date_expiration.getTime();
}

/** What it does last: a link whose time is over is closed, and that nobody used it is on record. */
export async function closeLink(tx: EntityManager, id: string, now: Date): Promise<void> {
  const [closed] = await closeLinks(tx, sql`id = ${id}`, now);
  if (closed === undefined) return;
  await record(tx, systemActor(now, closed.correlation_id), {
    entite: 'user',
    entiteId: closed.user_id,
    action: 'lien_expire',
    apres: { motif: closed.motif },
  });
}

function expiration(motif: keyof typeof LIFETIME, now: Date): Date {
  return new Date(now.getTime() + LIFETIME[motif]);
}

/**
 * Whether a link may be mailed. Those for a forgotten password replace one another, but not without end: whoever asks for
 * more than a few fills somebody else's mailbox. A person whose last link no longer works always gets another one, or
 * a stranger who asks often could keep them from theirs.
 */
async function isWelcome(tx: EntityManager, lien: Lien, userId: number, now: Date): Promise<boolean> {
  if (lien.motif === 'invitation') return true;
  const others = sql`user_id = ${userId} AND motif = 'oubli' AND id <> ${lien.id}`;
  const { recent, live, newer } = (await queryOne<{ recent: number; live: boolean; newer: boolean }>(
    tx,
    sql`SELECT (count(*) FILTER (WHERE date_creation > ${new Date(now.getTime() - HOUR)}))::integer AS recent,
               coalesce(bool_or(date_fermeture IS NULL AND date_expiration > ${now}), false) AS live,
               coalesce(bool_or(date_creation > ${lien.date_creation}), false) AS newer
        FROM liens_mot_de_passe WHERE ${others}`,
  ))!;
  if (newer || (live && recent >= MAX_PER_HOUR)) return false;
  await closeLinks(tx, others, now);
  return true;
}

function recordRequest(tx: EntityManager, actor: Actor, userId: number | null): Promise<void> {
  return record(tx, actor, { entite: 'user', entiteId: userId, action: 'demande_reinitialisation' });
}

async function mail(tx: EntityManager, actor: Actor, lien: Lien, userId: number): Promise<void> {
  await announce(tx, actor, `lien:${lien.id}`, {
    audience: { titulaire: [userId] },
    modele: lien.motif === 'oubli' ? 'reinitialisation' : 'invitation',
    donnees: {
      date: lien.date_creation.toISOString(),
      adresse: lien.adresse,
      auteur: await authorFor(tx, { userId: lien.auteur_id }, userId),
      lien: { id: lien.id, date_expiration: lien.date_expiration.toISOString() },
    },
  });
}

/** Closes those that are open among the links described. */
function closeLinks(
  tx: EntityManager,
  which: Sql,
  now: Date,
): Promise<Pick<Lien, 'user_id' | 'motif' | 'correlation_id'>[]> {
  return query(
    tx,
    sql`UPDATE liens_mot_de_passe SET date_fermeture = ${now}, email = NULL WHERE date_fermeture IS NULL AND ${which}
        RETURNING user_id, motif, correlation_id`,
  );
}
