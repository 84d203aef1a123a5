import { Readable } from 'node:stream';
import type { z } from 'zod';
import { endOf, startOf } from '../../domain/local-time';
import {
  type AuditFilters,
  exportAudit,
  listAudit,
  readAudit,
  recordExport,
} from '../../services/audit/audit';
import { page, type Route, route } from '../http/route';
import { idParam } from '../http/schemas';
import { auditCsv } from './csv';
import { auditAnswer, auditExportQuery, auditQuery } from './schemas';

const tag = 'Audit';

export const auditRoutes: Route[] = [
  route({
    method: 'get',
    path: '/audit',
    tag,
    summary: 'Lister ce qui a été fait, et refusé',
    description:
      'Chaque changement de chaque ressource, les connexions et leurs échecs, les refus, les téléchargements et les ' +
      'exports : qui, quoi, quand, d’où, avant et après.',
    access: ['read', 'Audit'],
    query: auditQuery,
    answer: {
      status: 200,
      description: 'Les lignes, les plus récentes d’abord',
      schema: auditAnswer,
      list: true,
    },
    examples: {
      answer: [
        {
          id: 4812,
          entite: 'piece',
          entite_id: 7,
          action: 'modification',
          auteur_id: 3,
          auteur: { nom: 'Benali', prenom: 'Salma', role: 'responsable' },
          cle_api_id: null,
          adresse: '196.200.131.4',
          date: '2026-11-21T09:30:00.000Z',
          avant: { stock: 12 },
          apres: { stock: 9 },
          correlation_id: 'b6b1f0f2-6c57-4a34-9f0e-1c6f3c1f8a55',
        },
      ],
    },
    handle: async ({ app, access, query: { limit, offset, sort, curseur, ...filters }, ctx }) =>
      page(
        { ctx },
        await listAudit(app.db, access, toFilters(filters, app.config.timeZone), {
          limit,
          offset,
          sort,
          curseur,
        }),
      ),
  }),
  route({
    method: 'get',
    path: '/audit/export',
    tag,
    summary: 'Exporter l’audit en CSV',
    description:
      'Toutes les lignes qui répondent aux filtres, de la première à la dernière, sans limite de nombre. UTF-8 avec BOM, ' +
      'séparées par des virgules (RFC 4180) ; ce qui commencerait une formule est précédé d’une apostrophe. L’export ' +
      'est lui-même enregistré.',
    access: ['read', 'Audit'],
    query: auditExportQuery,
    answer: { status: 200, description: 'Les lignes', contentType: 'text/csv' },
    handle: async ({ app, access, actor, query, ctx }) => {
      const headers = {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="audit-${actor.now.toISOString().slice(0, 10)}.csv"`,
      };
      if (ctx.method === 'HEAD') return { headers };
      await recordExport(app.db.manager, actor, query);
      const pages = exportAudit(app.db, access, toFilters(query, app.config.timeZone));
      const body = Readable.from(auditCsv(pages));
      body.on('error', (err) => app.logger.warn({ err }, 'export of the audit broken off'));
      return { headers, body };
    },
  }),
  route({
    method: 'get',
    path: '/audit/:id',
    tag,
    summary: 'Lire une ligne de l’audit',
    access: ['read', 'Audit'],
    params: idParam,
    answer: { status: 200, description: 'La ligne', schema: auditAnswer },
    handle: async ({ app, access, params }) => ({ body: await readAudit(app.db, access, params.id) }),
  }),
];

/** The filters of a query, with its bare dates as days in the zone of the site. */
function toFilters(
  { date_min, date_max, ...filters }: z.output<typeof auditExportQuery>,
  timeZone: string,
): AuditFilters {
  return {
    ...filters,
    ...(date_min === undefined ? {} : { debut: startOf(date_min, timeZone) }),
    ...(date_max === undefined ? {} : { fin: endOf(date_max, timeZone) }),
  };
}
