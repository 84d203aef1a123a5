import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { listen } from '../db/listen';
import { bodyOf } from '../domain/echanges/abonnements';
import { type ErreurLivraison, excerptOf, retryAfterOf } from '../domain/echanges/livraisons';
import { isStillValid, signaturesOf } from '../domain/echanges/signature';
import { AddressRefused, NoAnswer } from '../net/outgoing';
import { catchUp, distribute } from '../services/echanges/distribution';
import {
  type ClaimedLivraison,
  claimLivraisons,
  claimNext,
  type Destinataire,
  type Essai,
  giveUpLate,
  markTried,
  nextDue,
  readDestinataire,
} from '../services/echanges/envoi';
import { openSecret } from '../services/echanges/webhooks';
import { EVENEMENTS_CHANNEL } from '../services/messages/evenements';
import { WEBHOOK_WORKFLOW, webhookWake } from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface WebhookActivities {
  /** Hands on to webhooks what happens, for some minutes. */
  distributeEvenements(): Promise<void>;
  /**
   * Sends what a webhook is to be told and is due, for some minutes at most.
   * @returns when the next try is due, in milliseconds since 1970; null when there is none.
   */
  sendLivraisons(webhookId: number): Promise<number | null>;
}

/** The engine waits for a sign of life for longer, in milliseconds. */
const HEARTBEAT_INTERVAL = 3_000;
/** One run of the distribution; its workflow starts the next. Milliseconds. */
const DISTRIBUTION_SHIFT = 10 * 60_000;
/** Events are looked for without being told, in milliseconds, since word of them may be lost (`EVENEMENTS_CHANNEL`). */
const POLL = 1_000;
/** And looked for again no sooner than that. */
const PAUSE = 300;
/** One round of a webhook, in milliseconds. */
const ROUND = 60_000;
/** Calls to one receiver at once. */
const CONCURRENCY = 4;
/** What is due so soon is waited for in the round itself, in milliseconds. */
const SOON = 1_000;
/** While calls are under way, whether more has come due is looked for so often, in milliseconds. */
const LOOK_AGAIN = 250;
/** While people wait for their orders, nothing is begun for so long, in milliseconds. */
const PATIENCE = 100;
/** Before what was sent is marked again when the database did not answer; doubled each time. Milliseconds. */
const FIRST_MARK_DELAY = 100;
const MAX_MARK_DELAY = 2_000;

export function webhookActivities(context: ActivityContext): WebhookActivities {
  const { db, databaseUrl, client, people, taskQueue, logger } = context;
  const wake = (webhookId: number) =>
    client.workflow.signalWithStart(WEBHOOK_WORKFLOW, webhookWake(webhookId, taskQueue));
  return withoutSecrets(logger, {
    distributeEvenements: async () => {
      const activity = Context.current();
      const { cancellationSignal } = activity;
      const end = Date.now() + DISTRIBUTION_SHIFT;
      const bell = await listen(databaseUrl, EVENEMENTS_CHANNEL, cancellationSignal);
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        if (await catchUp(db)) logger.warn('events are gone that no webhook was told of');
        while (Date.now() < end && !cancellationSignal.aborted) {
          await people.calm(PATIENCE);
          const { webhooks, read } = await distribute(db);
          // One that cannot be woken keeps none of the others; the reconciler finds what it has to send.
          for (const outcome of await Promise.allSettled(webhooks.map(wake))) {
            if (outcome.status === 'rejected')
              logger.warn({ err: outcome.reason }, 'webhook not woken; the reconciler will');
          }
          // In a burst each webhook is woken a few times a second, whatever comes: its history is its own to bear.
          await sleep(PAUSE);
          // Word of one event stands for those that follow within a moment: after some were found it is looked again.
          if (read === 0) await bell.next(POLL);
        }
      } finally {
        clearInterval(pulse);
        await bell.close();
      }
    },

    sendLivraisons: async (webhookId) => {
      const activity = Context.current();
      const { cancellationSignal } = activity;
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        await sendDue(context, webhookId, Date.now() + ROUND, cancellationSignal);
        return (await nextDue(db, webhookId))?.getTime() ?? null;
      } finally {
        clearInterval(pulse);
      }
    },
  });
}

/** What sending takes of a worker. */
export type SendingContext = Pick<
  ActivityContext,
  'db' | 'secrets' | 'outgoing' | 'people' | 'timeZone' | 'logger'
>;

/**
 * Sends what is due of a webhook, a few at a time, until nothing is for a while.
 * @param end of the round, in milliseconds since 1970.
 */
