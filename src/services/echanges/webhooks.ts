import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import { Webhook } from '../../db/echanges/webhooks';
import { type Executor, query, queryOne } from '../../db/sql';
import { newSecret, ROTATION_OVERLAP } from '../../domain/echanges/signature';
import { notFound, RegieError } from '../../domain/errors';
import type { ConfirmedUrl } from '../../net/confirmed-url';
import type { Actor } from '../actor';
import { difference, record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { bornesOf } from '../messages/evenements';
import { requireVersion } from '../versions';
import { giveUpAll } from './envoi';

/** Webhooks: who is told of what happens. What they are told, and what became of it, stands in `livraisons.ts`. */

/** A webhook as it is answered: never its secrets. */
export type WebhookRow = Omit<Webhook, 'secret' | 'secret_precedent' | 'depuis' | 'dernier_echec'> & {
  /** Deliveries that have still to come about; those that were given up, of the last month. */
  livraisons_en_attente: number;
  livraisons_abandonnees: number;
};

/** What may be changed of a webhook; its secret is another matter. */
export interface WebhookChanges {
  url?: ConfirmedUrl;
  evenements?: string[];
  actif?: boolean;
}
export type WebhookFields = Required<WebhookChanges>;

/**
 * More would be a list of customers: this is for the systems of one house. It is also what keeps them apart: a worker has a
 * place for each of them (`worker/worker.ts`), so that none ever waits for another one.
 */
export const MAX_WEBHOOKS = 50;

/** What secrets are sealed for; the context is the id of the webhook. */
const SECRET_PURPOSE = 'webhook';

const COLUMNS = sql`w.id, w.url, w.evenements, w.actif, w.secret_precedent_fin, w.echec_depuis, w.dernier_succes,
  w.motif_desactivation, w.date_desactivation,
  (SELECT count(*)::integer FROM livraisons l WHERE l.webhook_id = w.id AND l.statut = 'a_livrer') AS livraisons_en_attente,
  (SELECT count(*)::integer FROM livraisons l WHERE l.webhook_id = w.id AND l.statut = 'abandonnee') AS livraisons_abandonnees,
  w.date_creation, w.date_modification, w.version`;

export const WEBHOOK_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`webhooks w`,
  alias: 'w',
  sortable: {
    id: { expression: 'w.id', cast: 'integer' },
    url: { expression: 'w.url', cast: 'text' },
    date_creation: { expression: 'w.date_creation', cast: 'timestamptz' },
  },
  defaultSort: 'id',
};

