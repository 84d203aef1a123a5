import type { Context } from 'koa';
import { z } from 'zod';
import { notFound, RegieError } from '../../domain/errors';
import { isSigned } from '../../domain/signatures';
import { readRetour } from '../../mail/retours';
import { noteReturnedMail } from '../../services/identite/adresses-refusees';
import type { AppContext } from '../context';
import { type Route, route } from '../http/route';
import { signedHeaders } from '../http/signed';

/** What mail servers send back. */
export const emailRoutes: Route[] = [
  route({
    method: 'post',
    path: '/emails/retours',
    tag: 'Emails',
    summary: 'Transmettre un email revenu',
    description:
      'Le corps est la notification de non-remise telle quelle (RFC 3464, `multipart/report`), que la boîte de retour de ' +
      '`MAIL_FROM` transmet. Une adresse refusée pour de bon est notée sur la personne (`email_invalide`) et dite une fois ' +
      'aux administrateurs ; le reste ne change rien. Signé comme le veut Standard Webhooks (`Webhook-Id`, ' +
      '`Webhook-Timestamp`, `Webhook-Signature`) avec `RETOURS_SECRET`, il y a cinq minutes au plus.',
    access: 'public',
    body: z.string().meta({ description: 'La notification, octet pour octet ; 1 Mo au plus' }),
    bodyType: 'mail',
    transaction: true,
    answer: {
      status: 200,
      description: 'Lu',
      schema: z
        .object({
          adresse_refusee: z
            .boolean()
            .meta({ description: 'Une adresse à laquelle plus rien ne part, et qui ne l’était pas encore' }),
        })
        .meta({ id: 'RetourEmail' }),
    },
    refusals: ['NON_AUTHENTIFIE', 'INTROUVABLE', 'TROP_GROS'],
    examples: {
      body:
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n' +
        'Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n' +
        'Final-Recipient: rfc822; parti@example.com\nAction: failed\nStatus: 5.1.1\n\n--b\n' +
        'Content-Type: text/rfc822-headers\n\nX-Regie-Message: 1284.signature\n\n--b--\n',
    },
    prepare: async ({ app, ctx, body }) => {
      requireSignature(app, ctx, body);
      return readRetour(body);
    },
    handle: async ({ app, tx, actor, prepared }) => {
      const refused = prepared?.definitif && (await noteReturnedMail(tx, app.secrets, actor, prepared));
      return { body: { adresse_refusee: refused === true } };
    },
  }),
];

/** @throws {RegieError} `INTROUVABLE` where nothing is transmitted, `NON_AUTHENTIFIE` */
function requireSignature(
  { config: { retoursSecret }, clock }: AppContext,
  ctx: Context,
  body: string,
): void {
  if (retoursSecret === null) throw notFound();
  const bytes = Buffer.from(body, 'latin1');
  if (isSigned(signedHeaders(ctx), bytes, [Buffer.from(retoursSecret)], clock())) return;
  throw new RegieError('NON_AUTHENTIFIE', {
    detail: { fr: 'Signature absente, fausse ou périmée', en: 'No signature, or a wrong or old one' },
  });
}
