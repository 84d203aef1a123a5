import { type Decided } from '../../services/preventif/decision';
import {
  createPlan,
  deletePlan,
  echeancesOfCle,
  listEcheances,
  listPlans,
  type PrevisionRow,
  pausePlan,
  previsionsOf,
  previsionsOfUnsaved,
  readPlan,
  resumePlan,
  triggerPlan,
  updatePlan,
} from '../../services/preventif/plans';
import type { AppContext } from '../context';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  echeanceAnswer,
  echeanceQuery,
  planAnswer,
  planBody,
  planChanges,
  planQuery,
  previsionAnswer,
  previsionsQuery,
  repriseBody,
} from './schemas';

const tag = 'Préventif';
const example = {
  nom: 'Vidange de la presse',
  equipements: [1],
  declencheur: 'calendrier',
  regle: 'FREQ=MONTHLY;BYDAY=1WE',
  date_debut: '2027-01-01',
  heure: '08:00',
  jour_ferme: 'reporter',
  delai_generation: 7,
  tolerance_jours: 3,
  modele: {
    titre: 'Vidange et filtres',
    description: 'Vidanger le circuit hydraulique et changer les deux filtres.',
    competences_requises: ['hydraulique'],
    duree_estimee: 90,
  },
};

const KEPT =
  'Ce que le plan a créé reste comme il est : ce qui change vaut pour les dates à venir. Ce qui était dû jusque-là est ' +
  'd’abord décidé par l’ancienne règle.';

/** What is left to do once a decision has committed. */
function follow({ engine }: AppContext, planId: number, { created }: Decided): void {
  engine.startAllInBackground(created);
  engine.followPlanInBackground(planId);
}

const presentPrevision = ({ absorbeePar, date, generation, occurrence: _, ...row }: PrevisionRow) => ({
  ...row,
  date: new Date(date),
  generation: new Date(generation),
  absorbee_par: absorbeePar,
});

const change = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/preventif/:id',
    tag,
    summary: 'Modifier un plan préventif',
    description: KEPT,
    access: ['update', 'PlanPreventif'],
    params: idParam,
    body: method === 'put' ? planBody : planChanges,
    transaction: true,
    answer: { status: 200, description: 'Le plan', schema: planAnswer },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE'],
    examples: { body: method === 'put' ? example : { delai_generation: 14 } },
    handle: async ({ app, tx, access, actor, params, body, ifMatch, afterCommit }) => {
      const { timeZone } = app.config;
      const { row, decided } = await updatePlan(tx, access, actor, params.id, body, ifMatch, timeZone);
      afterCommit(() => follow(app, params.id, decided));
      return resource(row);
    },
  });

