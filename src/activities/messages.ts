import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { linkToken } from '../auth/password-links';
import { returnToken } from '../auth/return-tokens';
import { unsubscribeUrl } from '../auth/unsubscribing';
import { listen } from '../db/listen';
import { groupOf } from '../domain/groupes';
import { MAX_RENDUS } from '../domain/limites';
import { type Contenu, isOf } from '../domain/messages';
import { CANAUX_SORTANTS, type CanalSortant, heldUntil } from '../domain/messages/canaux';
import { isRefusable } from '../domain/regles';
import { lienDeGestion, partiesCalendrier } from '../domain/rendez-vous/invitations';
import { fullName } from '../domain/writing';
import { AddressRefused, MailRefused } from '../mail/transport';
import { SmsRefused } from '../net/sms';
import { systemActor } from '../services/actor';
import { isRefusedAddress, noteRefusedAddress } from '../services/identite/adresses-refusees';
import {
  type ClaimedMessage,
  claimMessages,
  holdMessage,
  keepClaims,
  markFailed,
  markSansObjet,
  markSent,
  SansObjet,
} from '../services/messages/outbox';
import { jetonForAttente, jetonForMessage } from '../services/rendez-vous/liens';
import { RenderFailed } from '../threads/renderer';
import { sendPushMessage, sendSms } from './canaux';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';
import { sendRappelPatient } from './rappels-patients';

export interface MessageActivities {
  /** Sends what is in the outbox, and what comes into it, for some minutes. */
  deliverMessages(): Promise<void>;
}

/** Messages of a channel under way at once. */
const BATCH = 10;
/** While people wait for their orders, so many are begun at once, and for so long, in milliseconds, none is. */
const FEW = 4;
const PATIENCE = 100;
/** Looked for without being told, in milliseconds: tries that have come due, and word that was lost. */
const POLL = 1_000;
/** Sending takes longer than the engine waits for a sign of life, in milliseconds. */
const HEARTBEAT_INTERVAL = 3_000;
/** Claims of what is still under way are kept, in milliseconds: a third of what they last. */
const KEEP_INTERVAL = 10_000;
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
      const broken = new AbortController();
      const pulse = setInterval(() => activity.heartbeat(), HEARTBEAT_INTERVAL);
      try {
        const signal = AbortSignal.any([cancellationSignal, broken.signal]);
        const shift = { context, end: Date.now() + SHIFT, signal, cancellationSignal };
        // What one channel is kept by keeps none of the others; none goes on alone when the shift has failed.
        const drained = SERVED.map((canal) => drain(shift, canal, TRANSPORTS[canal]!));
        for (const one of drained) one.catch(() => broken.abort());
        await Promise.allSettled(drained);
        await Promise.all(drained);
      } finally {
        clearInterval(pulse);
      }
    },
  });
}

/**
 * Hands one message to what carries it.
 * @throws {MailRefused} or {SmsRefused} when trying again would be refused again, {SansObjet} when it goes to nobody.
 */
type Transport = (context: ActivityContext, message: ClaimedMessage) => Promise<void>;

/** What carries each channel. */
const TRANSPORTS: Readonly<Partial<Record<CanalSortant, Transport>>> = {
  email: sendEmail,
  sms: sendSms,
  push: sendPushMessage,
};
const SERVED = CANAUX_SORTANTS.filter((canal) => TRANSPORTS[canal] !== undefined);

interface Shift {
  context: ActivityContext;
  /** Milliseconds since the epoch. */
  end: number;
  /** Ends it, because it is cancelled or because one of its channels failed. */
  signal: AbortSignal;
  /** Ends what it has begun: what was sent is marked also when the shift has failed. */
  cancellationSignal: AbortSignal;
}

/** Sends what there is of one channel, with places, and a bell, of its own. */
async function drain(
  { context, end, signal, cancellationSignal }: Shift,
  canal: CanalSortant,
  transport: Transport,
): Promise<void> {
  const { people } = context;
  const bell = await listen(context.databaseUrl, 'messages', signal);
  const underWay = new Set<number>();
  const keeping = setInterval(() => {
    if (underWay.size === 0) return;
    keepClaims(context.db, underWay).catch((err) =>
      context.logger.warn({ err }, 'claims of messages not kept'),
    );
  }, KEEP_INTERVAL);
  try {
    // A place is taken by each message alone: one that is slow keeps none of those that were claimed with it.
    const places = new Places(BATCH);
    while (Date.now() < end && !signal.aborted) {
      await places.someFree();
      await people.calm(PATIENCE);
      const room = people.wait ? Math.min(FEW, places.free) : places.free;
      const messages = await claimMessages(context.db, canal, room, { except: underWay });
      for (const message of messages) {
        underWay.add(message.id);
        places.take(
          deliver(context, message, transport, cancellationSignal)
            .finally(() => underWay.delete(message.id))
            .then((followed) => {
              if (followed) bell.ring();
            }),
        );
      }
      if (messages.length === 0) await bell.next(POLL);
    }
    await places.allFree();
  } finally {
    clearInterval(keeping);
    await bell.close();
  }
}

