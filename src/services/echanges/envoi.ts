import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { EssaiLivraison } from '../../db/echanges/webhooks';
import { type Executor, query, queryOne } from '../../db/sql';
import type { Avis } from '../../domain/echanges/abonnements';
import {
  closesWebhook,
  DELIVERY_PERIOD,
  type ErreurLivraison,
  type Failing,
  failureStart,
  nextTry,
  type Outcome,
  outcomeOf,
} from '../../domain/echanges/livraisons';
import { systemActor } from '../actor';
import { record } from '../historique';
import { announce } from '../messages/messages';

/**
 * How deliveries leave: claimed for a while, sent, marked. When the sender dies in between, the claim runs out and the same is
 * sent again under the same `Webhook-Id`: only a death between the receiver's answer and the mark has it sent twice.
 */

/** How long a claim lasts, in seconds: longer than a call may take, and marking it. */
const LEASE = 30;

/** A success is noted at most so often, in milliseconds: a row is not written for each delivery of a burst. */
const SUCCESS_PRECISION = 60_000;

/** Tries that are kept of a delivery: those of a day, and of one more. */
const KEPT_TRIES = 30;

export interface ClaimedLivraison extends Avis {
  id: number;
  evenement_id: number | null;
  tentatives: number;
  /** Those before it was asked for anew. */
  tentatives_avant: number;
  date_debut: Date;
}

/** Whom deliveries go to, with what signs them. */
export interface Destinataire {
  id: number;
  url: string;
  actif: boolean;
  /** Sealed. */
  secret: Buffer;
  secret_precedent: Buffer | null;
  secret_precedent_fin: Date | null;
}

/** Null for one that is no more. */
export function readDestinataire(executor: Executor, webhookId: number): Promise<Destinataire | null> {
  return queryOne<Destinataire>(
    executor,
    sql`SELECT id, url, actif, secret, secret_precedent, secret_precedent_fin FROM webhooks WHERE id = ${webhookId}`,
  );
}

/**
 * Those whose turn it is: of one resource each waits until the one before is delivered or given up, so that they arrive in
 * order; what belongs to other resources does not wait for it.
 */
const WHOSE_TURN = sql`l.statut = 'a_livrer' AND (l.hors_ordre OR NOT EXISTS (
  SELECT FROM livraisons b WHERE b.webhook_id = l.webhook_id AND b.ressource = l.ressource
    AND b.id_ressource = l.id_ressource AND b.evenement_id < l.evenement_id AND b.statut = 'a_livrer' AND NOT b.hors_ordre))`;

/** A trial goes out from a webhook that is switched off too: to see whether it could be switched on. */
const MAY_LEAVE = sql`(l.evenement_id IS NULL OR EXISTS (SELECT FROM webhooks w WHERE w.id = l.webhook_id AND w.actif))`;

const CLAIMED = sql`c.id, c.identifiant, c.evenement_id, c.evenement, c.date, c.ressource, c.id_ressource, c.version_ressource,
  c.tentatives, c.tentatives_avant, c.date_debut`;

/** Claims deliveries of a webhook that are due, those that have waited longest first. */
export function claimLivraisons(
  executor: Executor,
  webhookId: number,
  limit: number,
): Promise<ClaimedLivraison[]> {
  return query<ClaimedLivraison>(
    executor,
    sql`UPDATE livraisons c SET tentatives = c.tentatives + 1, reservee_jusqua = now() + make_interval(secs => ${LEASE})
        WHERE c.id IN (
          SELECT l.id FROM livraisons l
          WHERE l.webhook_id = ${webhookId} AND l.prochain_essai <= now()
            AND (l.reservee_jusqua IS NULL OR l.reservee_jusqua <= now()) AND ${WHOSE_TURN} AND ${MAY_LEAVE}
          ORDER BY l.prochain_essai, l.id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING ${CLAIMED}`,
  );
}

/**
 * Claims what comes next of the resource of a delivery, if it is due: a long line of one resource is worked off without
 * looking at all of it for each.
 */
export async function claimNext(
  executor: Executor,
  webhookId: number,
  { ressource, id_ressource }: Pick<ClaimedLivraison, 'ressource' | 'id_ressource'>,
): Promise<ClaimedLivraison | null> {
  return queryOne<ClaimedLivraison>(
    executor,
    sql`UPDATE livraisons c SET tentatives = c.tentatives + 1, reservee_jusqua = now() + make_interval(secs => ${LEASE})
        FROM (SELECT id FROM livraisons
              WHERE webhook_id = ${webhookId} AND ressource = ${ressource} AND id_ressource = ${id_ressource}
                AND statut = 'a_livrer' AND NOT hors_ordre
              ORDER BY evenement_id LIMIT 1) suivante, webhooks w
        WHERE c.id = suivante.id AND c.statut = 'a_livrer' AND c.prochain_essai <= now()
          AND (c.reservee_jusqua IS NULL OR c.reservee_jusqua <= now()) AND w.id = c.webhook_id AND w.actif
        RETURNING ${CLAIMED}`,
  );
}

