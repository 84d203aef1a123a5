import { Context } from '@temporalio/activity';
import { Client as PgClient } from 'pg';
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
/** One run of the activity; its workflow starts the next. */
const SHIFT = 10 * 60_000;

export function messageActivities(context: ActivityContext): MessageActivities {
  return withoutSecrets(context.logger, {
    deliverMessages: async () => {
      const { cancellationSignal } = Context.current();
      const end = Date.now() + SHIFT;
      const bell = await listen(context.databaseUrl, cancellationSignal);
      try {
        while (Date.now() < end && !cancellationSignal.aborted) {
          Context.current().heartbeat();
          const messages = await claimMessages(context.db, BATCH);
          await Promise.all(messages.map((message) => deliver(context, message)));
          if (messages.length === 0) await bell.next(POLL);
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
    const reason = error instanceof Error ? error.message : String(error);
    await markFailed(db, message, reason, { final: error instanceof MailRefused });
    return;
  }
  await markSent(db, message.id);
}

/** Hears of new messages as they are committed. */
async function listen(databaseUrl: string, signal: AbortSignal) {
  const client = new PgClient({ connectionString: databaseUrl, application_name: 'regie-messages' });
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
