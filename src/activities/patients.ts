import { returnToken } from '../auth/return-tokens';
import { takesSms, toE164 } from '../domain/identite/telephone';
import { messageSms } from '../domain/messages';
import { decoupage, texteSms } from '../domain/messages/sms';
import type { Langue } from '../domain/writing';
import { MailRefused } from '../mail/transport';
import { SmsRefused } from '../net/sms';
import type { AvisPatient, CanalPatient, DitAuPatient, Prevenir } from '../services/cabinet/canaux';
import { coordonneesDe } from '../services/cabinet/patients';
import { inCabinet } from '../services/cabinet/transactions';
import { cleOf } from '../services/messages/sms';
import type { ActivityContext } from './context';

/**
 * Tells patients who have no account, where they agreed to be told. How they are reached is sealed and stays so: it is opened
 * when the message leaves, handed to what carries it, and stands in no outbox.
 */

/** Nobody asked in which language they read. */
const LANGUE: Langue = 'fr';
/** No message of the outbox: one that a server sends back is nobody's there. */
const NO_MESSAGE = 0;

/** @returns what tells somebody, by the first of their ways that takes it. */
export function prevenirPatient(context: ActivityContext): Prevenir {
  return async (avis, dit) => {
    for (const canal of avis.canaux) {
      if (await WAYS[canal](context, avis, dit)) return canal;
    }
    return 'aucun';
  };
}

/** Whether it went that way; not, where they have none or it is refused for good. */
type Way = (context: ActivityContext, avis: AvisPatient, dit: DitAuPatient) => Promise<boolean>;

const WAYS: Readonly<Record<CanalPatient, Way>> = { email: byEmail, sms: bySms };

async function byEmail(context: ActivityContext, avis: AvisPatient, dit: DitAuPatient): Promise<boolean> {
  const { mail, mails, maison, secrets, publicUrl, timeZone } = context;
  const { email } = await contactOf(context, avis);
  if (email === null) return false;
  const messageId = messageIdOf(dit);
  const written = await mails.render({
    contenu: dit.contenu,
    langue: LANGUE,
    token: null,
    publicUrl,
    timeZone,
    maison: await maison(),
    desabonnement: null,
    correlationId: dit.evenement,
  });
  const jeton = returnToken(secrets, NO_MESSAGE, email);
  return taken(() =>
    mail.send({ messageId, to: { address: email }, ...written, correlationId: dit.evenement, jeton }),
  );
}

async function bySms(context: ActivityContext, avis: AvisPatient, dit: DitAuPatient): Promise<boolean> {
  const { sms, smsSegments, telephonePays } = context;
  const { telephone } = await contactOf(context, avis);
  const numero = telephone === null ? null : toE164(telephone, telephonePays);
  if (sms === null || numero === null || !takesSms(numero)) return false;
  const texte = texteSms(messageSms(dit.contenu, LANGUE), smsSegments);
  const cle = cleOf(messageIdOf(dit));
  return taken(() =>
    sms.send({ cle, a: numero, texte, decoupage: decoupage(texte), correlationId: dit.evenement }),
  );
}

/** Stable for what is told: a repeat can be told from a second message. */
function messageIdOf({ evenement }: DitAuPatient): string {
  return `<${evenement.replaceAll(':', '-')}@regie>`;
}

function contactOf({ medical, secrets }: ActivityContext, { id, cabinet_id }: AvisPatient) {
  return inCabinet(medical, cabinet_id, (tx) => coordonneesDe({ tx, secrets }, { id, cabinet_id }));
}

/** @throws what may pass with time. */
async function taken(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (error instanceof MailRefused || error instanceof SmsRefused) return false;
    throw error;
  }
}
