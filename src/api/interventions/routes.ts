import { endOf, startOf } from '../../domain/local-time';
import { addBesoins, changeBesoin, listBesoins } from '../../services/interventions/besoins';
import { readCandidats } from '../../services/interventions/candidats';
import { readEngagements } from '../../services/interventions/engagements';
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
import { change, movesMore } from './change';
import { order } from './orders';
import { presentEngagement, presentIntervention } from './present';
import { downloadRapport } from './rapport';
import {
  affectationAnswer,
  assignationAnswer,
  assignationBody,
  besoinAnswer,
  besoinChanges,
  besoinParams,
  besoinsBody,
  candidatsQuery,
  commentaireAnswer,
  commentaireBody,
  engagementAnswer,
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
    description:
      'Changer la priorité, l’urgence ou la date limite réarme les échéances. Terminée ou annulée, elle est close : ' +
      'seuls un commentaire, un document et la note du client s’y ajoutent encore.',
    access: ['update', 'Intervention'],
    params: idParam,
    body: interventionChanges,
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    examples: { body: { priorite: 'critique' } },
    throughEngine: movesMore,
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
      const { row, situation } = await createIntervention(tx, access, actor, body, app.config.timeZone);
      afterCommit(() => app.engine.startInBackground(row.id, situation));
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
    description:
      'Aussi pour transmettre des travaux commencés, ou en planifier la visite suivante : le statut reste. Ce qui n’est pas ' +
      'nommé ne change pas. Hors des horaires ou pendant une absence du technicien, ou sans une compétence requise, valable ce jour-là, 409 `HORS_DISPONIBILITE` avec les ' +
      '`raisons`, sauf `force`. Les `equipiers` vont avec lui : leur temps est pris aussi. Un travail plus long que les plages ' +
      'd’une journée continue dans les suivantes (`planning.segments`). Sans technicien nommé, le meilleur de ceux qui ' +
      'peuvent est choisi et `affectation` dit pourquoi ; quand personne ne peut, 409 compte les raisons dans `exclusions`, et une intervention critique est ' +
      'aussitôt signalée aux responsables et aux administrateurs.',
    access: ['assign', 'Intervention'],
    params: idParam,
    body: assignationBody,
    answer: { status: 200, description: 'L’intervention planifiée', schema: assignationAnswer },
    refusals: [
      'INTROUVABLE',
      'CLOTUREE',
      'TRANSITION_INVALIDE',
      'CONFLIT_PLANNING',
      'HORS_DISPONIBILITE',
      'LIMITE_ATTEINTE',
      'VERSION_PERIMEE',
    ],
    examples: { body: { technicien_id: 2, duree_estimee: 240 } },
    throughEngine: true,
    handle: assign,
  }),
  route({
    method: 'get',
    path: '/interventions/:id/candidats',
    tag,
    summary: 'Voir qui pourrait y aller, et pourquoi pas les autres',
    description: 'Ce que répondrait `PUT /interventions/{id}/assign` sans technicien nommé, sans rien faire.',
    access: ['assign', 'Intervention'],
    params: idParam,
    query: candidatsQuery,
    answer: { status: 200, description: 'Les candidats', schema: affectationAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'TRANSITION_INVALIDE'],
    examples: {
      answer: {
        technicien_id: 2,
        date_planifiee: '2026-12-21T09:00:00.000Z',
        raison:
          'Premier créneau libre ; compétences : hydraulique ; trajet : 18 min ; charge : 31.5 h ; 1 technicien(s) possible(s)',
        candidats: [
          {
            technicien_id: 2,
            date_planifiee: '2026-12-21T09:00:00.000Z',
            couts: { trajet_minutes: 18, charge: 1890, niveau: 0 },
          },
          {
            technicien_id: 5,
            exclu: 'habilitation_expiree',
            couts: { trajet_minutes: 5, charge: 1200, niveau: 1 },
          },
        ],
        exclusions: { habilitation_expiree: 1 },
      },
    },
    handle: async ({ app, access, actor, params, query }) => ({
      body: await readCandidats(app.db, access, actor, params.id, query, app.config),
    }),
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
    throughEngine: true,
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
    path: '/interventions/:id/pieces',
    tag,
    summary: 'Demander des pièces, ou noter celles qui servent',
    description:
      'À tout moment avant la fin. Ce qui est disponible est réservé aussitôt, le reste est `demandee` ; ce qui arrive va à ' +
      'qui attend, par priorité puis ancienneté. La même pièce deux fois est un seul besoin.',
    access: ['supply', 'Intervention'],
    params: idParam,
    body: besoinsBody,
    transaction: true,
    answer: {
      status: 201,
      description: 'Les besoins de ces pièces, tels qu’ils sont maintenant',
      schema: besoinAnswer.array(),
    },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE'],
    examples: { body: [{ piece_id: 1, quantite: 2 }] },
    handle: async ({ app, tx, access, actor, params, body, afterCommit }) => {
      const { besoins, toWake } = await addBesoins(tx, access, actor, params.id, body);
      afterCommit(() => app.engine.wakeAllInBackground(toWake));
      return { status: 201, body: besoins };
    },
  }),
  route({
    method: 'put',
    path: '/interventions/:id/pieces/:besoin_id',
    tag,
    summary: 'Changer la quantité d’un besoin',
    description: 'Ce qui n’est plus nécessaire revient au stock et va à qui attend.',
    access: ['supply', 'Intervention'],
    params: besoinParams,
    body: besoinChanges,
    transaction: true,
    answer: { status: 200, description: 'Les besoins de l’intervention', schema: besoinAnswer.array() },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE'],
    examples: { body: { quantite: 1 } },
    handle: async ({ app, tx, access, actor, params, body, afterCommit }) => {
      const changed = await changeBesoin(tx, access, actor, params.id, params.besoin_id, body.quantite);
      afterCommit(() => app.engine.wakeAllInBackground(changed.toWake));
      return { body: changed.besoins };
    },
  }),
  route({
    method: 'delete',
    path: '/interventions/:id/pieces/:besoin_id',
    tag,
    summary: 'Retirer un besoin',
    description: 'Ce qui était réservé ou remis revient au stock et va à qui attend.',
    access: ['supply', 'Intervention'],
    params: besoinParams,
    transaction: true,
    answer: { status: 204, description: 'Retiré' },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE'],
    handle: async ({ app, tx, access, actor, params, afterCommit }) => {
      const { toWake } = await changeBesoin(tx, access, actor, params.id, params.besoin_id, 0);
      afterCommit(() => app.engine.wakeAllInBackground(toWake));
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: '/interventions/:id/pieces/recues',
    tag,
    summary: 'Signaler l’arrivée de pièces',
    description:
      'Ce qui n’était pas en stock y entre, et va à qui attend, par priorité puis ancienneté ; ce qui est alors réservé ' +
      'ici est remis au technicien. Quand la dernière pièce manquante est là, l’intervention reprend d’elle-même.',
    access: ['supply', 'Intervention'],
    params: idParam,
    body: receptionBody,
    bodyType: 'optional-json',
    answer: { status: 200, description: 'L’intervention', schema: interventionAnswer },
    refusals: ['INTROUVABLE', 'CLOTUREE', 'LIMITE_ATTEINTE', 'VERSION_PERIMEE'],
    throughEngine: true,
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
    path: '/interventions/:id/engagements',
    tag,
    summary: 'Lire les engagements, minute par minute',
    description:
      'Les délais promis par le niveau de service, ce qu’il en reste, et pourquoi : chaque minute du début à l’échéance ' +
      'compte, est fermée, fériée, ou en pause.',
    access: ['read', 'Intervention'],
    params: idParam,
    answer: { status: 200, description: 'Les engagements', schema: engagementAnswer.array() },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => {
      const now = new Date();
      const { timeZone } = app.config;
      const found = await readEngagements(app.db, access, params.id, timeZone, now);
      return { body: found.map(presentEngagement) };
    },
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
      afterCommit(() => app.engine.wakeInBackground(params.id));
      return resource(presentIntervention(row), 202);
    },
  }),
];
