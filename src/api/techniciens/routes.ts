import type { Absence } from '../../domain/identite/techniciens';
import { dayAt, endOf, startOf } from '../../domain/local-time';
import { openCalendrier, revokeCalendrier } from '../../services/identite/calendriers';
import {
  addAbsence,
  createTechnicien,
  deleteTechnicien,
  listTechniciens,
  readTechnicien,
  removeAbsence,
  updateTechnicien,
} from '../../services/identite/techniciens';
import { interventionsToSettle, MOST_WOKEN } from '../../services/interventions/cycle/depart';
import { listDisponibles } from '../../services/planification/candidats';
import { readDisponibilites } from '../../services/planification/disponibilites';
import { BASE_PATH } from '../http/paths';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { boundedPeriod } from '../http/visites';
import {
  absenceAnswer,
  absenceBody,
  absenceParams,
  calendrierAnswer,
  disponibiliteAnswer,
  disponibilitesQuery,
  disponibleAnswer,
  disponiblesQuery,
  MAX_JOURS_LIBRES,
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
  habilitations: [
    { competence: 'habilitation électrique B2', valide_du: '2024-01-15', valide_jusqu_au: '2027-01-14' },
  ],
  niveau_experience: 'senior',
  horaires: {
    1: [
      [480, 720],
      [840, 1080],
    ],
  },
  absences: [{ debut: '2026-08-03', fin: '2026-08-21', motif: 'Congés' }],
};

/** Bare dates become instants of the site. */
function absenceInZone({ debut, fin, ...rest }: Absence, timeZone: string): Absence {
  return { debut: startOf(debut, timeZone).toISOString(), fin: endOf(fin, timeZone).toISOString(), ...rest };
}