/** When the next delivery of a webhook is due; null when nothing waits. */
export async function nextDue(executor: Executor, webhookId: number): Promise<Date | null> {
  const row = await queryOne<{ due: Date | null }>(
    executor,
    sql`SELECT min(greatest(l.prochain_essai, l.reservee_jusqua)) AS due FROM livraisons l
        WHERE l.webhook_id = ${webhookId} AND ${WHOSE_TURN} AND ${MAY_LEAVE}`,
  );
  return row!.due;
}

/** What a try came to. */
export interface Essai {
  debut: Date;
  /** Milliseconds. */
  duree: number;
  /** Null where there was no answer, for that reason. */
  statut: number | null;
  erreur: ErreurLivraison | null;
  extrait: string | null;
  retryAfter: number | null;
}

/**
 * Writes down what a try came to: delivered, to be tried again, or given up; and what follows for the webhook. Nothing when
 * somebody else has claimed it since.
 * @param chance from 0 to 1, by which the next try is spread.
 */
export async function markTried(
  db: DataSource,
  { webhookId, fuseau }: { webhookId: number; fuseau: string },
  livraison: Pick<ClaimedLivraison, 'id' | 'evenement_id' | 'tentatives' | 'tentatives_avant' | 'date_debut'>,
  essai: Essai,
  now: Date,
  chance: number,
): Promise<void> {
  const outcome: Outcome =
    essai.statut === null
      ? { resultat: 'echec', erreur: essai.erreur ?? 'connexion' }
      : outcomeOf({ status: essai.statut });
  const isTrial = livraison.evenement_id === null;
  if (outcome.resultat === 'livree') {
    await db.transaction(async (tx) => {
      // What was given up while it was on its way has arrived all the same.
      const state = { set: sql`statut = 'livree', date_fin = ${now}`, from: sql`statut <> 'livree'` };
      // The webhook first, here and below, as whoever changes it does: two who want both in another order would wait for each
      // other.
      if (!isTrial) await noteSuccess(tx, webhookId, now);
      await mark(tx, livraison, essai, null, state);
    });
    return;
  }
  const next =
    isTrial || outcome.resultat === 'parti'
      ? null
      : nextTry({
          debut: livraison.date_debut,
          tentatives: livraison.tentatives - livraison.tentatives_avant,
          retryAfter: essai.retryAfter,
          now,
          chance,
        });
  const state = {
    set: next === null ? sql`statut = 'abandonnee', date_fin = ${now}` : sql`prochain_essai = ${next}`,
    from: sql`statut = 'a_livrer'`,
  };
  await db.transaction(async (tx) => {
    const webhook = await lockFailing(tx, webhookId);
    if (webhook === null || !(await mark(tx, livraison, essai, outcome.erreur, state))) return;
    if (!isTrial && webhook.actif) await noteFailure(tx, webhook, outcome, fuseau, now);
  });
}

/** @returns whether the delivery was still the one that was claimed. */
async function mark(
  tx: EntityManager,
  { id, tentatives }: Pick<ClaimedLivraison, 'id' | 'tentatives'>,
  { debut, duree, statut, extrait }: Essai,
  erreur: ErreurLivraison | null,
  state: { set: Sql; from: Sql },
): Promise<boolean> {
  const essai: EssaiLivraison = { date: debut.toISOString(), statut, duree, erreur };
  const marked = await queryOne(
    tx,
    sql`UPDATE livraisons SET ${state.set}, reservee_jusqua = NULL, reponse_statut = ${statut}::integer,
          reponse_duree = ${duree}::integer, reponse_extrait = ${extrait}, erreur = ${erreur},
          essais = CASE WHEN jsonb_array_length(essais) < ${KEPT_TRIES} THEN essais ELSE essais - 0 END
            || ${JSON.stringify([essai])}::jsonb
        WHERE id = ${id} AND tentatives = ${tentatives} AND ${state.from} RETURNING id`,
  );
  return marked !== null;
}

