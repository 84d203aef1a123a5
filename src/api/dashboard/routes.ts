import { readStats } from '../../services/pilotage/dashboard';
import { type Route, route } from '../http/route';
import { statsAnswer } from './schemas';

export const dashboardRoutes: Route[] = [
  route({
    method: 'get',
    path: '/dashboard/stats',
    tag: 'Tableau de bord',
    summary: 'Lire les indicateurs',
    description: 'Un responsable voit ceux de ses sites, un technicien les siens.',
    access: ['read', 'Dashboard'],
    answer: { status: 200, description: 'Les indicateurs', schema: statsAnswer },
    handle: async ({ app, access, actor }) => ({
      body: await readStats(app.db, access, actor.now, app.config.timeZone),
    }),
  }),
];
