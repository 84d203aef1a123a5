import {
  listNotifications,
  markAllRead,
  markRead,
  sendNotification,
} from '../../services/messages/notifications';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { notificationAnswer, notificationBody, notificationQuery, readAnswer } from './schemas';

const tag = 'Notifications';

export const notificationRoutes: Route[] = [
  route({
    method: 'get',
    path: '/notifications',
    tag,
    summary: 'Lister ses notifications, les plus récentes d’abord',
    access: ['read', 'Notification'],
    query: notificationQuery,
    answer: { status: 200, description: 'Les notifications', schema: notificationAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listNotifications(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/notifications',
    tag,
    summary: 'Envoyer une notification',
    access: ['create', 'Notification'],
    body: notificationBody,
    transaction: true,
    answer: { status: 201, description: 'La notification', schema: notificationAnswer },
    examples: {
      body: {
        destinataire_id: 5,
        titre: 'Réunion avancée',
        message: 'Le point de lundi a lieu à 8 h 30.',
        type: 'info',
        metadata: { salle: 'A2' },
      },
    },
    // Its reader alone sees it: whoever sent it has to see them.
    about: (body) => ({ subject: 'User', id: (body as { destinataire_id: number }).destinataire_id }),
    handle: async ({ tx, access, actor, body }) =>
      resource(await sendNotification(tx, access, actor, body), 201),
  }),
  route({
    method: 'put',
    path: '/notifications/lues',
    tag,
    summary: 'Marquer toutes ses notifications comme lues',
    access: ['update', 'Notification'],
    transaction: true,
    answer: { status: 200, description: 'Le nombre de notifications lues', schema: readAnswer },
    handle: async ({ tx, access, actor }) => ({ body: { lues: await markAllRead(tx, access, actor) } }),
  }),
  route({
    method: 'put',
    path: '/notifications/:id/lue',
    tag,
    summary: 'Marquer une notification comme lue',
    access: ['update', 'Notification'],
    params: idParam,
    transaction: true,
    answer: { status: 200, description: 'La notification', schema: notificationAnswer },
    handle: async ({ tx, access, actor, params }) => resource(await markRead(tx, access, actor, params.id)),
  }),
];
