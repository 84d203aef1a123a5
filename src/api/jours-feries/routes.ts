import {
  createFerie,
  deleteFerie,
  listFeries,
  readFerie,
  updateFerie,
} from '../../services/planification/feries';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { ferieAnswer, ferieBody, ferieChanges, ferieQuery } from './schemas';

const tag = 'Jours fériés';
const example = {
  pays: 'MA',
  date: '2027-03-10',
  libelle: 'Aïd Al Fitr, premier jour',
  statut: 'confirme',
  demi_journee: null,
};
const RECOUNTED = 'Les délais comptés en heures ouvrées suivent, en une à deux minutes.';

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/jours-feries/:id',
    tag,
    summary: 'Déplacer, confirmer ou renommer un jour férié',
    description: RECOUNTED,
    access: ['update', 'JourFerie'],
    params: idParam,
    body: method === 'put' ? ferieBody : ferieChanges,
    transaction: true,
    answer: { status: 200, description: 'Le jour férié', schema: ferieAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateFerie(tx, access, actor, params.id, body, ifMatch)),
  });

export const ferieRoutes: Route[] = [
  route({
    method: 'get',
    path: '/jours-feries',
    tag,
    summary: 'Lister les jours fériés',
    access: ['read', 'JourFerie'],
    query: ferieQuery,
    answer: { status: 200, description: 'Les jours fériés', schema: ferieAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listFeries(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/jours-feries',
    tag,
    summary: 'Ajouter un jour férié',
    description: RECOUNTED,
    access: ['create', 'JourFerie'],
    body: ferieBody,
    transaction: true,
    answer: { status: 201, description: 'Le jour férié ajouté', schema: ferieAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createFerie(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/jours-feries/:id',
    tag,
    summary: 'Lire un jour férié',
    access: ['read', 'JourFerie'],
    params: idParam,
    answer: { status: 200, description: 'Le jour férié', schema: ferieAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readFerie(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/jours-feries/:id',
    tag,
    summary: 'Supprimer un jour férié',
    description: `Livré ou ajouté, il ne revient pas de lui-même. ${RECOUNTED}`,
    access: ['delete', 'JourFerie'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteFerie(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
