import { closeOtherSessions, closeSession, listSessions } from '../../services/identite/sessions';
import { type Route, route } from '../http/route';
import { sessionAnswers, sessionParam } from './schemas';

const tag = 'Authentification';

/** Where somebody is signed in, and the end of it. */
export const sessionRoutes: Route[] = [
  route({
    method: 'get',
    path: '/auth/sessions',
    tag,
    summary: 'Lister ses sessions',
    description: 'Celles qui durent, la plus récemment utilisée d’abord.',
    access: 'session',
    answer: { status: 200, description: 'Les sessions', schema: sessionAnswers },
    handle: async ({ app, access, actor }) => ({ body: await listSessions(app.db, access, actor.now) }),
  }),
  route({
    method: 'delete',
    path: '/auth/sessions',
    tag,
    summary: 'Mettre fin à ses autres sessions',
    description: 'Toutes sauf celle de la requête.',
    access: 'session',
    transaction: true,
    answer: { status: 204, description: 'Elles ont pris fin, avec tous leurs jetons' },
    handle: async ({ tx, access, actor }) => {
      await closeOtherSessions(tx, access, actor);
      return { status: 204 };
    },
  }),
  route({
    method: 'delete',
    path: '/auth/sessions/:id',
    tag,
    summary: 'Mettre fin à une de ses sessions',
    access: 'session',
    params: sessionParam,
    transaction: true,
    answer: { status: 204, description: 'Elle a pris fin, avec tous ses jetons' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await closeSession(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
