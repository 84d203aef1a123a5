import { POLITIQUE_INTEGREE } from '../../domain/parc/niveaux';
import {
  createNiveau,
  deleteNiveau,
  listNiveaux,
  readNiveau,
  updateNiveau,
} from '../../services/parc/niveaux';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { niveauAnswer, niveauBody, niveauChanges, niveauQuery } from './schemas';

const tag = 'Niveaux de service';
const example = {
  nom: 'Premium 24/7',
  calendrier: 'ouvre',
  delais: POLITIQUE_INTEGREE.delais,
  niveaux: [
    { a: '-25%', destinataires: ['technicien'] },
    { a: '+0', destinataires: ['technicien', 'responsable'] },
    { a: '+PT1H', destinataires: ['admin', 'client'] },
  ],
  attente_motifs: [{ motif: 'accès refusé', arrete_horloge: true }],
};
const FOLLOWED =
  'Les interventions ouvertes qu’il régit suivent, en une à deux minutes : les échéances à venir sont recomptées depuis ' +
  'l’origine, ce qui a été dit n’est pas redit, ce qui est dépassé le reste.';

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/niveaux-service/:id',
    tag,
    summary: 'Modifier un niveau de service',
    description: FOLLOWED,
    access: ['update', 'NiveauService'],
    params: idParam,
    body: method === 'put' ? niveauBody : niveauChanges,
    transaction: true,
    answer: { status: 200, description: 'Le niveau de service', schema: niveauAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(await updateNiveau(tx, access, actor, params.id, body, ifMatch)),
  });

export const niveauRoutes: Route[] = [
  route({
    method: 'get',
    path: '/niveaux-service',
    tag,
    summary: 'Lister les niveaux de service',
    access: ['read', 'NiveauService'],
    query: niveauQuery,
    answer: { status: 200, description: 'Les niveaux de service', schema: niveauAnswer, list: true },
    handle: async ({ app, access, query, ctx }) => page({ ctx }, await listNiveaux(app.db, access, query)),
  }),
  route({
    method: 'post',
    path: '/niveaux-service',
    tag,
    summary: 'Définir un niveau de service',
    description:
      'Par qui voit tous les sites. Un contrat l’applique à un client, à un site ou à des équipements ; sans contrat, ' +
      'les délais de la maison valent.',
    access: ['create', 'NiveauService'],
    body: niveauBody,
    transaction: true,
    answer: { status: 201, description: 'Le niveau de service créé', schema: niveauAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ tx, access, actor, body }) => resource(await createNiveau(tx, access, actor, body), 201),
  }),
  route({
    method: 'get',
    path: '/niveaux-service/:id',
    tag,
    summary: 'Lire un niveau de service',
    access: ['read', 'NiveauService'],
    params: idParam,
    answer: { status: 200, description: 'Le niveau de service', schema: niveauAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readNiveau(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/niveaux-service/:id',
    tag,
    summary: 'Supprimer un niveau de service',
    description: 'Tant qu’un contrat le nomme ou qu’une intervention l’a eu, 409 `DEPENDANCES`.',
    access: ['delete', 'NiveauService'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteNiveau(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
