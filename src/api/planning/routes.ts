import { dayAt, endOf, startOf, startOfDay } from '../../domain/local-time';
import { readCalendrier } from '../../services/planification/calendrier';
import { listConflits } from '../../services/planification/conflits';
import { listPlanning, readTechnicienPlanning } from '../../services/planification/planning';
import { readSemaine } from '../../services/planification/semaine';
import { clientHas } from '../http/etags';
import { page, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { boundedPeriod } from '../http/visites';
import {
  calendrierQuery,
  conflitAnswer,
  conflitsQuery,
  planningAnswer,
  planningQuery,
  semaineQuery,
  technicienPlanningQuery,
} from './schemas';

const tag = 'Planning';

/** The picture holds neither scripts nor styles, and what was slipped into it would do nothing. */
const IMAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

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
    path: '/planning/semaine.svg',
    tag,
    summary: 'Voir une semaine',
    description:
      'Une image : les personnes de haut en bas, les jours de gauche à droite, les visites avec leur trajet, leur retard et ce ' +
      'qui s’y oppose, les absences et les jours fermés. Elle se lit aussi imprimée en gris. Un technicien voit sa propre ' +
      'ligne ; d’une visite d’un site qu’on ne voit pas, seul le temps pris est montré.',
    access: ['read', 'Planning'],
    query: semaineQuery,
    answer: {
      status: 200,
      description: 'L’image, dans la langue de qui la demande',
      contentType: 'image/svg+xml',
      revalidated: true,
      total: true,
    },
    handle: async ({ app, access, query: { semaine = null, site_id = null, limit, offset }, actor, ctx }) => {
      const { timeZone, trajets } = app.config;
      const asked = { semaine, siteId: site_id, limit, offset };
      const settings = { timeZone, trajets, now: actor.now };
      const { svg, etag, total } = await readSemaine(app.db, access, asked, settings);
      const headers = {
        'Cache-Control': 'private, no-cache',
        'Content-Security-Policy': IMAGE_POLICY,
        ETag: etag,
        'X-Total-Count': String(total),
      };
      if (clientHas(ctx, etag)) return { status: 304, headers };
      return { headers: { ...headers, 'Content-Type': 'image/svg+xml; charset=utf-8' }, body: svg };
    },
  }),
  route({
    method: 'get',
    path: '/planning/conflits',
    tag,
    summary: 'Lister les visites devenues impossibles',
    description:
      'Par une absence, un jour férié ou de fermeture, d’autres horaires ou un départ, ou parce que quelqu’un a deux ' +
      'travaux en cours. Ce qui avait été forcé n’en est pas.',
    access: ['read', 'Planning'],
    query: conflitsQuery,
    answer: { status: 200, description: 'Les visites en conflit', schema: conflitAnswer, list: true },
    handle: async ({ app, access, actor, query, ctx }) => {
      const { limit, offset, sort, curseur, date_debut, date_fin, ...filters } = query;
      const { timeZone } = app.config;
      const today = dayAt(actor.now.getTime(), timeZone);
      const period = {
        debut:
          date_debut === undefined ? new Date(startOfDay(today, timeZone)) : startOf(date_debut, timeZone),
        fin: date_fin === undefined ? undefined : endOf(date_fin, timeZone),
      };
      const request = { limit, offset, sort, curseur };
      return page(
        { ctx },
        await listConflits(app.db, access, { ...filters, ...period }, request, actor.now, timeZone),
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
      const period = boundedPeriod(date_debut, date_fin, {
        now: actor.now,
        timeZone: app.config.timeZone,
        maxDays: MAX_DAYS,
      });
      return { body: await readTechnicienPlanning(app.db, access, params.id, { ...period, statut }) };
    },
  }),
  route({
    method: 'get',
    path: '/planning/technicien/:id/calendrier.ics',
    tag,
    summary: 'Lire le calendrier d’un technicien (iCalendar)',
    description:
      'Pour un programme de calendrier, sous l’adresse que donne `POST /techniciens/{id}/calendrier` : ses visites, de 30 ' +
      'jours en arrière à un an en avant. Une visite annulée reste dite telle pendant six semaines.',
    access: 'public',
    params: idParam,
    query: calendrierQuery,
    answer: {
      status: 200,
      description: 'Les visites',
      contentType: 'text/calendar; charset=utf-8',
      revalidated: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, params, query: { jeton }, actor: { now }, ctx }) => {
      const asked = { technicienId: params.id, jeton, hote: new URL(app.config.publicUrl).host, now };
      const { calendrier, etag } = await readCalendrier(app.db, asked, app.rulesFor);
      const headers = { 'Cache-Control': 'private, no-cache', ETag: etag };
      if (clientHas(ctx, etag)) return { status: 304, headers };
      return {
        headers: {
          ...headers,
          'Content-Type': 'text/calendar; charset=utf-8',
          'Content-Disposition': 'inline; filename="calendrier.ics"',
        },
        body: calendrier,
      };
    },
  }),
];
