import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../db/sql';
import { type DonneesMessage, type Langue, type Modele, messageText } from '../domain/messages';
import type { Actor } from './actor';

/** Who is told: people by id, and people by what they are. Nobody is told twice of one event. */
export interface Audience {
  users?: readonly (number | null)[];
  /** The responsables who oversee the site of the equipment. */
  responsables?: boolean;
  admins?: boolean;
}

export interface Announcement {
  /** Names the event; a person is told of it once, however often this is run. */
  evenement: string;
  modele: Modele;
  audience: Audience;
  siteId: number | null;
  donnees: DonneesMessage;
}

interface Recipient {
  id: number;
  langue: Langue;
}

/**
 * Tells people of an event: a notification they read in the application, and an email in the outbox, both
 * in the transaction of the event itself. Sending the email comes after its commit (`outbox.ts`).
 */
export async function announce(tx: EntityManager, actor: Actor, announcement: Announcement): Promise<void> {
  const { evenement, modele, donnees } = announcement;
  const recipients = await findRecipients(tx, announcement);
  if (recipients.length === 0) return;
  const metadata = JSON.stringify({
    intervention_id: donnees.intervention_id,
    priorite: donnees.priorite,
    modele,
    ...(donnees.niveau === undefined ? {} : { etape: donnees.etape, niveau: donnees.niveau }),
  });
  const notifications = recipients.map(({ id, langue }) => {
    const { titre, message, type } = messageText(modele, langue, donnees);
    return sql`(${titre}, ${message}, ${type}, ${id}::integer, ${metadata}::jsonb, ${evenement}, ${actor.now}::timestamptz, ${actor.now}::timestamptz)`;
  });
  const mails = recipients.map(
    ({ id }) =>
      sql`(${evenement}, ${id}::integer, 'email', ${modele}, ${JSON.stringify(donnees)}::jsonb, ${actor.correlationId}, ${messageId(evenement, id)})`,
  );
  // The word to whoever sends messages is delivered with the commit.
  await query(
    tx,
    sql`WITH notified AS (
          INSERT INTO notifications (titre, message, type, destinataire_id, metadata, evenement, date_creation, date_modification)
          VALUES ${join(notifications)} ON CONFLICT DO NOTHING),
        mailed AS (
          INSERT INTO messages (evenement, destinataire_id, canal, modele, donnees, correlation_id, message_id)
          VALUES ${join(mails)} ON CONFLICT DO NOTHING)
        SELECT pg_notify('messages', '')`,
  );
}

/** The RFC 5322 Message-ID of an email: the same for every try, so that a repeat can be told from a second message. */
function messageId(evenement: string, userId: number): string {
  return `<${evenement.replaceAll(':', '-')}-${userId}@regie>`;
}

function findRecipients(tx: EntityManager, { audience, siteId }: Announcement): Promise<Recipient[]> {
  const groups: Sql[] = [];
  const users = (audience.users ?? []).filter((id) => id !== null);
  if (users.length > 0) groups.push(sql`u.id = ANY(${users})`);
  if (audience.admins) groups.push(sql`u.role = 'admin'`);
  if (audience.responsables) {
    groups.push(sql`(u.role = 'responsable' AND (
      NOT EXISTS (SELECT 1 FROM user_sites s WHERE s.user_id = u.id)
      OR EXISTS (SELECT 1 FROM user_sites s WHERE s.user_id = u.id AND s.site_id = ${siteId}::integer)))`);
  }
  if (groups.length === 0) return Promise.resolve([]);
  return query<Recipient>(
    tx,
    sql`SELECT u.id, u.langue FROM users u WHERE u.is_active AND (${join(groups, ' OR ')}) ORDER BY u.id`,
  );
}
