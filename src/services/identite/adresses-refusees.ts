import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { isReturnToken, messageOfToken } from '../../auth/return-tokens';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import type { Actor } from '../actor';
import { record } from '../historique';
import { announce } from '../messages/messages';
import { lockUser, readUser, type UserRow } from './users';

/**
 * Addresses that take no mail: a server refused one for good, or sent a mail back. Nothing more goes there until the person
 * has another one or an administrator says that it is right after all.
 */

/** Whether this is the address of somebody of whom that is known. */
export async function isRefusedAddress(executor: Executor, email: string): Promise<boolean> {
  const found = await queryOne(
    executor,
    sql`SELECT id FROM users WHERE email = ${email}::citext AND email_refuse = email`,
  );
  return found !== null;
}

/**
 * Notes that the address of whoever a message went to takes no mail, and tells the administrators, once. Of an address that
 * is nobody's any more nothing is noted.
 * @param raison in the words of the server.
 * @returns whether it was news.
 */
export async function noteRefusedAddress(
  tx: EntityManager,
  actor: Actor,
  messageId: number,
  email: string,
  raison: string,
): Promise<boolean> {
  const user = await queryOne<{ id: number; nom: string; prenom: string; email: string }>(
    tx,
    sql`UPDATE users u
        SET email_refuse = u.email, email_refuse_le = ${actor.now}, email_refuse_raison = ${raison},
            date_modification = ${actor.now}, version = u.version + 1
        FROM messages m
        WHERE m.id = ${messageId} AND u.id = m.destinataire_id AND u.email = ${email}::citext
          AND u.email_refuse IS DISTINCT FROM u.email
        RETURNING u.id, u.nom, u.prenom, u.email`,
  );
  if (user === null) return false;
  const { id, ...personne } = user;
  await record(tx, actor, {
    entite: 'user',
    entiteId: id,
    action: 'email_invalide',
    apres: { email_invalide: { email, raison } },
  });
  await announce(tx, actor, `adresse:${id}:${randomUUID()}`, {
    audience: { admins: true },
    modele: 'email_invalide',
    donnees: { user_id: id, date: actor.now.toISOString(), raison, ...personne },
  });
  return true;
}

/**
 * The same of a mail that came back, if it was one of ours to the address that its reader still has.
 * @param jeton what the mail carried in its header.
 * @returns whether it was news.
 */
export async function noteReturnedMail(
  tx: EntityManager,
  secrets: Secrets,
  actor: Actor,
  { jeton, raison }: { jeton: string; raison: string },
): Promise<boolean> {
  const messageId = messageOfToken(jeton);
  if (messageId === null) return false;
  const reader = await queryOne<{ email: string }>(
    tx,
    sql`SELECT u.email FROM messages m JOIN users u ON u.id = m.destinataire_id WHERE m.id = ${messageId}`,
  );
  if (reader === null || !isReturnToken(secrets, jeton, reader.email)) return false;
  return noteRefusedAddress(tx, actor, messageId, reader.email, raison);
}

/**
 * Has mail sent again to an address that is right after all.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function acceptAddress(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  userId: number,
): Promise<UserRow> {
  await lockUser(tx, userId);
  await access.confirm(tx);
  const user = await readUser(tx, access, userId);
  access.require('update', 'User', user, ['email_invalide']);
  if (user.email_invalide === null) return user;
  await query(
    tx,
    sql`UPDATE users SET email_refuse = NULL, email_refuse_le = NULL, email_refuse_raison = NULL,
               date_modification = ${actor.now}, version = version + 1
        WHERE id = ${userId}`,
  );
  await record(tx, actor, {
    entite: 'user',
    entiteId: userId,
    action: 'email_valide',
    avant: { email_invalide: { email: user.email, raison: user.email_invalide.raison } },
  });
  return readUser(tx, access, userId);
}
