import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { NOTIFICATION_COLUMNS, USER_COLUMNS } from '../../auth/columns';
import { Notification } from '../../db/messages/notifications';
import { type Executor, query, queryOne } from '../../db/sql';
import { type FieldFault, invalid, notFound, unknownReference } from '../../domain/errors';
import { isReservedMetadata, isSystemTitle } from '../../domain/messages';
import type { Actor } from '../actor';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';

/** What people read inside the application: their own alone. What tells of events is written by `messages.ts`. */

/** A notification as it is answered. */
export interface NotificationRow extends Omit<Notification, 'evenement' | 'expediteur_id' | 'cle_api_id'> {
  /** Who sent it, and by which key if it was a machine in their name; null for what the system tells. */
  expediteur: { id: number; nom: string; prenom: string; cle_api: string | null } | null;
}

const COLUMNS = sql`n.id, n.titre, n.message, n.type, n.destinataire_id, n.lue, n.date_lecture, n.metadata,
  CASE WHEN n.expediteur_id IS NOT NULL THEN json_build_object('id', x.id, 'nom', x.nom, 'prenom', x.prenom,
    'cle_api', k.nom) END AS expediteur,
  n.date_creation, n.date_modification, n.version`;

const FROM = sql`notifications n
  LEFT JOIN users x ON x.id = n.expediteur_id
  LEFT JOIN cles_api k ON k.id = n.cle_api_id`;

export const NOTIFICATION_LIST: ListSpec = {
  columns: COLUMNS,
  from: FROM,
  // Senders are looked up for the rows of the page alone.
  keysFrom: sql`notifications n`,
  alias: 'n',
  sortable: {
    id: { expression: 'n.id', cast: 'integer' },
    date_creation: { expression: 'n.date_creation', cast: 'timestamptz' },
  },
  // The newest first: ids grow with time, and the index of each person's notifications is in their order.
  defaultSort: '-id',
};

export function listNotifications(
  executor: Executor,
  access: Access,
  filters: { lue?: boolean },
  page: PageRequest,
): Promise<Page<NotificationRow>> {
  const conditions = [access.where('read', 'Notification', NOTIFICATION_COLUMNS)];
  // Written out, not a parameter: the index of those that are unread serves only so.
  if (filters.lue !== undefined) conditions.push(filters.lue ? sql`n.lue` : sql`NOT n.lue`);
  return list<NotificationRow>(executor, NOTIFICATION_LIST, conditions, page);
}

export type NewNotification = Pick<
  Notification,
  'destinataire_id' | 'titre' | 'message' | 'type' | 'metadata'
>;

/**
 * Sends a notification to one person, under the sender's name: it neither bears a title of the system's nor says in its
 * metadata what only the system says there.
 * @throws {RegieError} `INTERDIT`, and `VALIDATION` when there is nobody of that id whom the caller may see, or not any
 * more
 */
export async function sendNotification(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  fields: NewNotification,
): Promise<NotificationRow> {
  await access.confirm(tx);
  access.require('create', 'Notification', fields);
  const faults = pretences(fields);
  if (faults.length > 0) throw invalid(...faults);
  const recipient = await queryOne(
    tx,
    sql`SELECT u.id FROM users u
        WHERE u.id = ${fields.destinataire_id} AND u.is_active
          AND ${access.where('read', 'User', USER_COLUMNS)}`,
  );
  if (recipient === null) throw unknownReference('destinataire_id');
  const { userId: expediteur_id, cleApiId: cle_api_id } = access.principal;
  const { id } = await tx.save(tx.create(Notification, { ...fields, expediteur_id, cle_api_id }));
  await record(tx, actor, { entite: 'notification', entiteId: id, action: 'creation', apres: { ...fields } });
  return reread(tx, id);
}

/** Where it would pass for one of the system's. */
function pretences({ titre, metadata }: NewNotification): FieldFault[] {
  const reserved = Object.keys(metadata).filter((key) => isReservedMetadata(key));
  return [
    ...(isSystemTitle(titre) ? [{ champ: 'titre', message: SYSTEM_TITLE }] : []),
    ...reserved.map((key) => ({ champ: `metadata.${key}`, message: SYSTEM_METADATA })),
  ];
}

const SYSTEM_TITLE = {
  fr: 'Ce titre est celui d’un message du système',
  en: 'This is the title of a message of the system',
};
const SYSTEM_METADATA = { fr: 'Réservé au système', en: 'Reserved for the system' };

/**
 * Marks a notification as read; of one that was read before, the first reading stands.
 * @throws {RegieError} `INTROUVABLE` when it is not the caller's.
 */
export async function markRead(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<NotificationRow> {
  const row = await queryOne<NotificationRow>(
    tx,
    sql`SELECT ${COLUMNS} FROM ${FROM} WHERE n.id = ${id} FOR UPDATE OF n`,
  );
  await access.confirm(tx);
  if (row === null || !access.may('update', 'Notification', row)) throw notFound();
  if (row.lue) return row;
  await mark(tx, access, actor, id);
  return reread(tx, id);
}

/** @throws {RegieError} `INTROUVABLE` when it is not the caller's. */
export async function requireNotification(executor: Executor, access: Access, id: number): Promise<void> {
  const found = await queryOne(
    executor,
    sql`SELECT n.id FROM notifications n
        WHERE n.id = ${id} AND ${access.where('read', 'Notification', NOTIFICATION_COLUMNS)}`,
  );
  if (found === null) throw notFound();
}

async function reread(tx: EntityManager, id: number): Promise<NotificationRow> {
  const row = await queryOne<NotificationRow>(tx, sql`SELECT ${COLUMNS} FROM ${FROM} WHERE n.id = ${id}`);
  return row!;
}

/**
 * Marks every unread notification of the caller as read.
 * @returns how many there were.
 */
export async function markAllRead(tx: EntityManager, access: Access, actor: Actor): Promise<number> {
  await access.confirm(tx);
  return mark(tx, access, actor, null);
}

/**
 * Each with its line of history, in one statement.
 * @param only this one.
 */
async function mark(tx: EntityManager, access: Access, actor: Actor, only: number | null): Promise<number> {
  const read = await query(
    tx,
    sql`WITH lues AS (
          UPDATE notifications n
          SET lue = true, date_lecture = ${actor.now}, date_modification = ${actor.now}, version = version + 1
          WHERE NOT n.lue AND ${access.where('update', 'Notification', NOTIFICATION_COLUMNS)}
            AND (${only}::integer IS NULL OR n.id = ${only}::integer)
          RETURNING n.id)
        INSERT INTO historique (entite, entite_id, action, auteur_id, cle_api_id, date, avant, apres, correlation_id, adresse)
        SELECT 'notification', id, 'lecture', ${actor.userId}::integer, ${actor.cleApiId}::integer, ${actor.now}::timestamptz,
               '{"lue": false}'::jsonb, '{"lue": true}'::jsonb, ${actor.correlationId}, ${actor.adresse}
        FROM lues RETURNING entite_id`,
  );
  return read.length;
}
