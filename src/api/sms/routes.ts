import type { Context } from 'koa';
import { notFound, RegieError } from '../../domain/errors';
import { isSigned, signingKey } from '../../domain/signatures';
import { type Ecoute, type Rappel, recordEntrant, recordStatut } from '../../services/messages/sms';
import type { AppContext } from '../context';
import { type Answer, type Route, route } from '../http/route';
import { signedHeaders } from '../http/signed';
import { entrantBody, statutBody } from './schemas';

const tag = 'SMS';
const SIGNED =
  'Signé comme le veut Standard Webhooks (`Webhook-Id`, `Webhook-Timestamp`, `Webhook-Signature`) avec `SMS_SECRET`, ' +
  'il y a cinq minutes au plus. Le même `Webhook-Id` avec une heure plus récente est une répétition, et ne change rien ; ' +
  'la même requête une seconde fois est refusée.';

/** @throws {RegieError} `INTROUVABLE` where no gateway tells anything, `NON_AUTHENTIFIE` */
function verify({ config, clock }: AppContext, ctx: Context, body: string): void {
  const { secret } = config.sms;
  if (secret === null) throw notFound();
  if (!isSigned(signedHeaders(ctx), body, [signingKey(secret)], clock())) throw unsigned();
}

function unsigned(): RegieError {
  return new RegieError('NON_AUTHENTIFIE', {
    detail: {
      fr: 'Signature absente, fausse, périmée ou déjà vue',
      en: 'No signature, or a wrong, old or used one',
    },
  });
}

function rappelOf(ctx: Context): Rappel {
  return { id: ctx.get('Webhook-Id'), horodatage: Number(ctx.get('Webhook-Timestamp')) };
}

function answerTo(ecoute: Ecoute): Answer {
  if (ecoute === 'rejoue') throw unsigned();
  return { status: 204 };
}

const shared = {
  method: 'post',
  tag,
  access: 'public',
  // Every text message comes back two or three times, from one address.
  limited: false,
  bodyType: 'signed-json',
  transaction: true,
  answer: { status: 204, description: 'Entendu' },
  refusals: ['NON_AUTHENTIFIE', 'INTROUVABLE'],
  verify,
} as const;

/** What the gateway of text messages tells us. */
export const smsRoutes: Route[] = [
  route({
    ...shared,
    path: '/sms/statuts',
    summary: 'Dire ce qu’il advient d’un SMS',
    description: `Dans n’importe quel ordre et aussi souvent qu’on veut : un état ne recule jamais. ${SIGNED}`,
    body: statutBody,
    examples: {
      body: { cle: 'intervention-12-assignee-7@regie', statut: 'livre', date: '2026-11-29T09:00:00Z' },
    },
    handle: async ({ tx, actor, body, ctx }) =>
      answerTo(await recordStatut(tx, rappelOf(ctx), body, actor.now)),
  }),
  route({
    ...shared,
    path: '/sms/entrants',
    summary: 'Transmettre un SMS reçu',
    description: `STOP : ce numéro ne reçoit plus de SMS, jusqu’à START. Le reste n’est pas gardé. ${SIGNED}`,
    body: entrantBody,
    examples: { body: { de: '+212612345678', texte: 'STOP', date: '2026-11-29T09:00:00Z' } },
    handle: async ({ tx, actor, body, ctx }) =>
      answerTo(await recordEntrant(tx, rappelOf(ctx), body, actor.now)),
  }),
];
