import { groupOf, groupTitle } from '../domain/groupes';
import { takesSms, toE164 } from '../domain/identite/telephone';
import { messageSms, messageText, sujetOf } from '../domain/messages';
import { envoiPush } from '../domain/messages/push';
import { decoupage, texteSms } from '../domain/messages/sms';
import { type PushOutcome, sendPush, topicOf } from '../net/push';
import { SmsRefused } from '../net/sms';
import { recordInvalid } from '../services/messages/numeros';
import { type ClaimedMessage, SansObjet } from '../services/messages/outbox';
import { destinationsOf, markServed, vapidKeys } from '../services/messages/push';
import { cleOf, destinationOf, markWritten } from '../services/messages/sms';
import type { ActivityContext } from './context';

/** What carries text messages and web push (docs/decisions/047). */

/** @throws {SmsRefused} when it will never go out, {SansObjet} when it goes to nobody. */
export async function sendSms(context: ActivityContext, message: ClaimedMessage): Promise<void> {
  const { db, sms, smsSegments, telephonePays } = context;
  if (sms === null) throw new SansObjet('Text messages are not set up (SMS_URL)');
  const numero = await destinationOf(db, message.id, (telephone) => {
    const e164 = toE164(telephone, telephonePays);
    return e164 !== null && takesSms(e164) ? e164 : null;
  });
  if (numero === null) return;
  const { contenu, groupe } = groupOf(message);
  const said =
    groupe === null
      ? messageSms(contenu, message.langue)
      : { debut: groupTitle(groupe, message.langue), nom: '', fin: '' };
  const texte = texteSms(said, smsSegments);
  const cut = decoupage(texte);
  await markWritten(db, message.id, numero, cut.segments.length);
  try {
    await sms.send({
      cle: cleOf(message.message_id),
      a: numero,
      texte,
      decoupage: cut,
      correlationId: message.correlation_id,
    });
  } catch (error) {
    if (error instanceof SmsRefused && error.numeroInvalide) await recordInvalid(db, numero, new Date());
    throw error;
  }
}

/**
 * Sends to each browser that does not have it yet.
 * @throws {SansObjet} when it goes to nobody, and what kept one of several from having it.
 */
export async function sendPushMessage(context: ActivityContext, message: ClaimedMessage): Promise<void> {
  const { db, outgoing, secrets, pushContact, logger } = context;
  const destinations = await destinationsOf(db, message.id);
  if (destinations.length === 0) return;
  const vapid = { ...(await vapidKeys(db, secrets)), contact: pushContact };
  const { contenu, groupe } = groupOf(message);
  const sujet = sujetOf(contenu);
  const { titre: single, type } = messageText(contenu, message.langue);
  const titre = groupe === null ? single : groupTitle(groupe, message.langue);
  const envoi = envoiPush({ titre, type, modele: contenu.modele, sujet }, message.id);
  const topic = envoi.remplace ? topicOf(sujet, vapid.privateKey) : null;
  const outcomes = await Promise.allSettled(
    destinations.map((one) => sendPush(outgoing, vapid, one, { ...envoi, topic }, new Date())),
  );
  const idsOf = (...wanted: PushOutcome[]) =>
    destinations
      .filter((_, rank) => {
        const outcome = outcomes[rank]!;
        return outcome.status === 'fulfilled' && wanted.includes(outcome.value);
      })
      .map(({ id }) => id);
  await markServed(db, message.id, idsOf('livree', 'refusee'), idsOf('partie'));
  if (idsOf('refusee').length > 0) logger.warn({ message: message.id }, 'push message refused');
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (idsOf('livree', 'refusee').length === 0) throw new SansObjet('The browsers of the person are no more');
}
