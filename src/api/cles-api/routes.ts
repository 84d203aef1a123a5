import {
  createCleApi,
  listClesApi,
  readCleApi,
  revokeCleApi,
  updateCleApi,
} from '../../services/identite/cles-api';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { cleApiAnswer, cleApiBody, cleApiChanges, cleApiQuery, newCleApiAnswer } from './schemas';

const tag = 'Clés d’API';
const example = {
  nom: 'Capteurs de l’atelier A',
  role: 'technicien',
  chemins: ['GET /equipements', '/interventions'],
  date_expiration: '2027-12-19T00:00:00Z',
};

/** Keys of machines, which no machine manages. */
export const cleApiRoutes: Route[] = [
  route({
    method: 'get',
    path: '/cles-api',
    tag,
    summary: 'Lister les clés',
    description: 'Les clés révoquées y restent.',
    access: ['read', 'CleApi'],
    query: cleApiQuery,
    answer: { status: 200, description: 'Les clés', schema: cleApiAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listClesApi(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/cles-api',
    tag,
    summary: 'Créer une clé',
    description:
      'Elle s’envoie dans `Authorization: Bearer regie_…` et agit au nom de qui l’a créée, avec le rôle donné. Elle ' +
      'cesse de servir à son échéance, à sa révocation, à la désactivation de cette personne, et tant que celle-ci ' +
      'n’est ni administrateur ni du rôle de la clé. Une clé n’atteint ni les sessions, ni les mots de passe, ni les ' +
      'adresses, ni les clés, ni le profil et les notifications de qui l’a créée ; des comptes, rien d’un administrateur.',
    access: ['create', 'CleApi'],
    body: cleApiBody,
    transaction: true,
    answer: {
      status: 201,
      description: 'La clé, montrée cette seule fois',
      schema: newCleApiAnswer,
      secret: true,
    },
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createCleApi(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/cles-api/:id',
    tag,
    summary: 'Lire une clé',
    access: ['read', 'CleApi'],
    params: idParam,
    answer: { status: 200, description: 'La clé', schema: cleApiAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readCleApi(app.db, access, params.id)),
  }),
  route({
    method: 'patch',
    path: '/cles-api/:id',
    tag,
    summary: 'Modifier une clé',
    description: 'Son rôle ne change pas : un autre rôle est une autre clé.',
    access: ['update', 'CleApi'],
    params: idParam,
    body: cleApiChanges,
    transaction: true,
    answer: { status: 200, description: 'La clé', schema: cleApiAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'VERSION_PERIMEE'],
    examples: { body: { nom: example.nom, chemins: ['GET /equipements'] } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateCleApi(tx, access, actor, params.id, body, ifMatch)),
  }),
  route({
    method: 'delete',
    path: '/cles-api/:id',
    tag,
    summary: 'Révoquer une clé',
    access: ['delete', 'CleApi'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Révoquée' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await revokeCleApi(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
