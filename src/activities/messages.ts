import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Client as PgClient } from 'pg';
import { linkToken } from '../auth/password-links';
import { APPLICATION_SETTINGS } from '../db/data-source';
import { renderMail } from '../mail/render';
import { MailRefused } from '../mail/transport';
import { type ClaimedMessage, claimMessages, markFailed, markSent } from '../services/outbox';
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
      const bell = await listen(context.databaseUrl, cancellationSignal);
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        while (Date.now() < end && !cancellationSignal.aborted) {
          const messages = await claimMessages(context.db, BATCH);
          await Promise.all(messages.map((message) => deliver(context, message, cancellationSignal)));
          if (messages.length === 0) await bell.next(POLL);
        }
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
  const { db, mail, secrets, publicUrl, timeZone, logger } = context;
  try {
    const { sujet, html, text } = await renderMail(message, message.langue, {
      publicUrl,
      timeZone,
      linkToken: (lienId) => linkToken(secrets, lienId),
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
    await markFailed(db, message, reason, { final: error instanceof MailRefused });
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

/** Hears of new messages as they are committed. */
async function listen(databaseUrl: string, signal: AbortSignal) {
  const client = new PgClient({
    connectionString: databaseUrl,
    application_name: 'regie-messages',
    options: APPLICATION_SETTINGS,
  });
  let rung = true;
  let lost: Error | null = null;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  client.on('notification', ring);
  // A lost connection ends this shift; the workflow starts another.
  client.on('error', (error) => {
    lost = error;
    ring();
  });
  signal.addEventListener('abort', ring);
  await client.connect();
  await client.query('LISTEN messages');
  return {
    /** Resolves when something was committed, at the latest after `timeout` milliseconds. */
    next: async (timeout: number): Promise<void> => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeout);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      if (lost !== null) throw lost;
    },
    close: async (): Promise<void> => {
      signal.removeEventListener('abort', ring);
      await client.end().catch(() => {});
    },
  };
}
