import { dayAt } from '../../domain/local-time';
import { applyJournee, type Journee, readJournee } from '../../services/planification/tournees';
import type { AppContext } from '../context';
import { openApiPath, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { accepted } from './propositions';
import { propositionDetail } from './propositions-schemas';
import { tourneeAnswer, tourneeQuery } from './tournee-schemas';

const tag = 'Planning';
const PATH = '/planning/technicien/:id/tournee';

export const tourneeRoutes: Route[] = [
  route({
    method: 'get',
    path: PATH,
    tag,
    summary: 'Comparer la tournée d’un technicien avec la meilleure',
    description:
      'Les visites du jour qui ne sont pas commencées, dans leur ordre et dans le meilleur : retards d’abord, trajet ensuite.',
    access: ['read', 'Planning'],
    params: idParam,
    query: tourneeQuery,
    answer: { status: 200, description: 'Les deux ordres', schema: tourneeAnswer },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, actor, params, query }) => {
      const { situation: _, ...journee } = await readJournee(
        toolsOf(app),
        access,
        params.id,
        dayOf(app, query.date, actor.now),
        actor.now,
        'read',
      );
      return { body: journee };
    },
  }),
  route({
    method: 'post',
    path: PATH,
    tag,
    summary: 'Appliquer la meilleure tournée d’un technicien',
    description:
      'Visite par visite, chacune comme une affectation donnée par l’appelant ; l’en-tête Location dit où en suivre ' +
      'l’application. Les visites d’autres sites restent à leur heure.',
    access: ['create', 'Proposition'],
    params: idParam,
    query: tourneeQuery,
    transaction: true,
    answer: {
      status: 202,
      description: 'La proposition que c’est, en cours d’application',
      schema: propositionDetail,
    },
    refusals: ['INTROUVABLE', 'CONFLIT_PLANNING'],
    about: (body) => ({ subject: 'Proposition', id: (body as { id: number }).id }),
    prepare: ({ app, access, actor, params, query }) =>
      readJournee(toolsOf(app), access, params.id, dayOf(app, query.date, actor.now), actor.now, 'assign'),
    handle: async ({ app, tx, access, actor, prepared, afterCommit }) => {
      const requete = `POST ${openApiPath(PATH)}`;
      const { timeZone } = app.config;
      const made = await applyJournee(tx, access, actor, prepared as Journee, requete, timeZone);
      afterCommit(() => app.engine.startApplicationInBackground(made.id));
      return accepted(made);
    },
  }),
];

/** Today, unless a day is named. */
function dayOf({ config }: AppContext, date: string | undefined, now: Date): string {
  return date ?? dayAt(now.getTime(), config.timeZone);
}

function toolsOf({ db, trajets, tournees, config }: AppContext) {
  return { db, trajets, proposer: tournees.run.bind(tournees), timeZone: config.timeZone };
}