export function listWebhooks(
  executor: Executor,
  access: Access,
  filters: { actif?: boolean },
  page: PageRequest,
): Promise<Page<WebhookRow>> {
  const conditions = [access.where('read', 'Webhook', {})];
  if (filters.actif !== undefined) conditions.push(sql`w.actif = ${filters.actif}`);
  return list<WebhookRow>(executor, WEBHOOK_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readWebhook(executor: Executor, access: Access, id: number): Promise<WebhookRow> {
  const row = await queryOne<WebhookRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM webhooks w WHERE w.id = ${id} AND ${access.where('read', 'Webhook', {})}`,
  );
  if (row === null) throw notFound();
  return row;
}

/**
 * Makes a webhook that is told of what happens from now on.
 * @returns the row, and its secret, which nobody can read again
 * @throws {RegieError} `INTERDIT`, `LIMITE_ATTEINTE`
 */
export async function createWebhook(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { url: { href: url }, evenements, actif }: WebhookFields,
): Promise<WebhookRow & { secret: string }> {
  // Whoever makes one at the same time waits, so that both count.
  await query(tx, sql`SELECT position FROM webhooks_lecture FOR UPDATE`);
  await access.confirm(tx);
  const fields = { url, evenements, actif };
  access.require('create', 'Webhook', fields);
  const { total } = (await queryOne<{ total: number }>(
    tx,
    sql`SELECT count(*)::integer AS total FROM webhooks`,
  ))!;
  if (total >= MAX_WEBHOOKS) throw tooMany();
  const inserted = await tx.insert(Webhook, {
    ...fields,
    // Its context is the id, which is known only then.
    secret: Buffer.alloc(0),
    depuis: (await bornesOf(tx)).dernier,
  });
  const id = inserted.identifiers[0]!.id as number;
  const secret = newSecret();
  await query(tx, sql`UPDATE webhooks SET secret = ${seal(secrets, id, secret)} WHERE id = ${id}`);
  await record(tx, actor, { entite: 'webhook', entiteId: id, action: 'creation', apres: fields });
  return { ...(await readWebhook(tx, access, id)), secret };
}

/**
 * Changes what is given. One that is switched off is told of nothing that happens until it is on again, and what it was still
 * to be told is given up; it can be sent again from the list of its deliveries.
 * @param expected version named by the caller, or null.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`
 */
export async function updateWebhook(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
  { url, ...rest }: WebhookChanges,
  expected: number | null,
): Promise<WebhookRow> {
  const webhook = await lockWebhook(tx, access, id);
  const changes = { ...rest, ...(url === undefined ? {} : { url: url.href }) };
  access.require('update', 'Webhook', webhook, Object.keys(changes));
  requireVersion(webhook, expected);
  const { avant, apres } = difference(webhook, changes);
  if (Object.keys(apres).length === 0) return webhook;
  const isNew = 'url' in apres || apres.actif === true;
  const on = apres.actif === true ? (await bornesOf(tx)).dernier : undefined;
  await tx.update(
    Webhook,
    { id },
    {
      ...apres,
      // How the former receiver, or the one of before, failed says nothing of this one.
      ...(isNew ? { echec_depuis: null, dernier_echec: null } : {}),
      ...(apres.actif === true ? { motif_desactivation: null, date_desactivation: null } : {}),
      ...(on === undefined ? {} : { depuis: on }),
    },
  );
  if (apres.actif === false) await giveUpAll(tx, id, actor.now);
  await record(tx, actor, { entite: 'webhook', entiteId: id, action: 'modification', avant, apres });
  return readWebhook(tx, access, id);
}

/**
 * Gives a webhook a new secret. The one until now signs too for another day, so that its receiver can change in its own
 * time; one that was replaced before that ends at once.
 * @returns the row, and the new secret, which nobody can read again
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`
 */
export async function rotateSecret(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  id: number,
  expected: number | null,
): Promise<WebhookRow & { secret: string }> {
  const webhook = await lockWebhook(tx, access, id);
  access.require('update', 'Webhook', webhook);
  requireVersion(webhook, expected);
  const secret = newSecret();
  const fin = new Date(actor.now.getTime() + ROTATION_OVERLAP);
  await query(
    tx,
    sql`UPDATE webhooks SET secret_precedent = secret, secret_precedent_fin = ${fin}, secret = ${seal(secrets, id, secret)},
          version = version + 1, date_modification = ${actor.now} WHERE id = ${id}`,
  );
  await record(tx, actor, {
    entite: 'webhook',
    entiteId: id,
    action: 'rotation_secret',
    apres: { precedent_jusqua: fin.toISOString() },
  });
  return { ...(await readWebhook(tx, access, id)), secret };
}

/**
 * Removes a webhook with its deliveries; that it was there, the history keeps.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function deleteWebhook(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<void> {
  const webhook = await lockWebhook(tx, access, id);
  access.require('delete', 'Webhook', webhook);
  await tx.delete(Webhook, { id });
  const { url, evenements, actif } = webhook;
  await record(tx, actor, {
    entite: 'webhook',
    entiteId: id,
    action: 'suppression',
    avant: { url, evenements, actif },
  });
}

/** @throws {RegieError} `INTROUVABLE` */
export async function lockWebhook(tx: EntityManager, access: Access, id: number): Promise<WebhookRow> {
  await query(tx, sql`SELECT id FROM webhooks WHERE id = ${id} FOR UPDATE`);
  await access.confirm(tx);
  return readWebhook(tx, access, id);
}

function seal(secrets: Secrets, id: number, secret: string): Buffer {
  return secrets.seal(SECRET_PURPOSE, String(id), Buffer.from(secret));
}

/**
 * The secret of a webhook as it signs.
 * @throws {Error} when it was sealed with a key that is here no more
 */
export function openSecret(secrets: Secrets, id: number, sealed: Buffer): string {
  return secrets.open(SECRET_PURPOSE, String(id), sealed).toString();
}

/**
 * Seals anew what was sealed with a key that is not the first one any more, so that the secrets pass to a new key by
 * themselves, and forgets former ones whose day is over.
 */
export async function renewSeals(executor: Executor, secrets: Secrets): Promise<void> {
  await query(
    executor,
    sql`UPDATE webhooks SET secret_precedent = NULL, secret_precedent_fin = NULL WHERE secret_precedent_fin <= now()`,
  );
  const rows = await query<Pick<Webhook, 'id' | 'secret' | 'secret_precedent'>>(
    executor,
    sql`SELECT id, secret, secret_precedent FROM webhooks`,
  );
  for (const { id, secret, secret_precedent } of rows) {
    const renewed = resealed(secrets, id, secret);
    const former = secret_precedent && resealed(secrets, id, secret_precedent);
    if (renewed === null && former === null) continue;
    await query(
      executor,
      // Unless it has been replaced meanwhile.
      sql`UPDATE webhooks SET secret = ${renewed ?? secret}, secret_precedent = ${former ?? secret_precedent}
          WHERE id = ${id} AND secret = ${secret} AND secret_precedent IS NOT DISTINCT FROM ${secret_precedent}`,
    );
  }
}

/** The same secret under the present key; null when it is so already, or cannot be opened. */
function resealed(secrets: Secrets, id: number, sealed: Buffer): Buffer | null {
  try {
    const fresh = seal(secrets, id, openSecret(secrets, id, sealed));
    const keyName = fresh.subarray(0, 1 + fresh[0]!);
    return sealed.subarray(0, keyName.length).equals(keyName) ? null : fresh;
  } catch {
    return null;
  }
}

function tooMany(): RegieError {
  return new RegieError('LIMITE_ATTEINTE', {
    detail: { fr: `Au plus ${MAX_WEBHOOKS} webhooks`, en: `At most ${MAX_WEBHOOKS} webhooks` },
    extensions: { limite: MAX_WEBHOOKS },
  });
}
