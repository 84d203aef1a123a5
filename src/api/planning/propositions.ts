import type { Wire } from '../../db/sql';
import { CODES_REFUS } from '../../domain/planification/semaine/probleme';
import { startApplication } from '../../services/planification/applications';
import {
  cancelProposition,
  createProposition,
  listPropositions,
  type PropositionDetail,
  type PropositionRow,
  readProposition,
} from '../../services/planification/propositions';
import { changeProposition, prepareRetouches } from '../../services/planification/retouches';
import { type Answer, openApiPath, page, type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import {
  genererBody,
  propositionAnswer,
  propositionChanges,
  propositionDetail,
  propositionQuery,
} from './propositions-schemas';

const tag = 'Planning';
const PATH = '/planning/propositions/:id';
const APPLICATION = `${PATH}/application`;

export const propositionRoutes: Route[] = [
  route({
    method: 'post',
    path: '/planning/generer',
    tag,
    summary: 'Faire proposer un planning pour une semaine',
    description:
      'Le calcul se fait à part ; l’en-tête Location dit où le suivre. Rien ne change avant que la proposition soit ' +
      'appliquée. La même situation donne toujours la même proposition.',
    access: ['create', 'Proposition'],
    body: genererBody,
    transaction: true,
    answer: { status: 202, description: 'La proposition, en cours de calcul', schema: propositionDetail },
    refusals: ['LIMITE_ATTEINTE'],
    examples: { body: { semaine: '2026-W51', site_id: 3 } },
    handle: async ({ app, tx, access, actor, body, afterCommit }) => {
      const { timeZone } = app.config;
      const made = await createProposition(tx, access, actor, body, timeZone);
      afterCommit(() => app.engine.startPropositionInBackground(made.id));
      return accepted(made);
    },
  }),
  route({
    method: 'get',
    path: '/planning/propositions',
    tag,
    summary: 'Lister les propositions de planning, les dernières d’abord',
    access: ['read', 'Proposition'],
    query: propositionQuery,
    answer: {
      status: 200,
      description: 'Les propositions, sans leurs lignes',
      schema: propositionAnswer,
      list: true,
    },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) => {
      const found = await listPropositions(app.db, access, filters, { limit, offset, sort, curseur });
      return page({ ctx }, { ...found, rows: found.rows.map((row) => presentRow(row)) });
    },
  }),
  route({
    method: 'get',
    path: PATH,
    tag,
    summary: 'Lire une proposition de planning',
    description:
      'Sa progression tant qu’elle est calculée ou appliquée, ses visites, et pourquoi le reste n’y est pas.',
    access: ['read', 'Proposition'],
    params: idParam,
    answer: { status: 200, description: 'La proposition', schema: propositionDetail },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) =>
      resource(presentProposition(await readProposition(app.db, access, params.id))),
  }),
  route({
    method: 'patch',
    path: PATH,
    tag,
    summary: 'Retoucher une proposition de planning',
    description:
      'Déplacer, retirer, remettre ou verrouiller des lignes. Toutes les retouches sont vérifiées, ou aucune n’est faite : ' +
      'compétences, horaires, absences, et personne à deux endroits à la fois. Les trajets sont mesurés de nouveau.',
    access: ['update', 'Proposition'],
    params: idParam,
    body: propositionChanges,
    transaction: true,
    answer: { status: 200, description: 'La proposition', schema: propositionDetail },
    refusals: [
      'INTROUVABLE',
      'VERSION_PERIMEE',
      'TRANSITION_INVALIDE',
      'HORS_DISPONIBILITE',
      'CONFLIT_PLANNING',
    ],
    examples: {
      body: {
        visites: [
          { id: 41, technicien_id: 5, date_planifiee: '2026-12-15T09:00:00Z' },
          { id: 42, verrouillee: true },
          { id: 43, retiree: true },
        ],
      },
    },
    prepare: ({ app, access, actor, params }) => {
      const { db, trajets, config } = app;
      return prepareRetouches({ db, trajets, timeZone: config.timeZone }, access, params.id, actor.now);
    },
    handle: async ({ tx, access, actor, params, body, prepared, ifMatch }) =>
      resource(
        presentProposition(
          await changeProposition(tx, access, actor, params.id, prepared, body.visites, ifMatch),
        ),
      ),
  }),
  route({
    method: 'delete',
    path: PATH,
    tag,
    summary: 'Renoncer à une proposition de planning',
    description: 'Son calcul s’arrête ; elle reste lisible, `annulee`.',
    access: ['delete', 'Proposition'],
    params: idParam,
    transaction: true,
    answer: { status: 204, description: 'Annulée' },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params, ifMatch, afterCommit }) => {
      const searching = await cancelProposition(tx, access, actor, params.id, ifMatch);
      if (searching) afterCommit(() => app.engine.cancelPropositionInBackground(params.id));
      return { status: 204 };
    },
  }),
  route({
    method: 'post',
    path: APPLICATION,
    tag,
    summary: 'Appliquer une proposition de planning',
    description:
      'Ligne par ligne, chacune comme une affectation donnée par l’appelant. Ce qui a changé entre-temps n’est pas écrasé, ' +
      'mais dit : `modifiee_entretemps`. La lecture de la proposition dit où en est chaque ligne.',
    access: ['update', 'Proposition'],
    params: idParam,
    transaction: true,
    answer: { status: 202, description: 'La proposition, en cours d’application', schema: propositionDetail },
    refusals: ['INTROUVABLE', 'VERSION_PERIMEE', 'TRANSITION_INVALIDE'],
    handle: async ({ app, tx, access, actor, params, ifMatch, afterCommit }) => {
      const requete = `POST ${openApiPath(APPLICATION)}`;
      const applied = await startApplication(tx, access, actor, params.id, requete, ifMatch);
      afterCommit(() => app.engine.startApplicationInBackground(params.id));
      return accepted(applied);
    },
  }),
];

/** What goes on after the answer, and where to look for it. */
export function accepted(proposition: PropositionDetail): Answer {
  const { status, body, headers } = resource(presentProposition(proposition), 202);
  return {
    status,
    body,
    headers: { ...headers, Location: `/api/v1/planning/propositions/${proposition.id}` },
  };
}

function presentRow<Row extends PropositionRow | Wire<PropositionRow>>(row: Row) {
  const { application_debut: debut, application_fin: fin, application_lignes: lignes, ...rest } = row;
  const application =
    debut === null ? null : { statut: fin === null ? 'en_cours' : 'terminee', debut, fin, lignes };
  return { ...rest, application };
}

function presentProposition({ non_affectees, visites, ...row }: PropositionDetail) {
  return {
    ...presentRow(row),
    visites,
    non_affectees: non_affectees.map(({ intervention, comptes, meilleurs }) => ({
      intervention_id: intervention,
      raisons: CODES_REFUS.flatMap((code) =>
        comptes[code] === undefined ? [] : [{ code, techniciens: comptes[code] }],
      ),
      meilleurs: meilleurs.map(({ technicien, code }) => ({ technicien_id: technicien, code })),
    })),
  };
}
