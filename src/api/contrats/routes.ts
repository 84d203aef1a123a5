import {
  createContrat,
  deleteContrat,
  listContrats,
  readContrat,
  updateContrat,
} from '../../services/parc/contrats';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { contratAnswer, contratBody, contratChanges, contratQuery } from './schemas';

const tag = 'Contrats';
const example = {
  reference: 'C-2027-014',
  client_id: 4,
  site_id: 1,
  equipements: [],
  niveau_service_id: 1,
  date_debut: '2027-01-01',
  date_fin: '2027-12-31',
  visites_incluses: 12,
  preavis_jours: 60,
};
const FOLLOWED =
  'Le contrat qui nomme un équipement l’emporte sur celui de son site, et celui-ci sur celui de son client ; celui du jour ' +
  'de la création vaut. Les interventions ouvertes qu’il concerne suivent, en une à deux minutes.';

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/contrats/:id',
    tag,
    summary: 'Modifier un contrat',
    description: FOLLOWED,
    access: ['update', 'Contrat'],
    params: idParam,
    body: method === 'put' ? contratBody : contratChanges,
    transaction: true,
    answer: { status: 200, description: 'Le contrat', schema: contratAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch }) =>
      resource(await updateContrat(tx, access, actor, params.id, body, ifMatch, app.config.timeZone)),
  });

export const contratRoutes: Route[] = [
  route({
    method: 'get',
    path: '/contrats',
    tag,
    summary: 'Lister les contrats',
    description:
      'Un client lit les siens, un responsable de sites ceux de ses sites. `alerte` montre ceux qui prennent fin ' +
      'bientôt, ou dont les visites sont épuisées.',
    access: ['read', 'Contrat'],
    query: contratQuery,
    answer: { status: 200, description: 'Les contrats', schema: contratAnswer, list: true },
    handle: async ({ app, access, actor, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const request = { limit, offset, sort, curseur };
      const moment = { now: actor.now, timeZone: app.config.timeZone };
      return page({ ctx }, await listContrats(app.db, access, filters, request, moment));
    },
  }),
  route({
    method: 'post',
    path: '/contrats',
    tag,
    summary: 'Ajouter un contrat',
    description: FOLLOWED,
    access: ['create', 'Contrat'],
    body: contratBody,
    transaction: true,
    answer: { status: 201, description: 'Le contrat ajouté', schema: contratAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body }) =>
      resource(await createContrat(tx, access, actor, body, app.config.timeZone), 201),
  }),
  route({
    method: 'get',
    path: '/contrats/:id',
    tag,
    summary: 'Lire un contrat',
    access: ['read', 'Contrat'],
    params: idParam,
    answer: { status: 200, description: 'Le contrat', schema: contratAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, actor, params }) => {
      const moment = { now: actor.now, timeZone: app.config.timeZone };
      return resource(await readContrat(app.db, access, params.id, moment));
    },
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/contrats/:id',
    tag,
    summary: 'Supprimer un contrat',
    description: `Ce qu’il promettait ne vaut plus. ${FOLLOWED}`,
    access: ['delete', 'Contrat'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, tx, access, actor, params }) => {
      await deleteContrat(tx, access, actor, params.id, app.config.timeZone);
      return { status: 204 };
    },
  }),
];
