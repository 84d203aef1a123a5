import { z } from 'zod';
import { invalid } from '../../domain/errors';
import { MAX_URL, urlFault } from '../../net/addresses';
import { AddressRefused } from '../../net/outgoing';
import { subscribe, unsubscribe, vapidKeys } from '../../services/messages/push';
import type { AppContext } from '../context';
import { type Route, route } from '../http/route';

const tag = 'Notifications';

const endpoint = z
  .string()
  .min(1)
  .max(MAX_URL)
  .meta({ description: 'Une adresse publique en https, telle que le navigateur la donne' });

const subscriptionBody = z.strictObject({
  endpoint,
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({
    p256dh: z.string().max(100).meta({ description: 'Clé publique du navigateur (P-256, base64url)' }),
    auth: z.string().max(50).meta({ description: 'Secret de 16 octets (base64url)' }),
  }),
});

const keyAnswer = z.object({
  cle: z.string().meta({ description: '`applicationServerKey` (P-256, base64url)' }),
});

/** @throws {RegieError} `VALIDATION` unless the address is one that may be called. */
async function requirePublic({ outgoing, config }: AppContext, url: string): Promise<void> {
  const fault = urlFault(url, config.outgoing);
  if (fault !== null) throw invalid({ champ: 'endpoint', message: fault });
  try {
    await outgoing.confirm(url);
  } catch (error) {
    if (!(error instanceof AddressRefused)) throw error;
    throw invalid({ champ: 'endpoint', message: NOT_PUBLIC });
  }
}

const NOT_PUBLIC = { fr: 'Doit mener à une adresse publique', en: 'Must lead to a public address' };

/** Web push: browsers that their person is told in, closed or not. */
export const pushRoutes: Route[] = [
  route({
    method: 'get',
    path: '/notifications/push/cle',
    tag,
    summary: 'Lire la clé des messages push',
    description:
      'Celle avec laquelle un navigateur s’abonne (`applicationServerKey`, RFC 8292) ; elle ne change pas.',
    access: 'session',
    answer: { status: 200, description: 'La clé publique', schema: keyAnswer },
    handle: async ({ app }) => ({ body: { cle: (await vapidKeys(app.db, app.secrets)).publicKey } }),
  }),
  route({
    method: 'post',
    path: '/notifications/push/abonnements',
    tag,
    summary: 'Recevoir les messages push dans ce navigateur',
    description:
      'Le corps est ce que `PushSubscription.toJSON()` donne. L’abonnement dure autant que la session ; les messages ne ' +
      'contiennent que leur titre et de quoi lire le reste.',
    access: 'session',
    body: subscriptionBody,
    transaction: true,
    answer: { status: 204, description: 'Abonné' },
    examples: {
      body: {
        endpoint: 'https://push.example.com/send/abc',
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      },
    },
    prepare: ({ app, body }) => requirePublic(app, body.endpoint),
    handle: async ({ tx, access, actor, body: { endpoint: url, keys } }) => {
      await subscribe(tx, access, actor, { endpoint: url, ...keys });
      return { status: 204 };
    },
  }),
  route({
    method: 'delete',
    path: '/notifications/push/abonnements',
    tag,
    summary: 'Ne plus recevoir de messages push dans ce navigateur',
    access: 'session',
    body: z.strictObject({ endpoint }),
    transaction: true,
    answer: { status: 204, description: 'Désabonné, s’il était abonné' },
    examples: { body: { endpoint: 'https://push.example.com/send/abc' } },
    handle: async ({ tx, access, body }) => {
      await unsubscribe(tx, access, body.endpoint);
      return { status: 204 };
    },
  }),
];
