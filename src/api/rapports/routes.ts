import { createRapport, readRapport } from '../../services/pilotage/rapports';
import { type Route, resource, route } from '../http/route';
import { idParam } from '../http/schemas';
import { rapportAnswer, rapportBody } from './schemas';

const tag = 'Rapports';

export const rapportRoutes: Route[] = [
  route({
    method: 'post',
    path: '/rapports',
    tag,
    summary: 'Demander un rapport PDF',
    description:
      'Le rapport d’une intervention, la semaine d’un technicien, l’histoire d’un équipement ou les chiffres d’un mois. ' +
      'Il est établi à part ; l’en-tête Location dit où le suivre. Ce qu’il montre est ce que l’appelant voit ; une fois ' +
      'classé parmi les documents, il ne change plus.',
    access: ['create', 'Rapport'],
    body: rapportBody,
    transaction: true,
    answer: { status: 202, description: 'Le rapport, en cours d’établissement', schema: rapportAnswer },
    refusals: ['LIMITE_ATTEINTE'],
    examples: { body: { type: 'intervention', intervention_id: 15, langue: 'ar' } },
    handle: async ({ app, tx, access, actor, body, afterCommit }) => {
      const rapport = await createRapport(tx, access, actor, body);
      afterCommit(() => app.engine.startRapportInBackground(rapport.id));
      const { status, body: shown, headers } = resource(rapport, 202);
      return { status, body: shown, headers: { ...headers, Location: `/api/v1/rapports/${rapport.id}` } };
    },
  }),
  route({
    method: 'get',
    path: '/rapports/:id',
    tag,
    summary: 'Suivre un rapport demandé',
    access: ['read', 'Rapport'],
    params: idParam,
    answer: { status: 200, description: 'Le rapport', schema: rapportAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params }) => resource(await readRapport(app.db, access, params.id)),
  }),
];
