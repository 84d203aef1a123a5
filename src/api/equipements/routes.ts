import type { z } from 'zod';
import {
  createEquipement,
  deleteEquipement,
  listEquipements,
  readEquipement,
  updateEquipement,
} from '../../services/equipements';
import { page, type Route, resource, route } from '../route';
import { idParam, startOf } from '../schemas';
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

const DATES = ['date_installation', 'derniere_maintenance'] as const;
type Dates = (typeof DATES)[number];
type InZone<Body> = {
  [Field in keyof Body]: Field extends Dates ? Exclude<Body[Field], string> | Date : Body[Field];
};

/** Dates become instants of the site; the body is otherwise as given. */
function inZone<Body extends Partial<z.output<typeof equipementBody>>>(
  body: Body,
  timeZone: string,
): InZone<Body> {
  const dates = DATES.filter((field) => typeof body[field] === 'string').map((field) => [
    field,
    startOf(body[field]!, timeZone),
  ]);
  return { ...body, ...Object.fromEntries(dates) };
}

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
      const changes = inZone(body, timeZone);
      return resource(await updateEquipement(tx, access, actor, params.id, changes, ifMatch, timeZone));
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
      const { timeZone } = app.config;
      const request = { limit, offset, sort, curseur };
      const { now } = actor;
      return page({ ctx }, await listEquipements(app.db, access, filters, request, { timeZone, now }));
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
    handle: async ({ app, tx, access, actor, body }) => {
      const { timeZone } = app.config;
      return resource(await createEquipement(tx, access, actor, inZone(body, timeZone), timeZone), 201);
    },
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
    handle: async ({ app, access, params }) =>
      resource(await readEquipement(app.db, access, params.id, app.config.timeZone)),
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