async function noteSuccess(tx: EntityManager, webhookId: number, now: Date): Promise<void> {
  await query(
    tx,
    sql`UPDATE webhooks SET echec_depuis = NULL, dernier_echec = NULL, dernier_succes = ${now}
        WHERE id = ${webhookId} AND (echec_depuis IS NOT NULL OR dernier_succes IS NULL
          OR dernier_succes < ${new Date(now.getTime() - SUCCESS_PRECISION)})`,
  );
}

interface FailingWebhook extends Failing {
  id: number;
  url: string;
  actif: boolean;
}

function lockFailing(tx: EntityManager, webhookId: number): Promise<FailingWebhook | null> {
  return queryOne<FailingWebhook>(
    tx,
    sql`SELECT id, url, actif, echec_depuis, dernier_echec FROM webhooks WHERE id = ${webhookId}
        FOR NO KEY UPDATE`,
  );
}

async function noteFailure(
  tx: EntityManager,
  webhook: FailingWebhook,
  { resultat }: Outcome,
  fuseau: string,
  now: Date,
): Promise<void> {
  const depuis = failureStart(webhook, now);
  const motif = resultat === 'parti' ? 'parti' : closesWebhook(depuis, now) ? 'echecs' : null;
  await query(
    tx,
    sql`UPDATE webhooks SET echec_depuis = ${depuis}, dernier_echec = ${now} WHERE id = ${webhook.id}`,
  );
  if (motif !== null) await switchOff(tx, webhook, { motif, depuis, fuseau }, now);
}

/** Switches a webhook off that nobody takes anything from any more, and tells the administrators. */
async function switchOff(
  tx: EntityManager,
  { id, url }: FailingWebhook,
  { motif, depuis, fuseau }: { motif: 'echecs' | 'parti'; depuis: Date; fuseau: string },
  now: Date,
): Promise<void> {
  const evenement = `webhook:${id}:${now.getTime()}`;
  const actor = systemActor(now, evenement);
  await query(
    tx,
    sql`UPDATE webhooks SET actif = false, motif_desactivation = ${motif}, date_desactivation = ${now},
          version = version + 1, date_modification = ${now} WHERE id = ${id}`,
  );
  await giveUpAll(tx, id, now);
  await record(tx, actor, {
    entite: 'webhook',
    entiteId: id,
    action: 'desactivation',
    avant: { actif: true },
    apres: { actif: false, motif, echec_depuis: depuis.toISOString() },
  });
  await announce(tx, actor, evenement, {
    modele: 'webhook_desactive',
    audience: { admins: true },
    donnees: {
      webhook_id: id,
      hote: new URL(url).host,
      motif,
      depuis: depuis.toISOString(),
      fuseau_horaire: fuseau,
    },
  });
}

/** Gives up whatever a webhook was still to be told; trials are left alone. */
export async function giveUpAll(executor: Executor, webhookId: number, now: Date): Promise<void> {
  await query(
    executor,
    sql`UPDATE livraisons SET statut = 'abandonnee', date_fin = ${now}, reservee_jusqua = NULL
        WHERE webhook_id = ${webhookId} AND statut = 'a_livrer' AND evenement_id IS NOT NULL`,
  );
}

/**
 * Gives up what a webhook that fails could not take for a day, also what never had its turn: otherwise what is behind would
 * grow for as long as it fails. Nothing of one that takes things: what is late there is late through us. And whatever was
 * handed to a webhook in the moment in which it was switched off.
 */
export async function giveUpLate(executor: Executor, webhookId: number, now: Date): Promise<void> {
  await query(
    executor,
    sql`UPDATE livraisons l SET statut = 'abandonnee', date_fin = ${now}
        FROM webhooks w WHERE w.id = ${webhookId} AND l.webhook_id = w.id AND l.statut = 'a_livrer'
          AND l.evenement_id IS NOT NULL AND (NOT w.actif OR w.echec_depuis IS NOT NULL AND l.tentatives = 0
            AND l.date_debut <= ${new Date(now.getTime() - DELIVERY_PERIOD)})`,
  );
}

/** Webhooks with deliveries that have been due for so many seconds and that nobody sends, in the order of their ids. */
export function forgottenWebhooks(
  executor: Executor,
  overdue: number,
  after: number,
  limit: number,
): Promise<{ id: number }[]> {
  return query<{ id: number }>(
    executor,
    sql`SELECT w.id FROM webhooks w WHERE w.id > ${after} AND EXISTS (
          SELECT FROM livraisons l WHERE l.webhook_id = w.id AND ${WHOSE_TURN}
            AND l.prochain_essai < now() - make_interval(secs => ${overdue})
            AND (l.reservee_jusqua IS NULL OR l.reservee_jusqua < now()))
        ORDER BY w.id LIMIT ${limit}`,
  );
}
