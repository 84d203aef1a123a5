import { randomUUID } from 'node:crypto';
import sql, { join, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { NOTIFICATION_COLUMNS, SITE_COLUMNS, USER_COLUMNS } from '../../auth/columns';
import { Notification } from '../../db/messages/notifications';
import { type Executor, query, queryOne } from '../../db/sql';
import { writeTogether } from '../../db/write';
import { type FieldFault, forbidden, invalid, notFound, unknownReference } from '../../domain/errors';
import { isReservedMetadata, isSystemTitle } from '../../domain/messages';
import type { Canal } from '../../domain/messages/canaux';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { announceSql } from './messages';

/** What people read inside the application: their own alone. What tells of events is written by `messages.ts`. */

/** A notification as it is answered. */
export interface NotificationRow
  extends Omit<Notification, 'evenement' | 'expediteur_id' | 'cle_api_id' | 'supprimee'> {
  /** Who sent it, and by which key if it was a machine in their name; null for what the system tells. */
  expediteur: { id: number; nom: string; prenom: string; cle_api: string | null } | null;
}

const COLUMNS = sql`n.id, n.titre, n.message, n.type, n.destinataire_id, n.lue, n.date_lecture, n.metadata,
  CASE WHEN n.expediteur_id IS NOT NULL THEN json_build_object('id', x.id, 'nom', x.nom, 'prenom', x.prenom,
    'cle_api', k.nom) END AS expediteur,
  n.date_creation, n.date_modification, n.version`;
/** What permissions ask of beside it. */
const PERMISSION_COLUMNS = sql`n.supprimee`;

const JOINS = sql`LEFT JOIN users x ON x.id = n.expediteur_id
  LEFT JOIN cles_api k ON k.id = n.cle_api_id`;
const FROM = sql`notifications n ${JOINS}`;

export const NOTIFICATION_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`notifications n`,
  // Senders are looked up for the rows of the page alone.
  rows: sql`JOIN notifications n ON n.id = page._id ${JOINS}`,
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

/** How many notifications each of these people has still to read, in one statement; whoever has none is missing. */
export async function unreadOf(executor: Executor, userIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await query<{ id: number; unread: number }>(
    executor,
    sql`SELECT destinataire_id AS id, count(*)::integer AS unread FROM notifications
        WHERE destinataire_id = ANY(${userIds}::integer[]) AND NOT lue AND NOT supprimee GROUP BY destinataire_id`,
  );
  return new Map(rows.map(({ id, unread }) => [id, unread]));
}

/** How many of the caller's are unread. @throws {RegieError} `INTERDIT` to a machine, which has none. */
export async function countUnread(executor: Executor, access: Access): Promise<number> {
  if (!access.mayEver('read', 'Notification')) throw forbidden();
  const { userId } = access.principal;
  return (await unreadOf(executor, [userId])).get(userId) ?? 0;
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

/** Whom a message is for: people by id; or all of these roles, all of a site, or those of the roles at the site. */
export interface Destinataires {
  destinataires?: readonly number[];
  roles?: readonly Role[];
  site_id?: number;
}

export interface NewMessage extends Destinataires, Omit<NewNotification, 'destinataire_id'> {
  canaux: readonly Canal[];
}

/**
 * Sends one message to many, under the sender's name, by the channels that they choose; whoever is told of it by email,
 * SMS or push may switch that off as they may for any event (`message.envoye`). Of roles and sites the caller reaches those
 * with whom they share a site, and whoever is everywhere.
 * @returns how many it is for.
 * @throws {RegieError} `INTERDIT`, and `VALIDATION` when somebody is named whom the caller may not see, or who has left, or
 *   a site that is not theirs
 */
export async function sendMessage(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  { canaux, ...fields }: NewMessage,
): Promise<number> {
  await access.confirm(tx);
  access.require('create', 'Notification', fields);
  const faults = pretences(fields);
  if (faults.length > 0) throw invalid(...faults);
  const people = await findRecipients(tx, access, fields);
  const { titre, message, type, metadata } = fields;
  const { userId, cleApiId } = access.principal;
  const auteur = await queryOne<{ nom: string; prenom: string }>(
    tx,
    sql`SELECT nom, prenom FROM users WHERE id = ${userId}`,
  );
  const { told, mailed } = announceSql(actor, `message:${randomUUID()}`, [
    {
      modele: 'message',
      audience: { users: people },
      canaux,
      donnees: { titre, message, type, auteur: auteur! },
    },
  ]);
  await writeTogether(tx, {
    told: told!,
    notified: sql`INSERT INTO notifications
        (titre, message, type, destinataire_id, metadata, expediteur_id, cle_api_id, date_creation, date_modification)
      SELECT ${titre}, ${message}, ${type}, told.id, ${JSON.stringify(metadata)}::jsonb, ${userId}::integer,
             ${cleApiId}::integer, ${actor.now}::timestamptz, ${actor.now}::timestamptz
      FROM told WHERE told.canaux ? 'application'`,
    mailed: mailed!,
  });
  await record(tx, actor, {
    entite: 'notification',
    entiteId: null,
    action: 'envoi',
    apres: { titre, message, canaux, destinataires: people },
  });
  return people.length;
}

async function findRecipients(
  tx: EntityManager,
  access: Access,
  { destinataires, roles, site_id }: Destinataires,
): Promise<number[]> {
  const { sites, tousSites, role } = access.principal;
  const conditions = [sql`u.is_active`, access.where('read', 'User', USER_COLUMNS)];
  const belongsTo = (which: Sql) =>
    sql`(u.tous_sites OR EXISTS (SELECT FROM user_sites o WHERE o.user_id = u.id AND ${which}))`;
  if (destinataires !== undefined) {
    conditions.push(sql`u.id = ANY(${[...destinataires]}::integer[])`);
  } else if (site_id !== undefined) {
    const site = await queryOne(
      tx,
      sql`SELECT s.id FROM sites s WHERE s.id = ${site_id} AND ${access.where('read', 'Site', SITE_COLUMNS)}`,
    );
    if (site === null) throw unknownReference('site_id');
    conditions.push(belongsTo(sql`o.site_id = ${site_id}`));
  } else if (role !== 'admin' && !tousSites) {
    conditions.push(belongsTo(sql`o.site_id = ANY(${[...sites]}::integer[])`));
  }
  if (roles !== undefined) conditions.push(sql`u.role = ANY(${[...roles]})`);
  const found = await query<{ id: number }>(
    tx,
    sql`SELECT u.id FROM users u WHERE ${join(conditions, ' AND ')} ORDER BY u.id`,
  );
  const ids = found.map(({ id }) => id);
  const missing = (destinataires ?? []).findIndex((id) => !ids.includes(id));
  if (missing >= 0) throw unknownReference(`destinataires.${missing}`);
  return ids;
}

/** Where it would pass for one of the system's. */
function pretences({ titre, metadata }: Pick<NewNotification, 'titre' | 'metadata'>): FieldFault[] {
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
    sql`SELECT ${COLUMNS}, ${PERMISSION_COLUMNS} FROM ${FROM} WHERE n.id = ${id} FOR UPDATE OF n`,
  );
  await access.confirm(tx);
  if (row === null || !access.may('update', 'Notification', row)) throw notFound();
  if (row.lue) return reread(tx, id);
  await mark(tx, access, actor, id);
  return reread(tx, id);
}

/**
 * Removes a notification of the caller's: nobody sees it any more. That they were told is kept, so that they are not told
 * again.
 * @throws {RegieError} `INTROUVABLE` when it is not the caller's.
 */
export async function removeNotification(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  await query(tx, sql`SELECT id FROM notifications WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  const removed = await queryOne(
    tx,
    sql`UPDATE notifications n SET supprimee = true, date_modification = ${actor.now}, version = version + 1
        WHERE n.id = ${id} AND ${access.where('delete', 'Notification', NOTIFICATION_COLUMNS)} RETURNING n.id`,
  );
  if (removed === null) throw notFound();
  await record(tx, actor, { entite: 'notification', entiteId: id, action: 'suppression' });
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
