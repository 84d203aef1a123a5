import { returnToken } from '../auth/return-tokens';
import { takesSms, toE164 } from '../domain/identite/telephone';
import { type Contenu, isOf, messageSms } from '../domain/messages';
import { decoupage, texteSms } from '../domain/messages/sms';
import { MailRefused } from '../mail/transport';
import { SmsRefused } from '../net/sms';
import { type RappelRempli, remplirRappel } from '../services/cabinet/rappels';
import { type ClaimedMessage, SansObjet } from '../services/messages/outbox';
import { cleOf, estLivre } from '../services/messages/sms';
import type { ActivityContext } from './context';

/**
 * Reminders to patients. The message says which appointment it is; who comes, and where they are reached, is read here, over
 * the connections of what is medical, and written down nowhere: not in the outbox, nor in what is said of a failure.
 */

/** @throws {MailRefused} or {SmsRefused} when it will never go out, {SansObjet} when it goes to nobody. */
export async function sendRappelPatient(context: ActivityContext, message: ClaimedMessage): Promise<void> {
  const { modele, donnees, canal, rendez_vous_id } = message;
  const contenu = { modele, donnees } as Contenu;
  if (!isOf(contenu, 'rappel_patient') || rendez_vous_id === null)
    throw new SansObjet('Not a reminder to a patient');
  const rempli = await remplirRappel(context.medical, context.secrets, rendez_vous_id, contenu, {
    canal,
    now: new Date(),
  });
  const full: Contenu = { modele: contenu.modele, donnees: { ...contenu.donnees, lieu: rempli.lieu } };
  await (canal === 'email' ? mail : sms)(context, message, full, rempli);
}

/** Hands it over; what a server answers names whom it was for, and is said in other words. */
async function handOver(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof MailRefused)
      throw new MailRefused('The mail server refused a reminder to a patient');
    if (error instanceof SmsRefused)
      throw new SmsRefused('The gateway refused a reminder to a patient', false);
    throw new Error('A reminder to a patient could not be handed over');
  }
}

async function mail(
  { mail: transport, mails, maison, secrets, publicUrl, timeZone }: ActivityContext,
  message: ClaimedMessage,
  contenu: Contenu,
  { destination }: RappelRempli,
): Promise<void> {
  const mailed = await mails.render({
    ...{ contenu, groupe: null, langue: message.langue, token: null, publicUrl, timeZone },
    maison: await maison(),
    correlationId: message.correlation_id,
  });
  await handOver(() =>
    transport.send({
      messageId: message.message_id,
      to: { address: destination },
      ...mailed,
      correlationId: message.correlation_id,
      jeton: returnToken(secrets, message.id, destination),
    }),
  );
}

async function sms(
  { db, sms: transport, smsSegments, telephonePays }: ActivityContext,
  message: ClaimedMessage,
  contenu: Contenu,
  { destination }: RappelRempli,
): Promise<void> {
  if (transport === null) throw new SansObjet('Text messages are not set up (SMS_URL)');
  // The gateway has it, and only its answer was lost.
  if (await estLivre(db, message.id)) return;
  const numero = toE164(destination, telephonePays);
  if (numero === null || !takesSms(numero)) throw new SansObjet('No number that takes text messages');
  const texte = texteSms(messageSms(contenu, message.langue), smsSegments);
  await handOver(() =>
    transport.send({
      cle: cleOf(message.message_id),
      a: numero,
      texte,
      decoupage: decoupage(texte),
      correlationId: message.correlation_id,
    }),
  );
}
