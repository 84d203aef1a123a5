import { Context } from '@temporalio/activity';
import { Client as PgClient } from 'pg';
import { renderMail } from '../mail/render';
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
/** One run of the activity; its workflow starts the next. */
const SHIFT = 10 * 60_000;

export function messageActivities(context: ActivityContext): MessageActivities {
  return withoutSecrets(context.logger, {
    deliverMessages: async () => {
      const { cancellationSignal } = Context.current();
      const end = Date.now() + SHIFT;
      const bell = await listen(context.databaseUrl);
      try {
        while (Date.now() < end && !cancellationSignal.aborted) {
          Context.current().heartbeat();
          const messages = await claimMessages(context.db, BATCH);
          await Promise.all(messages.map((message) => deliver(context, message)));
          if (messages.length === 0) await bell.next(POLL, cancellationSignal);
        }
      } finally {
        await bell.close();
      }
    },
  });
}

async function deliver(
  { db, mail, publicUrl, logger }: ActivityContext,
  message: ClaimedMessage,
): Promise<void> {
  try {
    const { sujet, html, text } = await renderMail(message.modele, message.langue, message.donnees, {
      publicUrl,
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
    await markFailed(db, message, error instanceof Error ? error.message : String(error));
    return;
  }
  await markSent(db, message.id);
}

/** Hears of new messages as they are committed. */
async function listen(databaseUrl: string) {
  const client = new PgClient({ connectionString: databaseUrl, application_name: 'regie-messages' });
  let ring = () => {};
  let rung = true;
  const wake = () => {
    rung = true;
    ring();
  };
  client.on('notification', wake);
  // A lost connection ends this shift; the workflow starts another.
  let lost: Error | null = null;
  client.on('error', (error) => {
    lost = error;
    wake();
  });
  await client.connect();
  await client.query('LISTEN messages');
  return {
    /** Resolves when something was committed, at the latest after `timeout` milliseconds. */
    next: async (timeout: number, signal: AbortSignal): Promise<void> => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          ring = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
          setTimeout(resolve, timeout).unref();
        });
      }
      rung = false;
      if (lost !== null) throw lost;
    },
    close: () => client.end().catch(() => {}),
  };
}
