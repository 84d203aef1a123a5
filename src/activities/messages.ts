import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { linkToken } from '../auth/password-links';
import { listen } from '../db/listen';
import { MAX_RENDUS } from '../domain/limites';
import { type Contenu, isLien } from '../domain/messages';
import { MailRefused } from '../mail/transport';
import { type ClaimedMessage, claimMessages, markFailed, markSent } from '../services/messages/outbox';
import { RenderFailed } from '../threads/renderer';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface MessageActivities {
  /** Sends what is in the outbox, and what comes into it, for some minutes. */
  deliverMessages(): Promise<void>;
}

/** Emails under way at once. */
const BATCH = 10;
/** Looked for without being told, in milliseconds: tries that have come due, and word that was lost. */
const POLL = 1_000;
/** Sending takes longer than the engine waits for a sign of life, in milliseconds. */
const HEARTBEAT_INTERVAL = 3_000;
/** Before what was sent is marked again when the database did not answer; doubled each time. Milliseconds. */
const FIRST_MARK_DELAY = 100;
const MAX_MARK_DELAY = 2_000;
/** One run of the activity; its workflow starts the next. */
const SHIFT = 10 * 60_000;

export function messageActivities(context: ActivityContext): MessageActivities {
  return withoutSecrets(context.logger, {
    deliverMessages: async () => {
      const activity = Context.current();
      const { cancellationSignal } = activity;
      const end = Date.now() + SHIFT;
      const bell = await listen(context.databaseUrl, 'messages', cancellationSignal);
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        // A place is taken by each message alone: one that is slow keeps none of those that were claimed with it.
        const places = new Places(BATCH);
        while (Date.now() < end && !cancellationSignal.aborted) {
          await places.someFree();
          const messages = await claimMessages(context.db, places.free);
          for (const message of messages) places.take(deliver(context, message, cancellationSignal));
          if (messages.length === 0) await bell.next(POLL);
        }
        await places.allFree();
      } finally {
        clearInterval(pulse);
        await bell.close();
      }
    },
  });
}

async function deliver(
  context: ActivityContext,
  message: ClaimedMessage,
  signal: AbortSignal,
): Promise<void> {
  const { db, mail, mails, secrets, publicUrl, timeZone, logger } = context;
  try {
    const contenu = { modele: message.modele, donnees: message.donnees } as Contenu;
    const { sujet, html, text } = await mails.render({
      contenu,
      langue: message.langue,
      token: isLien(contenu) ? linkToken(secrets, contenu.donnees.lien.id) : null,
      publicUrl,
      timeZone,
      correlationId: message.correlation_id,
    });
    const to = { address: message.email, name: `${message.prenom} ${message.nom}` };
    await mail.send({
      messageId: message.message_id,
      to,
      sujet,
      html,
      text,
      correlationId: message.correlation_id,
    });
  } catch (error) {
    logger.warn({ err: error, message: message.id, correlationId: message.correlation_id }, 'email not sent');
    const reason = error instanceof Error ? error.message : String(error);
    const poisoned = error instanceof RenderFailed && message.tentatives >= MAX_RENDUS;
    await markFailed(db, message, reason, { final: poisoned || error instanceof MailRefused });
    return;
  }
  await untilMarked(context, message, signal);
}

/** It is out: unless that is written down, however long the database is away, it would go out once more. */
async function untilMarked(
  { db, logger }: ActivityContext,
  { id, correlation_id: correlationId }: ClaimedMessage,
  signal: AbortSignal,
): Promise<void> {
  for (let delay = FIRST_MARK_DELAY; ; delay = Math.min(2 * delay, MAX_MARK_DELAY)) {
    try {
      return await markSent(db, id);
    } catch (err) {
      if (signal.aborted) throw err;
      logger.warn({ err, message: id, correlationId }, 'email sent but not marked yet');
    }
    await sleep(delay);
  }
}

/** Work under way, so much at a time. */
class Places {
  private readonly taken = new Set<Promise<void>>();
  private failure: { error: unknown } | null = null;

  constructor(private readonly count: number) {}

  get free(): number {
    return this.count - this.taken.size;
  }

  take(work: Promise<void>): void {
    const place = work
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.taken.delete(place));
    this.taken.add(place);
  }

  /** @throws what the work failed with, if any did. */
  async someFree(): Promise<void> {
    while (this.free === 0) await Promise.race(this.taken);
    if (this.failure !== null) throw this.failure.error;
  }

  /** @throws what the work failed with, if any did. */
  async allFree(): Promise<void> {
    await Promise.all(this.taken);
    if (this.failure !== null) throw this.failure.error;
  }
}
