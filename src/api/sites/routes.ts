import { createSite, deleteSite, listSites, readSite, updateSite } from '../../services/parc/sites';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { siteAnswer, siteBody, siteChanges, siteQuery } from './schemas';

const tag = 'Sites';
const example = {
  nom: 'Usine de Khouribga',
  adresse: 'Route de Fquih Ben Salah, Khouribga',
  fuseau_horaire: 'Africa/Casablanca',
  pays: 'MA',
  horaires: {
    1: [
      ['08:00', '12:00'],
      ['14:00', '18:00'],
    ],
    5: [['08:00', '12:00']],
  },
  fermetures: [{ date_debut: '2027-08-02', date_fin: '2027-08-20', motif: 'Congés annuels' }],
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/sites/:id',
    tag,
    summary: 'Modifier un site',
    description:
      'Les délais comptés en heures ouvrées suivent les horaires, les fermetures, le pays et le fuseau, en une à deux ' +
      'minutes ; un responsable change ses sites.',
    access: ['update', 'Site'],
    params: idParam,
    body: method === 'put' ? siteBody : siteChanges,
    transaction: true,
    answer: { status: 200, description: 'Le site', schema: siteAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch }) =>
      resource(await updateSite(tx, access, actor, params.id, body, ifMatch, app.config.timeZone)),
  });

export const siteRoutes: Route[] = [
  route({
    method: 'get',
    path: '/sites',
    tag,
    summary: 'Lister les sites',
    access: ['read', 'Site'],
    query: siteQuery,
    answer: { status: 200, description: 'Les sites', schema: siteAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listSites(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/sites',
    tag,
    summary: 'Créer un site',
    description: 'Par qui voit tous les sites.',
    access: ['create', 'Site'],
    body: siteBody,
    transaction: true,
    answer: { status: 201, description: 'Le site créé', schema: siteAnswer },
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body }) =>
      resource(await createSite(tx, access, actor, body, app.config.timeZone), 201),
  }),
  route({
    method: 'get',
    path: '/sites/:id',
    tag,
    summary: 'Lire un site',
    access: ['read', 'Site'],
    params: idParam,
    answer: { status: 200, description: 'Le site', schema: siteAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readSite(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/sites/:id',
    tag,
    summary: 'Supprimer un site',
    description:
      'Par qui voit tous les sites. Tant qu’un équipement ou un contrat en est, 409 `DEPENDANCES`, avec leur nombre ; les ' +
      'personnes qui en étaient n’en sont plus.',
    access: ['delete', 'Site'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE', 'DEPENDANCES', 'VERSION_PERIMEE'],
    handle: async ({ tx, access, actor, params, ifMatch }) => {
      await deleteSite(tx, access, actor, params.id, ifMatch);
      return { status: 204 };
    },
  }),
];