export const preventifRoutes: Route[] = [
  route({
    method: 'get',
    path: '/preventif',
    tag,
    summary: 'Lister les plans préventifs',
    access: ['read', 'PlanPreventif'],
    query: planQuery,
    answer: { status: 200, description: 'Les plans', schema: planAnswer, list: true },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page({ ctx }, await listPlans(app.db, access, filters, { limit, offset, sort, curseur })),
  }),
  route({
    method: 'post',
    path: '/preventif',
    tag,
    summary: 'Créer un plan préventif',
    description: 'Les dates d’avant ce moment ne sont pas faites après coup.',
    access: ['create', 'PlanPreventif'],
    body: planBody,
    transaction: true,
    answer: { status: 201, description: 'Le plan créé', schema: planAnswer },
    examples: { body: example },
    handle: async ({ app, tx, access, actor, body, afterCommit }) => {
      const { row, decided } = await createPlan(tx, access, actor, body, app.config.timeZone);
      afterCommit(() => follow(app, row.id, decided));
      return resource(row, 201);
    },
  }),
  route({
    method: 'post',
    path: '/preventif/previsions',
    tag,
    summary: 'Prévoir les dates d’un plan avant de l’enregistrer',
    access: ['create', 'PlanPreventif'],
    query: previsionsQuery,
    body: planBody,
    transaction: true,
    answer: { status: 200, description: 'Les prochaines dates', schema: previsionAnswer.array() },
    examples: { body: example },
    about: () => null,
    handle: async ({ app, tx, access, actor, query, body }) => {
      const { timeZone } = app.config;
      const rows = await previsionsOfUnsaved(tx, access, actor, body, query.nombre, timeZone);
      return { body: rows.map(presentPrevision) };
    },
  }),
  route({
    method: 'get',
    path: '/preventif/:id',
    tag,
    summary: 'Lire un plan préventif',
    access: ['read', 'PlanPreventif'],
    params: idParam,
    answer: { status: 200, description: 'Le plan', schema: planAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readPlan(app.db, access, params.id)),
  }),
  change('put'),
  change('patch'),
  route({
    method: 'delete',
    path: '/preventif/:id',
    tag,
    summary: 'Supprimer un plan préventif',
    description: 'Ses interventions restent ; ce qu’il savait de ses dates s’en va avec lui.',
    access: ['delete', 'PlanPreventif'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Supprimé' },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      await deletePlan(tx, access, actor, params.id, app.config.timeZone);
      afterCommit(() => app.engine.followPlanInBackground(params.id));
      return { status: 204 };
    },
  }),
  route({
    method: 'get',
    path: '/preventif/:id/previsions',
    tag,
    summary: 'Prévoir les prochaines dates',
    access: ['read', 'PlanPreventif'],
    params: idParam,
    query: previsionsQuery,
    answer: { status: 200, description: 'Les prochaines dates', schema: previsionAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, actor, params, query }) => {
      const { timeZone } = app.config;
      const rows = await previsionsOf(app.db, access, params.id, query.nombre, actor.now, timeZone);
      return { body: rows.map(presentPrevision) };
    },
  }),
  route({
    method: 'get',
    path: '/preventif/:id/echeances',
    tag,
    summary: 'Voir ce que chaque date est devenue',
    access: ['read', 'PlanPreventif'],
    params: idParam,
    query: echeanceQuery,
    answer: {
      status: 200,
      description: 'Les dates échues, de la dernière à la première',
      schema: echeanceAnswer,
      list: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query, ctx }) =>
      page({ ctx }, await listEcheances(app.db, access, params.id, query)),
  }),
  route({
    method: 'post',
    path: '/preventif/:id/pause',
    tag,
    summary: 'Suspendre un plan préventif',
    access: ['update', 'PlanPreventif'],
    params: idParam,
    transaction: true,
    answer: { status: 200, description: 'Le plan', schema: planAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const row = await pausePlan(tx, access, actor, params.id, app.config.timeZone);
      afterCommit(() => app.engine.followPlanInBackground(params.id));
      return resource(row);
    },
  }),
  route({
    method: 'post',
    path: '/preventif/:id/reprise',
    tag,
    summary: 'Reprendre un plan suspendu',
    access: ['update', 'PlanPreventif'],
    params: idParam,
    body: repriseBody,
    transaction: true,
    answer: { status: 200, description: 'Le plan', schema: planAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    examples: { body: { depuis: 'origine' } },
    handle: async ({ app, tx, access, actor, params, body, afterCommit }) => {
      const { timeZone } = app.config;
      const { row, decided } = await resumePlan(tx, access, actor, params.id, body.depuis, timeZone);
      afterCommit(() => follow(app, params.id, decided));
      return resource(row);
    },
  }),
  route({
    method: 'post',
    path: '/preventif/:id/declencher',
    tag,
    summary: 'Créer maintenant le travail d’un plan',
    description: 'En plus des dates ; achevé dans la tolérance avant l’une d’elles, il compte pour elle.',
    access: ['update', 'PlanPreventif'],
    params: idParam,
    transaction: true,
    answer: { status: 201, description: 'Ce qui a été créé', schema: echeanceAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const { decided, cle } = await triggerPlan(tx, access, actor, params.id, app.config.timeZone);
      afterCommit(() => follow(app, params.id, decided));
      return { status: 201, body: await echeancesOfCle(tx, params.id, cle) };
    },
  }),
];