export async function sendDue(
  context: SendingContext,
  webhookId: number,
  end: number,
  signal: AbortSignal,
): Promise<void> {
  const { db, people } = context;
  await giveUpLate(db, webhookId, new Date());
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;
  do {
    await people.calm(PATIENCE);
    // Asked each time: its URL and its secret may have changed since.
    const destinataire = await readDestinataire(db, webhookId);
    if (destinataire === null) break;
    const free = CONCURRENCY - underWay.size;
    const claimed = free === 0 ? [] : await claimLivraisons(db, webhookId, free);
    for (const livraison of claimed) {
      const sent: Promise<void> = sendInLine(context, destinataire, livraison, end, signal)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
    if (claimed.length > 0) continue;
    if (underWay.size > 0) {
      await Promise.race([...underWay, ...(free === 0 ? [] : [sleep(LOOK_AGAIN)])]);
      continue;
    }
    const due = (await nextDue(db, webhookId))?.getTime();
    if (due === undefined || due > Math.min(Date.now() + SOON, end)) break;
    await sleep(Math.max(1, due - Date.now()));
  } while (Date.now() < end && !signal.aborted && failure === null);
  await Promise.all(underWay);
  if (failure !== null) throw (failure as { error: unknown }).error;
}

/** Sends a delivery, and then what comes next of its resource for as long as it is due. */
async function sendInLine(
  context: SendingContext,
  first: Destinataire,
  livraison: ClaimedLivraison,
  end: number,
  signal: AbortSignal,
): Promise<void> {
  const { db, people } = context;
  let destinataire: Destinataire | null = first;
  let next: ClaimedLivraison | null = livraison;
  while (destinataire !== null && next !== null) {
    await send(context, destinataire, next, signal);
    if (Date.now() >= end || signal.aborted) return;
    await people.calm(PATIENCE);
    destinataire = await readDestinataire(db, first.id);
    next = await claimNext(db, first.id, next);
  }
}

async function send(
  context: SendingContext,
  destinataire: Destinataire,
  livraison: ClaimedLivraison,
  signal: AbortSignal,
): Promise<void> {
  const { db, timeZone, logger } = context;
  const essai = await call(context, destinataire, livraison);
  const where = { webhookId: destinataire.id, fuseau: timeZone };
  // It is out: unless that is written down, however long the database is away, it would go out once more.
  for (let delay = FIRST_MARK_DELAY; ; delay = Math.min(2 * delay, MAX_MARK_DELAY)) {
    try {
      await markTried(db, where, livraison, essai, new Date(), Math.random());
      return;
    } catch (err) {
      if (signal.aborted) throw err;
      logger.warn({ err, livraison: livraison.id }, 'webhook called but not marked yet');
    }
    await sleep(delay);
  }
}

/** One call of a receiver: signed for this try, with the former secret too while it is valid. */
async function call(
  context: SendingContext,
  destinataire: Destinataire,
  livraison: ClaimedLivraison,
): Promise<Essai> {
  const { outgoing, logger } = context;
  const { id, url } = destinataire;
  const debut = new Date();
  const body = bodyOf(livraison);
  const { identifiant } = livraison;
  const timestamp = Math.floor(debut.getTime() / 1_000);
  const valid = validSecrets(context, destinataire, debut);
  const unsent = { debut, statut: null, extrait: null, retryAfter: null };
  if (valid === null) return { ...unsent, duree: 0, erreur: 'secret' };
  const signatures = signaturesOf(valid, { id: identifiant, timestamp, body });
  const begin = performance.now();
  const duree = () => Math.round(performance.now() - begin);
  try {
    const answer = await outgoing.send(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Regie-Webhooks',
        'Webhook-Id': identifiant,
        'Webhook-Timestamp': String(timestamp),
        'Webhook-Signature': signatures,
      },
      body,
    });
    const { status, headers } = answer;
    return {
      debut,
      duree: duree(),
      statut: status,
      erreur: null,
      extrait: excerptOf(answer.body),
      retryAfter: retryAfterOf(status, headers['retry-after'], new Date()),
    };
  } catch (err) {
    const erreur = reasonOf(err);
    logger.info({ err, webhookId: id, livraison: livraison.id, erreur }, 'webhook not reached');
    return { ...unsent, duree: duree(), erreur };
  }
}

/**
 * The secrets that sign at this moment, the present one first; null when that one cannot be opened. A former one that cannot
 * be is left out: it was replaced for that very reason.
 */
function validSecrets(
  { secrets, logger }: SendingContext,
  { id, secret, secret_precedent, secret_precedent_fin }: Destinataire,
  now: Date,
): string[] | null {
  const opened = (sealed: Buffer): string[] => {
    try {
      return [openSecret(secrets, id, sealed)];
    } catch (err) {
      logger.error({ err, webhookId: id }, 'a secret of a webhook cannot be opened');
      return [];
    }
  };
  const present = opened(secret);
  if (present.length === 0) return null;
  const isFormerValid = secret_precedent !== null && isStillValid(secret_precedent_fin, now);
  return isFormerValid ? [...present, ...opened(secret_precedent)] : present;
}

/** Why there was no answer. */
function reasonOf(error: unknown): ErreurLivraison {
  if (error instanceof AddressRefused) return 'adresse_refusee';
  if (error instanceof NoAnswer) return 'delai';
  const { code = '' } = error as { code?: string };
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(code)) return 'nom_inconnu';
  return TLS_CODES.test(code) ? 'tls' : 'connexion';
}

/** Of OpenSSL, and what Node.js says of certificates. */
const TLS_CODES =
  /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_)/;
