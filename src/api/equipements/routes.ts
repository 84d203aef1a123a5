import {
  createEquipement,
  deleteEquipement,
  listEquipements,
  readEquipement,
  updateEquipement,
} from '../../services/parc/equipements';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { equipementAnswer, equipementBody, equipementChanges, equipementQuery } from './schemas';

const tag = 'Équipements';
const example = {
  nom: 'Presse hydraulique PH-001',
  type: 'Presse',
  modele: 'HPX-2000',
  numero_serie: 'PH001-2023-001',
  localisation: 'Atelier A',
  date_installation: '2023-03-15T00:00:00Z',
  frequence_entretien: '30',
};

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/equipements/:id',
    tag,
    summary: 'Modifier un équipement',
    access: ['update', 'Equipement'],
    params: idParam,
    body: method === 'put' ? equipementBody : equipementChanges,
    transaction: true,
    answer: { status: 200, description: 'L’équipement', schema: equipementAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch }) => {
      const { timeZone } = app.config;
      return resource(await updateEquipement(tx, access, actor, params.id, body, ifMatch, timeZone));
    },
  });

export const equipementRoutes: Route[] = [
  route({
    method: 'get',
    path: '/equipements',
    tag,
    summary: 'Lister les équipements',
    access: ['read', 'Equipement'],
    query: equipementQuery,
    answer: { status: 200, description: 'Les équipements', schema: equipementAnswer, list: true },
    handle: async ({ app, access, actor, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const request = { limit, offset, sort, curseur };
      return page({ ctx }, await listEquipements(app.db, access, filters, request, actor.now));
    },
  }),
  route({
    method: 'post',
    path: '/equipements',
    tag,
    summary: 'Créer un équipement',
    access: ['create', 'Equipement'],
    body: equipementBody,
    transaction: true,
    answer: { status: 201, description: 'L’équipement créé', schema: equipementAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body }) =>
      resource(await createEquipement(tx, access, actor, body, app.config.timeZone), 201),
  }),
  route({
    method: 'get',
    path: '/equipements/:id',
    tag,
    summary: 'Lire un équipement',
    access: ['read', 'Equipement'],
    params: idParam,
    answer: { status: 200, description: 'L’équipement', schema: equipementAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readEquipement(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/equipements/:id',
    tag,
    summary: 'Supprimer un équipement',
    access: ['delete', 'Equipement'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteEquipement(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
