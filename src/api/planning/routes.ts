import { invalid } from '../../domain/errors';
import { addDays, dayAt, endOf, startOf, startOfDay } from '../../domain/local-time';
import { listPlanning, readTechnicienPlanning } from '../../services/planification/planning';
import { page, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { planningAnswer, planningQuery, technicienPlanningQuery } from './schemas';

const tag = 'Planning';

const DEFAULT_DAYS = 7;
const MAX_DAYS = 366;

export const planningRoutes: Route[] = [
  route({
    method: 'get',
    path: '/planning',
    tag,
    summary: 'Lister les visites',
    access: ['read', 'Planning'],
    query: planningQuery,
    answer: { status: 200, description: 'Les visites', schema: planningAnswer, list: true },
    handle: async ({ app, access, query, ctx }) => {
      const { limit, offset, sort, curseur, date_debut, date_fin, ...filters } = query;
      const { timeZone } = app.config;
      const period = {
        debut: date_debut === undefined ? undefined : startOf(date_debut, timeZone),
        fin: date_fin === undefined ? undefined : endOf(date_fin, timeZone),
      };
      return page(
        { ctx },
        await listPlanning(app.db, access, { ...filters, ...period }, { limit, offset, sort, curseur }),
      );
    },
  }),
  route({
    method: 'get',
    path: '/planning/technicien/:id',
    tag,
    summary: 'Lire le planning d’un technicien',
    description: 'Toutes ses visites de la période, dans l’ordre, sans pagination.',
    access: ['read', 'Planning'],
    params: idParam,
    query: technicienPlanningQuery,
    answer: { status: 200, description: 'Les visites', schema: planningAnswer.array() },
    handle: async ({ app, access, actor, params, query: { date_debut, date_fin, statut } }) => {
      const period = boundedPeriod(date_debut, date_fin, actor.now, app.config.timeZone);
      return { body: await readTechnicienPlanning(app.db, access, params.id, { ...period, statut }) };
    },
  }),
];

/** @throws {RegieError} `VALIDATION` when the period is empty or too long. */
function boundedPeriod(
  dateDebut: string | undefined,
  dateFin: string | undefined,
  now: Date,
  timeZone: string,
): { debut: Date; fin: Date } {
  const today = startOfDay(dayAt(now.getTime(), timeZone), timeZone);
  const debut = dateDebut === undefined ? today : startOf(dateDebut, timeZone).getTime();
  const fin =
    dateFin === undefined ? addDays(debut, DEFAULT_DAYS, timeZone) : endOf(dateFin, timeZone).getTime();
  if (fin <= debut) {
    throw invalid({
      champ: 'date_fin',
      message: { fr: 'Doit suivre date_debut', en: 'Must follow date_debut' },
    });
  }
  if (fin > addDays(debut, MAX_DAYS, timeZone)) {
    throw invalid({
      champ: 'date_fin',
      message: {
        fr: `Au plus ${MAX_DAYS} jours après date_debut`,
        en: `At most ${MAX_DAYS} days after date_debut`,
      },
    });
  }
  return { debut: new Date(debut), fin: new Date(fin) };
}