/** The same of all absences; the body is otherwise as given. */
function inZone<Body extends { absences?: Absence[] }>(body: Body, timeZone: string): Body {
  if (body.absences === undefined) return body;
  const absences = body.absences.map((absence) => absenceInZone(absence, timeZone));
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
      const technicien = await updateTechnicien(
        tx,
        access,
        actor,
        params.id,
        changes,
        ifMatch,
        app.config.telephonePays,
      );
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
    handle: async ({ app, access, actor, query, ctx }) => {
      const { limit, offset, sort, curseur, competences, ...filters } = query;
      const day = dayAt(actor.now.getTime(), app.config.timeZone);
      const skilled = competences === undefined ? {} : { competences: { names: competences, day } };
      return page(
        { ctx },
        await listTechniciens(app.db, access, { ...filters, ...skilled }, { limit, offset, sort, curseur }),
      );
    },
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
      resource(
        await createTechnicien(
          tx,
          access,
          actor,
          inZone(body, app.config.timeZone),
          app.config.telephonePays,
        ),
        201,
      ),
  }),
  // Before `/techniciens/:id`, which it would be taken for.
  route({
    method: 'get',
    path: '/techniciens/disponibles',
    tag,
    summary: 'Trouver qui est libre',
    description:
      'Parmi ceux que l’on peut envoyer : au travail, ni absents ni pris, et habilités ces jours-là ; le plus tôt libre ' +
      'd’abord, puis le moins chargé. Les horaires et jours fermés sont ceux de son site pour qui n’en a qu’un, sinon ' +
      'ceux de l’installation.',
    access: ['assign', 'Intervention'],
    query: disponiblesQuery,
    answer: { status: 200, description: 'Ceux qui sont libres', schema: disponibleAnswer.array() },
    handle: async ({ app, access, actor, query: { competences = [], date_planifiee, duree_estimee } }) => {
      const need = {
        competences,
        priorite: 'normale' as const,
        date: date_planifiee?.getTime() ?? null,
        duration: duree_estimee * 60_000,
        now: actor.now.getTime(),
        lieu: null,
        trajets: app.config.trajets,
      };
      return { body: await listDisponibles(app.db, access, need, app.config.timeZone) };
    },
  }),
  route({
    method: 'get',
    path: '/techniciens/:id/disponibilites',
    tag,
    summary: 'Lire quand un technicien est libre',
    description:
      'Ses horaires, sans ses absences, les jours fériés et de fermeture et ce qui prend son temps, dont rien n’est dit. ' +
      'Pour lui-même et pour qui peut l’envoyer.',
    access: ['assign', 'Technicien'],
    params: idParam,
    query: disponibilitesQuery,
    answer: {
      status: 200,
      description: 'Les plages libres, dans l’ordre',
      schema: disponibiliteAnswer.array(),
    },
    refusals: ['INTROUVABLE'],
    examples: { answer: [{ debut: '2026-12-21T08:00:00.000Z', fin: '2026-12-21T10:30:00.000Z' }] },
    handle: async ({ app, access, actor, params, query: { date_debut, date_fin } }) => {
      const { timeZone } = app.config;
      const asked = { now: actor.now, timeZone, maxDays: MAX_JOURS_LIBRES };
      const period = boundedPeriod(date_debut, date_fin, asked);
      return { body: await readDisponibilites(app.db, access, params.id, period, timeZone) };
    },
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
  route({
    method: 'get',
    path: '/techniciens/:id/absences',
    tag,
    summary: 'Lire les absences d’un technicien',
    description: 'Les mêmes que `absences` de sa fiche, dont l’`ETag` vaut aussi pour elles.',
    access: ['read', 'Technicien'],
    params: idParam,
    answer: { status: 200, description: 'Ses absences', schema: absenceAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => ({
      body: (await readTechnicien(app.db, access, params.id)).absences,
    }),
  }),
  route({
    method: 'post',
    path: '/techniciens/:id/absences',
    tag,
    summary: 'Saisir une absence',
    description: 'Par le technicien lui-même, ou par qui peut modifier sa fiche.',
    access: ['update', 'Technicien'],
    params: idParam,
    body: absenceBody,
    transaction: true,
    answer: { status: 201, description: 'L’absence saisie', schema: absenceAnswer },
    refusals: ['INTROUVABLE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    examples: { body: { debut: '2026-08-03', fin: '2026-08-21', motif: 'Congés' } },
    handle: async ({ app, tx, access, actor, params, body, ifMatch }) => {
      const absence = absenceInZone(body, app.config.timeZone);
      return { status: 201, body: await addAbsence(tx, access, actor, params.id, absence, ifMatch) };
    },
  }),
  route({
    method: 'delete',
    path: '/techniciens/:id/absences/:absence_id',
    tag,
    summary: 'Retirer une absence',
    access: ['update', 'Technicien'],
    params: absenceParams,
    transaction: true,
    answer: { status: 204, description: 'Retirée' },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    handle: async ({ tx, access, actor, params, ifMatch }) => {
      await removeAbsence(tx, access, actor, params.id, params.absence_id, ifMatch);
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/techniciens/:id/calendrier',
    tag,
    summary: 'Ouvrir l’adresse de son calendrier',
    description:
      'Une adresse privée (iCalendar) pour le programme de calendrier d’un technicien : qui l’a lit ses visites, sans autre ' +
      'authentification. Elle remplace la précédente. Par le technicien lui-même, ou par qui peut modifier sa fiche ; jamais ' +
      'par une machine.',
    access: ['publish', 'Technicien'],
    params: idParam,
    transaction: true,
    answer: {
      status: 201,
      description: 'L’adresse, montrée cette seule fois',
      schema: calendrierAnswer,
      secret: true,
    },
    refusals: ['INTROUVABLE'],
    examples: {
      answer: {
        url: 'https://regie.exemple.ma/api/v1/planning/technicien/7/calendrier.ics?jeton=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        date_creation: '2026-12-14T08:00:00.000Z',
      },
    },
    handle: async ({ app, tx, access, actor, params: { id } }) => {
      const { jeton, date_creation } = await openCalendrier(tx, access, actor, id);
      const path = `${BASE_PATH}/planning/technicien/${id}/calendrier.ics`;
      return { status: 201, body: { url: `${app.config.publicUrl}${path}?jeton=${jeton}`, date_creation } };
    },
  }),
  route({
    method: 'delete',
    path: '/techniciens/:id/calendrier',
    tag,
    summary: 'Révoquer l’adresse de son calendrier',
    description: 'Aussitôt, et pour de bon. Sans effet quand il n’y en a pas.',
    access: ['publish', 'Technicien'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Révoquée' },
    refusals: ['INTROUVABLE'],
    handle: async ({ tx, access, actor, params }) => {
      await revokeCalendrier(tx, access, actor, params.id);
      return { status: 204 };
    },
  }),
];
