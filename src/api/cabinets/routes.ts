import sql from 'sql-template-tag';
import {
  addMembre,
  CABINETS,
  type CabinetFields,
  MEMBRES,
  PRATICIENS,
  requireWithin,
} from '../../services/cabinet/cabinets';
import { oneOf } from '../../services/conditions';
import { type Medical, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  cabinetAnswer,
  cabinetBody,
  cabinetChanges,
  cabinetQuery,
  membreAnswer,
  membreBody,
  membreChanges,
  membreParams,
  membreQuery,
  praticienAnswer,
  praticienBody,
  praticienChanges,
  praticienParams,
  praticienQuery,
} from './schemas';

const TAG = 'Cabinets';

/** No patient is in the answers of these routes. */
const NOBODY: Medical = { acces: null };

export const cabinetRoutes: Route[] = [
  route({
    method: 'get',
    path: '/cabinets',
    tag: TAG,
    summary: 'Lister les cabinets dont on est membre',
    description: 'Un administrateur les voit tous, et rien de ce qui s’y fait.',
    access: ['read', 'Cabinet'],
    medical: NOBODY,
    query: cabinetQuery,
    answer: { status: 200, description: 'Cabinets', schema: cabinetAnswer, list: true },
    handle: async ({ tx, access, query: { actif, ...asked }, ctx }) =>
      page(
        { ctx },
        await CABINETS.list(tx, access, actif === undefined ? [] : [sql`c.actif = ${actif}`], asked),
      ),
  }),
  route({
    method: 'post',
    path: '/cabinets',
    tag: TAG,
    summary: 'Ouvrir un cabinet',
    description: 'Son premier gérant est nommé ensuite : `POST /cabinets/{id}/membres`.',
    access: ['create', 'Cabinet'],
    medical: {
      acces: null,
      replay: async ({ tx, access }, id) => resource(await CABINETS.read(tx, access, id)),
    },
    body: cabinetBody,
    answer: { status: 201, description: 'Cabinet', schema: cabinetAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: { nom: 'Cabinet Atlas', adresse: '12 rue des Orangers, Rabat', pays: 'MA' } },
    handle: async ({ app, tx, access, actor, body }) => {
      const fields: CabinetFields = { ...body, fuseau_horaire: body.fuseau_horaire ?? app.config.timeZone };
      return resource(await CABINETS.create({ tx, access, actor }, fields), 201);
    },
  }),
  route({
    method: 'get',
    path: '/cabinets/:id',
    tag: TAG,
    summary: 'Lire un cabinet',
    access: ['read', 'Cabinet'],
    medical: NOBODY,
    params: idParam,
    answer: { status: 200, description: 'Cabinet', schema: cabinetAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params }) => resource(await CABINETS.read(tx, access, params.id)),
  }),
  route({
    method: 'patch',
    path: '/cabinets/:id',
    tag: TAG,
    summary: 'Modifier un cabinet',
    access: ['update', 'Cabinet'],
    medical: NOBODY,
    params: idParam,
    body: cabinetChanges,
    answer: { status: 200, description: 'Cabinet', schema: cabinetAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'DEJA_EXISTANT'],
    examples: { body: { telephone: '+212522000000' } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) =>
      resource(
        await CABINETS.update({ tx, access, actor }, params.id, body as Partial<CabinetFields>, ifMatch),
      ),
  }),

  route({
    method: 'get',
    path: '/cabinets/:id/membres',
    tag: TAG,
    summary: 'Lister les membres d’un cabinet, anciens et futurs compris',
    access: ['read', 'MembreCabinet'],
    medical: NOBODY,
    params: idParam,
    query: membreQuery,
    answer: { status: 200, description: 'Membres', schema: membreAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params, query: { fonction, user_id, ...asked }, ctx }) => {
      await CABINETS.read(tx, access, params.id);
      const conditions = [
        sql`m.cabinet_id = ${params.id}`,
        ...(fonction === undefined ? [] : [oneOf('m.fonction', fonction)]),
        ...(user_id === undefined ? [] : [oneOf('m.user_id', user_id)]),
      ];
      return page({ ctx }, await MEMBRES.list(tx, access, conditions, asked));
    },
  }),
  route({
    method: 'post',
    path: '/cabinets/:id/membres',
    tag: TAG,
    summary: 'Ajouter un membre',
    description:
      'Par un gérant du cabinet. Un administrateur nomme le premier gérant, tant qu’il n’y en a pas, et jamais lui-même.',
    access: ['create', 'MembreCabinet'],
    medical: {
      acces: null,
      replay: async ({ tx, access }, id) => resource(await MEMBRES.read(tx, access, id)),
    },
    params: idParam,
    body: membreBody,
    answer: { status: 201, description: 'Membre', schema: membreAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: { body: { user_id: 12, fonction: 'medecin', date_debut: '2026-12-01' } },
    handle: async ({ tx, access, actor, params, body }) =>
      resource(await addMembre({ tx, access, actor }, params.id, body), 201),
  }),
  route({
    method: 'patch',
    path: '/cabinets/:id/membres/:membre_id',
    tag: TAG,
    summary: 'Changer les dates d’un membre',
    description: 'Une date de fin passée retire tout droit dès la requête suivante.',
    access: ['update', 'MembreCabinet'],
    medical: NOBODY,
    params: membreParams,
    body: membreChanges,
    answer: { status: 200, description: 'Membre', schema: membreAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'DEJA_EXISTANT'],
    examples: { body: { date_fin: '2026-12-31' } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) => {
      requireWithin(await MEMBRES.read(tx, access, params.membre_id), params.id);
      return resource(await MEMBRES.update({ tx, access, actor }, params.membre_id, body as never, ifMatch));
    },
  }),

  route({
    method: 'get',
    path: '/cabinets/:id/praticiens',
    tag: TAG,
    summary: 'Lister les praticiens d’un cabinet',
    access: ['read', 'Praticien'],
    medical: NOBODY,
    params: idParam,
    query: praticienQuery,
    answer: { status: 200, description: 'Praticiens', schema: praticienAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, params, query: { actif, ...asked }, ctx }) => {
      await CABINETS.read(tx, access, params.id);
      const conditions = [
        sql`d.cabinet_id = ${params.id}`,
        ...(actif === undefined ? [] : [sql`d.actif = ${actif}`]),
      ];
      return page({ ctx }, await PRATICIENS.list(tx, access, conditions, asked));
    },
  }),
  route({
    method: 'post',
    path: '/cabinets/:id/praticiens',
    tag: TAG,
    summary: 'Inscrire un praticien',
    access: ['create', 'Praticien'],
    medical: {
      acces: null,
      replay: async ({ tx, access }, id) => resource(await PRATICIENS.read(tx, access, id)),
    },
    params: idParam,
    body: praticienBody,
    answer: { status: 201, description: 'Praticien', schema: praticienAnswer },
    refusals: ['INTROUVABLE', 'DEJA_EXISTANT'],
    examples: { body: { user_id: 12, titre: 'Dr', specialite: 'Médecine générale', inpe: '091234567' } },
    handle: async ({ tx, access, actor, params, body }) => {
      await CABINETS.read(tx, access, params.id);
      return resource(
        await PRATICIENS.create({ tx, access, actor }, { ...body, cabinet_id: params.id }),
        201,
      );
    },
  }),
  route({
    method: 'patch',
    path: '/cabinets/:id/praticiens/:praticien_id',
    tag: TAG,
    summary: 'Modifier un praticien',
    access: ['update', 'Praticien'],
    medical: NOBODY,
    params: praticienParams,
    body: praticienChanges,
    answer: { status: 200, description: 'Praticien', schema: praticienAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: { actif: false } },
    handle: async ({ tx, access, actor, params, body, ifMatch }) => {
      requireWithin(await PRATICIENS.read(tx, access, params.praticien_id), params.id);
      return resource(
        await PRATICIENS.update({ tx, access, actor }, params.praticien_id, body as never, ifMatch),
      );
    },
  }),
];
