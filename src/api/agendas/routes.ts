import { readAgenda } from '../../services/rendez-vous/agendas';
import { clientHas } from '../http/etags';
import { type Route, route } from '../http/route';
import { agendaParams } from './schemas';

/** Calendars under private addresses: for programs that cannot sign in. */
export const agendaIcsRoutes: Route[] = [
  route({
    method: 'get',
    path: '/agendas/:jeton.ics',
    tag: 'Agendas',
    summary: 'Lire un agenda (iCalendar)',
    description:
      'Pour un programme de calendrier, sous l’adresse que donnent `POST /intervenants/{id}/agenda` et ' +
      '`POST /salles/{id}/agenda` : les rendez-vous, de 30 jours en arrière à un an en avant. Un rendez-vous annulé n’y est plus.',
    access: 'public',
    params: agendaParams,
    answer: {
      status: 200,
      description: 'Les rendez-vous',
      contentType: 'text/calendar; charset=utf-8',
      revalidated: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, params: { jeton }, actor: { now }, ctx }) => {
      const { agenda, etag } = await readAgenda(app.db, jeton, now);
      const headers = { 'Cache-Control': 'private, no-cache', ETag: etag };
      if (clientHas(ctx, etag)) return { status: 304, headers };
      return {
        headers: {
          ...headers,
          'Content-Type': 'text/calendar; charset=utf-8',
          'Content-Disposition': 'inline; filename="agenda.ics"',
        },
        body: agenda,
      };
    },
  }),
];
