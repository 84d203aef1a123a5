import type { Context } from 'koa';
import type { NomRapport } from '../../domain/rendez-vous/rapports';
import { TEXTES_RAPPORTS } from '../../domain/rendez-vous/textes-rapports';
import type { Langue } from '../../domain/writing';
import { drawRapport, type Rapport, readRapport } from '../../services/rendez-vous/rapports';
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../http/csv';
import { type Answer, type Route, route } from '../http/route';
import { columnsOf, type FormatRapport, rapportAnswer, rapportQuery } from './schemas';

const WHAT: Readonly<Record<NomRapport, { summary: string; description: string }>> = {
  occupation: {
    summary: 'Lire l’occupation des intervenants',
    description:
      'Temps réservé ÷ temps ouvré de la période, par intervenant. Un atelier compte une fois, un tampon ne compte pas.',
  },
  absences: {
    summary: 'Lire les absences aux rendez-vous',
    description: 'Absents ÷ (venus + absents), par prestation.',
  },
  delais: {
    summary: 'Lire les délais de réservation',
    description:
      'Médiane, neuvième décile et moyenne entre la réservation et le début, par prestation, de ceux qui tiennent ou ont tenu.',
  },
  annulations: {
    summary: 'Lire les annulations',
    description: 'Annulés ÷ demandés, par qui, et combien après le préavis, par prestation.',
  },
  'par-intervenant': {
    summary: 'Lire les rendez-vous par intervenant',
    description: 'Un rendez-vous à plusieurs compte pour chacun, et une fois au total.',
  },
};

const TYPES: Readonly<Record<FormatRapport, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  svg: 'image/svg+xml',
};

/** The picture holds neither scripts nor styles, and what was slipped into it would do nothing. */
const IMAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

const rapport = (nom: NomRapport): Route =>
  route({
    method: 'get',
    path: `/rapports-rendez-vous/${nom}`,
    tag: 'Rapports de rendez-vous',
    summary: WHAT[nom].summary,
    description:
      `${WHAT[nom].description} Un rendez-vous compte dans la période où il commence. Un responsable voit les chiffres de ses ` +
      'sites, un intervenant les siens. En JSON, en CSV (UTF-8 avec BOM, RFC 4180, ce qui commencerait une formule précédé ' +
      'd’une apostrophe) ou en image SVG, dans la langue de qui la demande.',
    access: ['read', 'Intervenant'],
    query: rapportQuery,
    answer: {
      status: 200,
      description: 'Les chiffres',
      schema: rapportAnswer(nom),
      contentType: [TYPES.csv, TYPES.svg],
    },
    handle: async ({ app, access, actor, query: { format, ...demande }, ctx }) => {
      const figures = await readRapport(app.db, access, nom, demande, actor.now, app.config.timeZone);
      ctx.vary('Accept');
      return answerAs[format ?? preferred(ctx)](figures, access.principal.langue);
    },
  });

export const rapportRendezVousRoutes: Route[] = [
  rapport('occupation'),
  rapport('absences'),
  rapport('delais'),
  rapport('annulations'),
  rapport('par-intervenant'),
];

function preferred(ctx: Context): FormatRapport {
  const type = ctx.accepts(Object.values(TYPES));
  const formats = Object.keys(TYPES) as FormatRapport[];
  return formats.find((format) => TYPES[format] === type) ?? 'json';
}

const answerAs: Readonly<Record<FormatRapport, (figures: Rapport, langue: Langue) => Answer>> = {
  json: (figures) => ({ body: figures }),
  csv: (figures, langue) => ({
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${figures.rapport}-${figures.debut}-${figures.fin}.csv"`,
    },
    body: csvOf(figures, langue),
  }),
  svg: (figures, langue) => ({
    headers: {
      'Content-Security-Policy': IMAGE_POLICY,
      'Content-Type': 'image/svg+xml; charset=utf-8',
    },
    body: drawRapport(figures, langue),
  }),
};

function csvOf({ rapport: nom, lignes, total }: Rapport, langue: Langue): string {
  const columns = columnsOf(nom);
  const line = (ligne: object) => csvLine(columns.map((column) => (ligne as Record<string, Cell>)[column]));
  return [
    BYTE_ORDER_MARK + csvLine(columns),
    ...lignes.map(line),
    line({ ...total, nom: TEXTES_RAPPORTS[langue].total }),
  ].join('');
}
