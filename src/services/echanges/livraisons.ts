import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Livraison, StatutLivraison } from '../../db/echanges/webhooks';
import { type Executor, query, queryOne } from '../../db/sql';
import { ESSAI } from '../../domain/echanges/abonnements';
import { notFound, RegieError } from '../../domain/errors';
import type { Actor } from '../actor';
import { oneOf } from '../conditions';
import { record } from '../historique';
import { type ListSpec, list, type Page, type PageRequest } from '../list';
import { lockWebhook, readWebhook } from './webhooks';

/** What webhooks were to be told, and what became of it, for people to see; sending it is the matter of `envoi.ts`. */

/** A delivery as it is answered. */
export type LivraisonRow = Pick<
  Livraison,
  | 'id'
  | 'webhook_id'
  | 'identifiant'
  | 'evenement'
  | 'date'
  | 'ressource'
  | 'id_ressource'
  | 'version_ressource'
  | 'statut'
  | 'tentatives'
  | 'erreur'
  | 'essais'
  | 'date_creation'
  | 'date_fin'
> & {
  /** Null once it is delivered or given up. */
  prochain_essai: Date | null;
  /** What the receiver answered last; null when it never did. */
  reponse: { statut: number; duree: number; extrait: string | null } | null;
};

const COLUMNS = sql`l.id, l.webhook_id, l.identifiant, l.evenement, l.date, l.ressource, l.id_ressource, l.version_ressource,
  l.statut, l.tentatives, l.erreur, l.essais, l.date_creation, l.date_fin,
  CASE WHEN l.statut = 'a_livrer' THEN l.prochain_essai END AS prochain_essai,
  CASE WHEN l.reponse_statut IS NOT NULL THEN json_build_object('statut', l.reponse_statut, 'duree', l.reponse_duree,
    'extrait', l.reponse_extrait) END AS reponse`;

export const LIVRAISON_LIST: ListSpec = {
  columns: COLUMNS,
  from: sql`livraisons l`,
  alias: 'l',
  sortable: { id: { expression: 'l.id', cast: 'integer' } },
  defaultSort: '-id',
};

export interface LivraisonFilters {
  statut?: StatutLivraison[];
  evenement?: string[];
}

/** @throws {RegieError} `INTROUVABLE` for a webhook that the caller may not see. */
export async function listLivraisons(
  executor: Executor,
  access: Access,
  webhookId: number,
  filters: LivraisonFilters,
  page: PageRequest,
): Promise<Page<LivraisonRow>> {
  await readWebhook(executor, access, webhookId);
  const conditions = [access.where('read', 'Livraison', {}), sql`l.webhook_id = ${webhookId}`];
  if (filters.statut) conditions.push(oneOf('l.statut', filters.statut));
  if (filters.evenement) conditions.push(oneOf('l.evenement', filters.evenement));
  return list<LivraisonRow>(executor, LIVRAISON_LIST, conditions, page);
}

/** @throws {RegieError} `INTROUVABLE` */
export async function readLivraison(executor: Executor, access: Access, id: number): Promise<LivraisonRow> {
  const row = await queryOne<LivraisonRow>(
    executor,
    sql`SELECT ${COLUMNS} FROM livraisons l WHERE l.id = ${id} AND ${access.where('read', 'Livraison', {})}`,
  );
  if (row === null) throw notFound();
  return row;
}

/**
 * Sends a delivery once more, under the same `Webhook-Id`. One that waits for its next try is tried at once, in its place in
 * the order; one that was delivered or given up goes out of turn, with a day of its own.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `TRANSITION_INVALIDE` while its webhook is switched off
 */
export async function replayLivraison(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  id: number,
): Promise<LivraisonRow> {
  // The webhook before its delivery, as whoever sends locks them.
  const found = await queryOne<{ webhook_id: number }>(
    tx,
    sql`SELECT webhook_id FROM livraisons WHERE id = ${id}`,
  );
  const webhook = found === null ? null : await lockWebhook(tx, access, found.webhook_id);
  if (webhook === null) {
    await access.confirm(tx);
    throw notFound();
  }
  const livraison = await readLivraison(tx, access, id);
  access.require('update', 'Livraison', livraison);
  if (!webhook.actif && livraison.evenement !== ESSAI) throw switchedOff();
  await query(
    tx,
    sql`UPDATE livraisons SET
          hors_ordre = hors_ordre OR statut <> 'a_livrer',
          date_debut = CASE WHEN statut = 'a_livrer' THEN date_debut ELSE now() END,
          tentatives_avant = CASE WHEN statut = 'a_livrer' THEN tentatives_avant ELSE tentatives END,
          statut = 'a_livrer', date_fin = NULL, prochain_essai = now()
        WHERE id = ${id}`,
  );
  await record(tx, actor, {
    entite: 'webhook',
    entiteId: webhook.id,
    action: 'rejeu',
    apres: { livraison_id: id, identifiant: livraison.identifiant },
  });
  return readLivraison(tx, access, id);
}

/**
 * Has a webhook told something that means nothing, once, to see whether it arrives; also while it is switched off.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function tryWebhook(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  webhookId: number,
): Promise<LivraisonRow> {
  const webhook = await lockWebhook(tx, access, webhookId);
  access.require('update', 'Webhook', webhook);
  const inserted = await queryOne<{ id: number }>(
    tx,
    sql`INSERT INTO livraisons (webhook_id, identifiant, evenement, date, ressource, id_ressource, version_ressource, hors_ordre)
        VALUES (${webhookId}, ${`essai_${randomUUID()}`}, ${ESSAI}, ${actor.now}, 'webhook', ${webhookId},
                ${webhook.version}, true) RETURNING id`,
  );
  await record(tx, actor, {
    entite: 'webhook',
    entiteId: webhookId,
    action: 'essai',
    apres: { livraison_id: inserted!.id },
  });
  return readLivraison(tx, access, inserted!.id);
}

/** So long what became of deliveries can be seen, in days. */
const RETENTION_DAYS = 30;

/** Removes deliveries that came about, or were given up, longer ago. */
export async function removeOldLivraisons(executor: Executor): Promise<void> {
  await query(
    executor,
    sql`DELETE FROM livraisons
        WHERE statut <> 'a_livrer' AND date_fin < now() - make_interval(days => ${RETENTION_DAYS}::integer)`,
  );
}

function switchedOff(): RegieError {
  return new RegieError('TRANSITION_INVALIDE', {
    detail: { fr: 'Ce webhook est désactivé', en: 'This webhook is switched off' },
  });
}
