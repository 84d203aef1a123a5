import { ConfirmedUrl } from '../../net/confirmed-url';
import { listLivraisons, replayLivraison, tryWebhook } from '../../services/echanges/livraisons';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  readWebhook,
  rotateSecret,
  updateWebhook,
} from '../../services/echanges/webhooks';
import type { AppContext } from '../context';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  livraisonAnswer,
  livraisonQuery,
  newWebhookAnswer,
  webhookAnswer,
  webhookBody,
  webhookChanges,
  webhookQuery,
} from './schemas';

const tag = 'Webhooks';
const example = { url: 'https://si.exemple.ma/regie', evenements: ['intervention.*', 'piece.stock_bas'] };

const SIGNED =
  'Chaque livraison est un POST signé selon Standard Webhooks : `Webhook-Id`, `Webhook-Timestamp`, `Webhook-Signature` ; ' +
  'son corps est `{id, evenement, date, ressource, id_ressource, version}`. Toute réponse 2xx en moins de 10 secondes vaut ' +
  'réception ; sinon elle est réessayée pendant un jour, dans l’ordre de chaque ressource. Le même événement peut arriver ' +
  'deux fois, sous le même `Webhook-Id`.';

const confirmed = ({ outgoing, config }: AppContext, url: string) =>
  ConfirmedUrl.of(outgoing, url, config.outgoing);

/** Other systems that are told of what happens. */
export const webhookRoutes: Route[] = [
  route({
    method: 'get',
    path: '/webhooks',
    tag,
    summary: 'Lister les webhooks',
    access: ['read', 'Webhook'],
    query: webhookQuery,
    answer: { status: 200, description: 'Les webhooks', schema: webhookAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listWebhooks(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/webhooks',
    tag,
    summary: 'Créer un webhook',
    description: SIGNED,
    access: ['create', 'Webhook'],
    body: webhookBody,
    prepare: ({ app, body }) => confirmed(app, body.url),
    transaction: true,
    answer: {
      status: 201,
      description: 'Le webhook, et son secret, montré cette seule fois',
      schema: newWebhookAnswer,
      secret: true,
    },
    refusals: ['LIMITE_ATTEINTE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body, prepared: url }) =>
      resource(await createWebhook(tx, app.secrets, access, actor, { ...body, url }), 201),
  }),
  route({
    method: 'get',
    path: '/webhooks/:id',
    tag,
    summary: 'Lire un webhook',
    access: ['read', 'Webhook'],
    params: idParam,
    answer: { status: 200, description: 'Le webhook', schema: webhookAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readWebhook(app.db, access, params.id)),
  }),
  route({
    method: 'patch',
    path: '/webhooks/:id',
    tag,
    summary: 'Modifier un webhook',
    description:
      'Désactivé, il ne reçoit plus rien de ce qui se passe, et ce qui attendait est abandonné ; réactivé, il reçoit ce ' +
      'qui se passe dès lors.',
    access: ['update', 'Webhook'],
    params: idParam,
    body: webhookChanges,
    prepare: async ({ app, body }) => (body.url === undefined ? {} : { url: await confirmed(app, body.url) }),
    transaction: true,
    answer: { status: 200, description: 'Le webhook', schema: webhookAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: { evenements: ['intervention.terminee'] } },
    handle: async ({ tx, access, actor, params, body: { url: _, ...rest }, prepared, ifMatch }) =>
      resource(await updateWebhook(tx, access, actor, params.id, { ...rest, ...prepared }, ifMatch)),
  }),
  route({
    method: 'delete',
    path: '/webhooks/:id',
    tag,
    summary: 'Supprimer un webhook',
    description: 'Ses livraisons partent avec lui.',
    access: ['delete', 'Webhook'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteWebhook(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/secret',
    tag,
    summary: 'Changer le secret',
    description:
      'Pendant un jour, chaque livraison porte deux signatures : du nouveau secret et de celui qu’il remplace. Changer deux ' +
      'fois de suite met aussitôt fin à un secret éventé.',
    access: ['update', 'Webhook'],
    params: idParam,
    transaction: true,
    answer: {
      status: 200,
      description: 'Le webhook, et son nouveau secret, montré cette seule fois',
      schema: newWebhookAnswer,
      secret: true,
    },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    handle: async ({ app, tx, access, actor, params, ifMatch }) =>
      resource(await rotateSecret(tx, app.secrets, access, actor, params.id, ifMatch)),
  }),
  route({
    method: 'post',
    path: '/webhooks/:id/essai',
    tag,
    summary: 'Essayer un webhook',
    description:
      'Livre une fois `webhook.essai`, même à un webhook désactivé ; ce qu’il en advient se lit parmi ses livraisons.',
    access: ['update', 'Webhook'],
    params: idParam,
    transaction: true,
    answer: { status: 202, description: 'La livraison à venir', schema: livraisonAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const livraison = await tryWebhook(tx, access, actor, params.id);
      afterCommit(() => app.engine.wakeWebhookInBackground(params.id));
      return { status: 202, body: livraison };
    },
  }),
  route({
    method: 'get',
    path: '/webhooks/:id/livraisons',
    tag,
    summary: 'Voir ce qui a été livré',
    description: 'Gardé 30 jours.',
    access: ['read', 'Webhook'],
    params: idParam,
    query: livraisonQuery,
    answer: {
      status: 200,
      description: 'Les livraisons, de la dernière à la première',
      schema: livraisonAnswer,
      list: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page(
        { ctx },
        await listLivraisons(app.db, access, params.id, filters, { limit, offset, sort, curseur }),
      ),
  }),
  route({
    method: 'post',
    path: '/webhooks/livraisons/:id/rejouer',
    tag,
    summary: 'Rejouer une livraison',
    description:
      'Sous le même `Webhook-Id`. Celle qui attend un essai est essayée aussitôt, à sa place ; livrée ou abandonnée, elle ' +
      'repart hors de l’ordre de sa ressource.',
    access: ['update', 'Livraison'],
    params: idParam,
    transaction: true,
    answer: { status: 202, description: 'La livraison à venir', schema: livraisonAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const livraison = await replayLivraison(tx, access, actor, params.id);
      afterCommit(() => app.engine.wakeWebhookInBackground(livraison.webhook_id));
      return { status: 202, body: livraison };
    },
  }),
];
