import { endOf, startOf } from '../../domain/local-time';
import { listBesoins } from '../../services/interventions/besoins';
import {
  comment,
  createIntervention,
  listCommentaires,
  listHistorique,
  listInterventions,
  permissionSubject,
  rate,
  readEcheances,
  readIntervention,
} from '../../services/interventions/interventions';
import { retryRapport } from '../../services/interventions/rapports';
import { interventionWorkflowId } from '../../workflows/protocol';
import { page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { assign } from './assign';
import { change } from './change';
import { order } from './orders';
import { presentIntervention } from './present';
import { downloadRapport } from './rapport';
import {
  assignationAnswer,
  assignationBody,
  besoinAnswer,
  commentaireAnswer,
  commentaireBody,
  historiqueAnswer,
  interventionAnswer,
  interventionBody,
  interventionChanges,
  interventionQuery,
  receptionBody,
  satisfactionBody,
  statutBody,
  subListQuery,
  workflowAnswer,
} from './schemas';

const tag = 'Interventions';

const changeRoute = (method: 'put' | 'patch') =>
  route({
    method,
    path: '/interventions/:id',
    tag,
    summary: 'Modifier une intervention',
    description: 'Changer la priorité, l’urgence ou la date limite réarme les échéances.',
    access: ['update', 'Intervention'],
    params: idParam,
    body: interventionChanges,
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    examples: { body: { priorite: 'critique' } },
    handle: change,
  });

const listRoute = (path: '/interventions' | '/interventions/mes-interventions', summary: string) =>
  route({
    method: 'get',
    path,
    tag,
    summary,
    access: ['read', 'Intervention'],
    query: interventionQuery,
    answer: { status: 200, description: 'Les interventions', schema: interventionAnswer, list: true },
    handle: async ({ app, access, query, ctx }) => {
      const { limit, offset, sort, curseur, date_min, date_max, ...filters } = query;
      const found = await listInterventions(
        app.db,
        access,
        {
          ...filters,
          ...(date_min === undefined ? {} : { date_min: startOf(date_min, app.config.timeZone) }),
          ...(date_max === undefined ? {} : { date_max: endOf(date_max, app.config.timeZone) }),
          ...(path === '/interventions' ? {} : { mine: true }),
        },
        { limit, offset, sort, curseur },
      );
      return page({ ctx }, { ...found, rows: found.rows.map(presentIntervention) });
    },
  });

export const interventionRoutes: Route[] = [
  listRoute('/interventions', 'Lister les interventions'),
  listRoute('/interventions/mes-interventions', 'Lister les interventions qui me concernent directement'),
  route({
    method: 'post',
    path: '/interventions',
    tag,
    summary: 'Signaler une panne ou demander une intervention',
    access: ['create', 'Intervention'],
    body: interventionBody,
    transaction: true,
    answer: { status: 201, description: 'L’intervention créée', schema: interventionAnswer },
    examples: {
      body: {
        titre: 'Réparation fuite hydraulique',
        description: 'Fuite détectée au niveau du circuit principal',
        type_intervention: 'corrective',
        priorite: 'haute',
        urgence: true,
        equipement_id: 1,
      },
    },
    handle: async ({ app, tx, access, actor, body, afterCommit }) => {
      const row = await createIntervention(tx, access, actor, body, app.config.timeZone);
      afterCommit(() => app.engine.startInBackground(row.id));
      return resource(presentIntervention(row), 201);
    },
  }),
  route({
    method: 'get',
    path: '/interventions/:id',
    tag,
    summary: 'Lire une intervention',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) =>
      resource(presentIntervention(await readIntervention(app.db, access, params.id))),
  }),
  changeRoute('put'),
  changeRoute('patch'),
  route({
    method: 'put',
    path: '/interventions/:id/assign',
    tag,
    summary: 'Affecter un technicien et planifier la visite',
    access: ['assign', 'Intervention'],
    params: idParam,
    body: assignationBody,
    answer: { status: 200, description: 'L’intervention planifiée', schema: assignationAnswer },
    refusals: [
      'INTROUVABLE',
      'TRANSITION_INVALIDE',
      'CONFLIT_PLANNING',
      'LIMITE_ATTEINTE',
      'VERSION_PERIMEE',
    ],
    examples: { body: { technicien_id: 2, duree_estimee: 240 } },
    handle: assign,
  }),
  route({
    method: 'put',
    path: '/interventions/:id/statut',
    tag,
    summary: 'Demander un autre statut',
    access: ['read', 'Intervention'],
    params: idParam,
    body: statutBody,
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    examples: { body: { statut: 'terminee', rapport: 'Joint remplacé, circuit purgé et contrôlé.' } },
    handle: (call) =>
      order(
        call,
        call.body.statut === 'annulee' ? 'cancel' : 'move',
        { type: 'statut', ...call.body },
        (row) => resource(presentIntervention(row)),
      ),
  }),
  route({
    method: 'get',
    path: '/interventions/:id/pieces',
    tag,
    summary: 'Lister les pièces dont l’intervention a besoin',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Les besoins', schema: besoinAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => {
      return { body: await listBesoins(app.db, access, params.id) };
    },
  }),
  route({
    method: 'post',
    path: '/interventions/:id/pieces/recues',
    tag,
    summary: 'Signaler l’arrivée de pièces',
    description: 'Quand la dernière pièce manquante est là, l’intervention reprend d’elle-même.',
    access: ['supply', 'Intervention'],
    params: idParam,
    body: receptionBody,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    handle: (call) =>
      order(call, 'supply', { type: 'reception', besoins: call.body.besoins ?? null }, (row) =>
        resource(presentIntervention(row)),
      ),
  }),
  route({
    method: 'get',
    path: '/interventions/:id/commentaires',
    tag,
    summary: 'Lire les commentaires',
    access: ['read', 'Intervention'],
    params: idParam,
    query: subListQuery,
    answer: { status: 200, description: 'Les commentaires', schema: commentaireAnswer, list: true },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query, ctx }) =>
      page({ ctx }, await listCommentaires(app.db, access, params.id, query)),
  }),
  route({
    method: 'post',
    path: '/interventions/:id/commentaires',
    tag,
    summary: 'Commenter',
    access: ['comment', 'Intervention'],
    params: idParam,
    body: commentaireBody,
    transaction: true,
    answer: { status: 201, description: 'Le commentaire', schema: commentaireAnswer },
    refusals: ['INTROUVABLE', 'LIMITE_ATTEINTE'],
    examples: { body: { texte: 'Le client demande un passage avant midi.' } },
    handle: async ({ tx, access, actor, params, body }) => ({
      status: 201,
      body: await comment(tx, access, actor, params.id, body.texte),
    }),
  }),
  route({
    method: 'get',
    path: '/interventions/:id/historique',
    tag,
    summary: 'Lire l’historique',
    access: ['read', 'Intervention'],
    params: idParam,
    query: subListQuery,
    answer: {
      status: 200,
      description: 'Les événements, du premier au dernier',
      schema: historiqueAnswer,
      list: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query, ctx }) =>
      page({ ctx }, await listHistorique(app.db, access, params.id, query)),
  }),
  route({
    method: 'get',
    path: '/interventions/:id/workflow',
    tag,
    summary: 'Voir ce que le workflow attend',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Le workflow et ses échéances', schema: workflowAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => {
      const row = await readIntervention(app.db, access, params.id);
      const echeances = await readEcheances(app.db, access, params.id);
      const workflowId = interventionWorkflowId(params.id);
      const { namespace, uiUrl } = app.config.temporal;
      return {
        body: {
          workflow_id: workflowId,
          statut: await app.engine.workflowStatus(params.id),
          echeances: echeances.map(({ etape, niveau, date }) => ({ etape, niveau, date: new Date(date) })),
          // Where the engine's pages are is for those who operate it.
          web_ui: access.may('assign', 'Intervention', permissionSubject(row))
            ? `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflowId}`
            : null,
        },
      };
    },
  }),
  route({
    method: 'post',
    path: '/interventions/:id/satisfaction',
    tag,
    summary: 'Noter le travail fait',
    description: 'Pour le client ; lui seul change ensuite la note qu’il a donnée.',
    access: ['rate', 'Intervention'],
    params: idParam,
    body: satisfactionBody,
    transaction: true,
    answer: { status: 201, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE', 'LIMITE_ATTEINTE'],
    examples: { body: { note: 5, commentaire: 'Rapide et propre.' } },
    handle: async ({ tx, access, actor, params, body }) =>
      resource(presentIntervention(await rate(tx, access, actor, params.id, body)), 201),
  }),
  route({
    method: 'get',
    path: '/interventions/:id/rapport',
    tag,
    summary: 'Télécharger le rapport',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Le rapport', contentType: 'application/pdf' },
    refusals: ['INTROUVABLE'],
    handle: downloadRapport,
  }),
  route({
    method: 'post',
    path: '/interventions/:id/rapport',
    tag,
    summary: 'Redemander un rapport abandonné',
    description:
      'Un rapport qui ne peut être établi, ou déposé pendant une journée, est abandonné : l’historique le dit. ' +
      'Il n’est refait que sur demande.',
    access: ['update', 'Intervention'],
    params: idParam,
    transaction: true,
    answer: {
      status: 202,
      description: 'L’intervention, dont le rapport sera refait',
      schema: interventionAnswer,
    },
    refusals: ['INTROUVABLE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const row = await retryRapport(tx, access, actor, params.id);
      afterCommit(() => app.engine.makeRapportInBackground(params.id));
      return resource(presentIntervention(row), 202);
    },
  }),
];
