import { readUnsubscribeToken } from '../../auth/unsubscribing';
import { notFound, RegieError } from '../../domain/errors';
import {
  countUnread,
  listNotifications,
  markAllRead,
  markRead,
  removeNotification,
  sendMessage,
  sendNotification,
} from '../../services/messages/notifications';
import { readPreferences, savePreferences, unsubscribe } from '../../services/messages/preferences';
import { listRegles, updateRegle } from '../../services/messages/regles';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  notificationAnswer,
  notificationBody,
  notificationQuery,
  preferencesAnswer,
  preferencesBody,
  readAnswer,
  regleAnswer,
  regleBody,
  regleParams,
  sentAnswer,
  unsubscribeParams,
} from './schemas';
import { unsubscribePage } from './unsubscribe-page';

const tag = 'Notifications';

const NOT_A_SOCKET = {
  fr: 'S’ouvre par un WebSocket : `Upgrade` n’est pas arrivé, peut-être retenu par un proxy',
  en: 'Opened by a WebSocket: no `Upgrade` has come, a proxy may have kept it',
};

export const notificationRoutes: Route[] = [
  route({
    method: 'get',
    path: '/notifications',
    tag,
    summary: 'Lister ses notifications, les plus récentes d’abord',
    access: ['read', 'Notification'],
    query: notificationQuery,
    answer: {
      status: 200,
      description: 'Les notifications',
      schema: notificationAnswer,
      list: true,
      unread: true,
    },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const [listed, unread] = await Promise.all([
        listNotifications(app.db, access, filters, { limit, offset, sort, curseur }),
        countUnread(app.db, access),
      ]);
      const { body, headers } = page({ ctx }, listed);
      return { body, headers: { ...headers, 'X-Unread-Count': String(unread) } };
    },
  }),
  route({
    method: 'post',
    path: '/notifications',
    tag,
    summary: 'Envoyer une notification',
    description:
      'À une personne (`destinataire_id`), à plusieurs (`destinataires`), à des rôles ou à un site, parmi ceux que l’on ' +
      'atteint. Par email, SMS ou push, elle arrive à qui n’a pas éteint ces canaux pour `message.envoye`.',
    access: ['create', 'Notification'],
    body: notificationBody,
    transaction: true,
    answer: {
      status: 201,
      description: 'La notification, ou combien de personnes la reçoivent',
      schema: sentAnswer,
    },
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
    about: (body) => {
      const { destinataire_id: id } = body as { destinataire_id?: number };
      return id === undefined ? null : { subject: 'User', id };
    },
    handle: async ({ tx, access, actor, body: { destinataire_id, ...body } }) => {
      if (destinataire_id === undefined) {
        return { status: 201, body: { destinataires: await sendMessage(tx, access, actor, body) } };
      }
      const { titre, message, type, metadata } = body;
      const fields = { destinataire_id, titre, message, type, metadata };
      return resource(await sendNotification(tx, access, actor, fields), 201);
    },
  }),
  route({
    method: 'get',
    path: '/notifications/ws',
    tag,
    summary: 'Suivre ce qui se passe, par WebSocket',
    description:
      'S’ouvre par `Upgrade: websocket`, sans rien dans l’adresse. Le premier message, dans les 5 s, est `{"type": "auth", "token"}`, ' +
      'suivi au retour d’une coupure de `{"type": "reprendre", "depuis": <id>}`. Viennent ensuite `{"type": "notification"|"changement", ' +
      'id, evenement, ressource, id_ressource, version, date}` (ses notifications, et ce que l’on peut lire : rien que des ' +
      'identifiants) et `{"type": "compteur", id, non_lues}` (tout est dit jusqu’à `id`). `{"type": "relire", id}` : trop ancien, ' +
      'tout relire. Un autre `auth` avant la fin du jeton prolonge la connexion. Fermetures : 1001 arrêt du serveur, 4400 message ' +
      'non valide, 4401 jeton ou session finis, 4403 rôle changé, 4408 lecture trop lente, 4429 trop de connexions.',
    access: 'public',
    answer: { status: 101, description: 'La connexion devient un WebSocket' },
    refusals: ['INTERDIT'],
    handle: () => {
      throw new RegieError('REQUETE_MALFORMEE', { detail: NOT_A_SOCKET });
    },
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
  route({
    method: 'delete',
    path: '/notifications/:id',
    tag,
    summary: 'Retirer une notification',
    access: ['delete', 'Notification'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Retirée' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await removeNotification(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/notifications/regles',
    tag,
    summary: 'Lire qui apprend quoi, par quels canaux et avec quelle urgence',
    access: ['read', 'RegleNotification'],
    answer: { status: 200, description: 'Toutes les règles', schema: regleAnswer.array() },
    handle: async ({ app, access }) => ({ body: await listRegles(app.db, access) }),
  }),
  route({
    method: 'put',
    path: '/notifications/regles/:evenement',
    tag,
    summary: 'Changer une règle',
    description: 'Ce qui n’est pas nommé redevient celui de la livraison. Vaut pour ce qui arrive désormais.',
    access: ['update', 'RegleNotification'],
    params: regleParams,
    body: regleBody,
    transaction: true,
    answer: { status: 200, description: 'La règle', schema: regleAnswer },
    refusals: ['VERSION_PERIMEE'],
    examples: {
      body: { destinataires: ['technicien', 'equipier'], canaux: ['application', 'email', 'sms'] },
    },
    about: () => null,
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateRegle(tx, access, actor, params.evenement, body, ifMatch)),
  }),
  route({
    method: 'get',
    path: '/notifications/preferences',
    tag,
    summary: 'Lire comment on veut être prévenu',
    access: 'session',
    answer: { status: 200, description: 'Ses préférences', schema: preferencesAnswer },
    handle: async ({ app, access }) => resource(await readPreferences(app.db, access)),
  }),
  route({
    method: 'put',
    path: '/notifications/preferences',
    tag,
    summary: 'Dire comment on veut être prévenu',
    description:
      'Par événement et par canal, avec des heures calmes et un résumé quotidien. Ce qui est critique n’attend jamais ; ' +
      'ce qui concerne le compte ne s’éteint pas.',
    access: 'session',
    body: preferencesBody,
    transaction: true,
    answer: { status: 200, description: 'Ses préférences', schema: preferencesAnswer },
    refusals: ['VERSION_PERIMEE'],
    examples: {
      body: {
        evenements: { 'intervention.demarree': { email: false } },
        heures_calmes: { debut: '22:00', fin: '07:00' },
        resume_quotidien: 8,
        fuseau_horaire: 'Africa/Casablanca',
      },
    },
    handle: async ({ tx, access, actor, body, ifMatch }) =>
      resource(await savePreferences(tx, access, actor, body, ifMatch)),
  }),
  route({
    method: 'get',
    path: '/notifications/desabonnement/:jeton',
    tag,
    summary: 'Voir ce qu’un lien de désabonnement éteint',
    description: 'La page d’un lien reçu par email ; elle ne change rien.',
    access: 'public',
    params: unsubscribeParams,
    answer: { status: 200, description: 'La page', contentType: 'text/html' },
    handle: ({ app, params, ctx }) => {
      if (readUnsubscribeToken(app.secrets, params.jeton) === null) throw notFound();
      return unsubscribePage(ctx, false);
    },
  }),
  route({
    method: 'post',
    path: '/notifications/desabonnement/:jeton',
    tag,
    summary: 'Ne plus recevoir ces emails',
    description: 'En un clic du programme de messagerie, sans compte (RFC 8058).',
    access: 'public',
    params: unsubscribeParams,
    // Whatever the body says, and however it is written: to send it is what counts.
    transaction: true,
    answer: { status: 200, description: 'C’est fait', contentType: 'text/html' },
    about: () => null,
    handle: async ({ app, tx, actor, params, ctx }) => {
      const desabonnement = readUnsubscribeToken(app.secrets, params.jeton);
      if (desabonnement === null) throw notFound();
      await unsubscribe(tx, actor, desabonnement);
      return unsubscribePage(ctx, true);
    },
  }),
];
