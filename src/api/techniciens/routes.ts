import { endOf, startOf } from '../../domain/local-time';
import {
  createTechnicien,
  deleteTechnicien,
  listTechniciens,
  readTechnicien,
  updateTechnicien,
} from '../../services/identite/techniciens';
import { interventionsToSettle, MOST_WOKEN } from '../../services/interventions/cycle/depart';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  technicienAnswer,
  technicienBody,
  technicienChanges,
  technicienQuery,
  technicienReplacement,
} from './schemas';

const tag = 'Techniciens';
const example = {
  user_id: 2,
  specialite: 'Mécanique',
  competences: ['hydraulique', 'pneumatique'],
  niveau_experience: 'senior',
  horaires: {
    1: [
      [480, 720],
      [840, 1080],
    ],
  },
  absences: [{ debut: '2026-08-03', fin: '2026-08-21', motif: 'Congés' }],
};

type GivenAbsence = { debut: string; fin: string; motif?: string };

/** Bare dates become instants of the site; the body is otherwise as given. */
function inZone<Body extends { absences?: GivenAbsence[] }>(body: Body, timeZone: string): Body {
  if (body.absences === undefined) return body;
  const absences = body.absences.map(({ debut, fin, ...rest }) => ({
    debut: startOf(debut, timeZone).toISOString(),
    fin: endOf(fin, timeZone).toISOString(),
    ...rest,
  }));
  return { ...body, absences };
}

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/techniciens/:id',
    tag,
    summary: 'Modifier un technicien',
    description:
      'Un technicien change seul sa disponibilité, ses absences et ses horaires ; un responsable, les fiches de qui ne ' +
      'travaille que sur ses sites. Sans `disponibilite`, ce qui lui restait à faire est à réaffecter.',
    access: ['update', 'Technicien'],
    params: idParam,
    body: method === 'put' ? technicienReplacement : technicienChanges,
    transaction: true,
    answer: { status: 200, description: 'Le technicien', schema: technicienAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const changes = inZone(body, app.config.timeZone);
      const technicien = await updateTechnicien(tx, access, actor, params.id, changes, ifMatch);
      for (const { id } of await interventionsToSettle(tx, 0, MOST_WOKEN, technicien.user_id)) {
        afterCommit(() => app.engine.wakeInBackground(id));
      }
      return resource(technicien);
    },
  });

export const technicienRoutes: Route[] = [
  route({
    method: 'get',
    path: '/techniciens',
    tag,
    summary: 'Lister les techniciens',
    access: ['read', 'Technicien'],
    query: technicienQuery,
    answer: { status: 200, description: 'Les techniciens', schema: technicienAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listTechniciens(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/techniciens',
    tag,
    summary: 'Créer la fiche d’un technicien',
    access: ['create', 'Technicien'],
    body: technicienBody,
    transaction: true,
    answer: { status: 201, description: 'Le technicien créé', schema: technicienAnswer },
    refusals: ['DEJA_EXISTANT'],
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body }) =>
      resource(await createTechnicien(tx, access, actor, inZone(body, app.config.timeZone)), 201),
  }),
  route({
    method: 'get',
    path: '/techniciens/:id',
    tag,
    summary: 'Lire un technicien',
    access: ['read', 'Technicien'],
    params: idParam,
    answer: { status: 200, description: 'Le technicien', schema: technicienAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readTechnicien(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/techniciens/:id',
    tag,
    summary: 'Supprimer la fiche d’un technicien',
    access: ['delete', 'Technicien'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimée' },
    refusals: ['INTROUVABLE', 'DEPENDANCES'],
    handle: async ({ tx, access, actor, params }) => {
      await deleteTechnicien(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