/** @returns whether more is to be sent to the same person, which may have waited for this. */
async function deliver(
  context: ActivityContext,
  message: ClaimedMessage,
  transport: Transport,
  signal: AbortSignal,
): Promise<boolean> {
  const { db, timeZone, logger } = context;
  if (message.statut === 'sans_objet') return true;
  const held = heldUntil(message, message.tranquillite, timeZone, new Date());
  if (held !== null) {
    await holdMessage(db, message.id, held);
    return false;
  }
  try {
    await (message.rendez_vous_id === null ? transport : sendRappelPatient)(context, message);
  } catch (error) {
    logger.warn(
      { err: error, message: message.id, correlationId: message.correlation_id },
      'message not sent',
    );
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SansObjet) return markSansObjet(db, message.id, reason);
    if (error instanceof AddressRefused) await noteRefused(context, message, reason);
    const poisoned = error instanceof RenderFailed && message.tentatives >= MAX_RENDUS;
    return markFailed(db, message, reason, { final: poisoned || isRefused(error) });
  }
  return untilMarked(context, message, signal);
}

/** Trying again would be refused again. */
function isRefused(error: unknown): boolean {
  return error instanceof MailRefused || error instanceof SmsRefused;
}

async function sendEmail(context: ActivityContext, message: ClaimedMessage): Promise<void> {
  const { db, mail, mails, maison, secrets, publicUrl, mailFrom, timeZone } = context;
  if (await isRefusedAddress(db, message.email)) throw new MailRefused(`${message.email} takes no mail`);
  const { contenu, groupe } = groupOf(message);
  const unsubscribe = isRefusable(message) ? unsubscribeUrl(secrets, publicUrl, message) : null;
  const token = await tokenOf(context, message, contenu);
  const tokens = await tokensOf(context, contenu);
  const mailed = await mails.render({
    contenu,
    groupe,
    langue: message.langue,
    token,
    tokens,
    publicUrl,
    timeZone,
    maison: await maison(),
    desabonnement: unsubscribe,
    correlationId: message.correlation_id,
  });
  // Those who receive change what is theirs where they work.
  const lienDe = (uid: string) =>
    lienDeGestion(publicUrl, message.participant_id === null ? null : (tokens[uid] ?? token));
  const to = { address: message.email, name: fullName(message).trim() };
  await mail.send({
    messageId: message.message_id,
    to,
    ...mailed,
    calendrier: partiesCalendrier(
      groupe?.contenus ?? [contenu],
      { nom: to.name, email: to.address },
      mailFrom,
      { langue: message.langue, lienDe },
    ),
    correlationId: message.correlation_id,
    jeton: returnToken(secrets, message.id, message.email),
    unsubscribe,
  });
}

/** What the link in a mail proves: made when it leaves, and stored nowhere that can be read. */
async function tokenOf(
  { db, secrets }: ActivityContext,
  { participant_id }: ClaimedMessage,
  contenu: Contenu,
): Promise<string | null> {
  if (isOf(contenu, 'lien')) return linkToken(secrets, contenu.donnees.lien.id);
  if (participant_id === null) return null;
  if (isOf(contenu, 'attente')) return jetonForAttente(db, secrets, participant_id);
  if (!isOf(contenu, 'participant')) return null;
  return jetonForMessage(db, secrets, participant_id, contenu.modele === 'rdv_a_confirmer');
}

/** Of each appointment of a series there is a link of its own. */
async function tokensOf(
  { db, secrets }: ActivityContext,
  contenu: Contenu,
): Promise<Readonly<Record<string, string>>> {
  if (!isOf(contenu, 'serie')) return {};
  const tokens: Record<string, string> = {};
  for (const { uid, participant_id } of contenu.donnees.rendez_vous) {
    const token = participant_id === null ? null : await jetonForMessage(db, secrets, participant_id);
    if (token !== null) tokens[uid] = token;
  }
  return tokens;
}

/** Before the message is given up: whoever dies in between has it refused once more. */
async function noteRefused({ db }: ActivityContext, message: ClaimedMessage, reason: string): Promise<void> {
  const actor = systemActor(new Date(), message.correlation_id);
  await db.transaction((tx) => noteRefusedAddress(tx, actor, message.id, message.email, reason));
}

/** It is out: unless that is written down, however long the database is away, it would go out once more. */
async function untilMarked(
  { db, logger }: ActivityContext,
  message: ClaimedMessage,
  signal: AbortSignal,
): Promise<boolean> {
  for (let delay = FIRST_MARK_DELAY; ; delay = Math.min(2 * delay, MAX_MARK_DELAY)) {
    try {
      return await markSent(db, message);
    } catch (err) {
      if (signal.aborted) throw err;
      const { id, correlation_id: correlationId } = message;
      logger.warn({ err, message: id, correlationId }, 'message sent but not marked yet');
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
