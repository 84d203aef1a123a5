import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../db/sql';
import { type Contenu, canauxOf, isAboutIntervention, messageText } from '../../domain/messages';
import type { Langue } from '../../domain/writing';
import type { Actor } from '../actor';

/** Who is told: people by id, and people by what they are. Nobody is told twice of one event. */
export interface Audience {
  users?: readonly (number | null)[];
  /** The responsables who oversee the site of the equipment. */
  responsables?: boolean;
  admins?: boolean;
}

export type Announcement = Contenu & {
  /** Names the event; a person is told of it once, however often this is run. */
  evenement: string;
  audience: Audience;
  /** Of the equipment; for `responsables`. */
  siteId?: number | null;
  /** The email goes to each of these, instead of wherever the person has theirs when it leaves. */
  emails?: readonly string[];
};

interface Recipient {
  id: number;
  langue: Langue;
}

/**
 * Tells people of an event: a notification they read in the application, and an email in the outbox, both
 * in the transaction of the event itself. What holds a link goes by email only. Sending the email comes after
 * its commit (`outbox.ts`).
 */
export async function announce(tx: EntityManager, actor: Actor, announcement: Announcement): Promise<void> {
  const recipients = await findRecipients(tx, announcement);
  if (recipients.length === 0) return;
  const written = [mailed(actor, announcement, recipients)];
  if (canauxOf(announcement).includes('notification'))
    written.push(notified(actor, announcement, recipients));
  // The word to whoever sends messages is delivered with the commit.
  await query(tx, sql`WITH ${join(written)} SELECT pg_notify('messages', '')`);
}

/** Whether there is anybody to tell. */
export async function hasRecipients(
  tx: EntityManager,
  audience: Audience,
  siteId: number | null,
): Promise<boolean> {
  return (await findRecipients(tx, { audience, siteId })).length > 0;
}

function notified(actor: Actor, announcement: Announcement, recipients: readonly Recipient[]): Sql {
  const metadata = JSON.stringify(metadataOf(announcement));
  const rows = recipients.map(({ id, langue }) => {
    const { titre, message, type } = messageText(announcement, langue);
    return sql`(${titre}, ${message}, ${type}, ${id}::integer, ${metadata}::jsonb, ${announcement.evenement}, ${actor.now}::timestamptz, ${actor.now}::timestamptz)`;
  });
  return sql`notified AS (
    INSERT INTO notifications (titre, message, type, destinataire_id, metadata, evenement, date_creation, date_modification)
    VALUES ${join(rows)} ON CONFLICT DO NOTHING)`;
}

function mailed(
  actor: Actor,
  { evenement, modele, donnees, emails }: Announcement,
  recipients: readonly Recipient[],
): Sql {
  const rows = recipients.flatMap(({ id }) =>
    (emails ?? [null]).map(
      (email, index) =>
        sql`(${evenement}, ${id}::integer, 'email', ${email}::citext, ${modele}, ${JSON.stringify(donnees)}::jsonb, ${actor.correlationId}, ${messageId(evenement, id, index)})`,
    ),
  );
  return sql`mailed AS (
    INSERT INTO messages (evenement, destinataire_id, canal, email, modele, donnees, correlation_id, message_id)
    VALUES ${join(rows)} ON CONFLICT DO NOTHING)`;
}

/** What a frontend needs to lead from a notification to what it is about. */
function metadataOf(contenu: Contenu): Record<string, unknown> {
  const { modele } = contenu;
  if (!isAboutIntervention(contenu)) return { modele };
  const { intervention_id, priorite, etape, niveau } = contenu.donnees;
  return { intervention_id, priorite, modele, ...(niveau === undefined ? {} : { etape, niveau }) };
}

/**
 * The RFC 5322 Message-ID of an email: the same for every try, so that a repeat can be told from a second message.
 * @param index of the address, where there are several.
 */
function messageId(evenement: string, userId: number, index: number): string {
  const copy = index === 0 ? '' : `-${index + 1}`;
  return `<${evenement.replaceAll(':', '-')}-${userId}${copy}@regie>`;
}

function findRecipients(
  tx: EntityManager,
  { audience, siteId = null }: Pick<Announcement, 'audience' | 'siteId'>,
): Promise<Recipient[]> {
  const groups: Sql[] = [];
  const users = (audience.users ?? []).filter((id) => id !== null);
  if (users.length > 0) groups.push(sql`u.id = ANY(${users})`);
  if (audience.admins) groups.push(sql`u.role = 'admin'`);
  if (audience.responsables) {
    groups.push(sql`(u.role = 'responsable' AND (
      u.tous_sites OR EXISTS (SELECT 1 FROM user_sites s WHERE s.user_id = u.id AND s.site_id = ${siteId}::integer)))`);
  }
  if (groups.length === 0) return Promise.resolve([]);
  return query<Recipient>(
    tx,
    sql`SELECT u.id, u.langue FROM users u WHERE u.is_active AND (${join(groups, ' OR ')}) ORDER BY u.id`,
  );
}

/** Removes what somebody was only ever told of their account itself, which is about to go. */
export async function forgetAccount(tx: EntityManager, userId: number): Promise<void> {
  await query(tx, sql`DELETE FROM messages WHERE destinataire_id = ${userId} AND ${ABOUT_ACCOUNTS}`);
  await query(tx, sql`DELETE FROM notifications WHERE destinataire_id = ${userId} AND ${ABOUT_ACCOUNTS}`);
}

/** Events of `avis.ts` and `liens-mot-de-passe.ts`. */
const ABOUT_ACCOUNTS = sql`(evenement LIKE 'compte:%' OR evenement LIKE 'lien:%')`;
