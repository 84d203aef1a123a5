import { MAX_LIGNES_AGENDA, readAgenda } from '../../services/rendez-vous/agenda';
import { type Route, route } from '../http/route';
import { agendaAnswer, agendaQuery } from './schemas';

export const agendaRoutes: Route[] = [
  route({
    method: 'get',
    path: '/agenda',
    tag: 'Agenda',
    summary: 'Voir un jour, une semaine ou un mois',
    description:
      'Tout ce qu’un calendrier montre, en un appel : rendez-vous et leurs participants, visites, absences, jours fériés, ' +
      'fermetures, temps pris dans les agendas tenus ailleurs, heures ouvrées. De ce que l’appelant ne peut voir, seul le temps pris est dit (`occupe`). Un intervenant ' +
      `voit sa propre ligne. Au plus ${MAX_LIGNES_AGENDA} intervenants et ${MAX_LIGNES_AGENDA} salles, par ordre de nom.`,
    access: ['read', 'Intervenant'],
    query: agendaQuery,
    answer: { status: 200, description: 'La vue', schema: agendaAnswer },
    handle: async ({ app, access, actor, query }) => ({
      body: await readAgenda(app.db, access, query, actor.now, app.config.timeZone),
    }),
  }),
];
