import { z } from 'zod';
import {
  HISTORIQUE_RENDEZ_VOUS_SORTABLE,
  listHistoriqueRendezVous,
  SOURCES_HISTORIQUE,
} from '../../services/rendez-vous/historique';
import { page, type Route, route } from '../http/route';
import { id, pagination } from '../http/schemas';

const state = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ description: 'Ni réponses ni participants : rien de ce que quelqu’un a dit de soi' });

const historiqueAnswer = z
  .object({
    id: z.int(),
    action: z.string(),
    date: z.iso.datetime(),
    source: z.enum(SOURCES_HISTORIQUE),
    auteur: z
      .object({ id, nom: z.string(), prenom: z.string() })
      .nullable()
      .meta({ description: 'Pour ceux qui s’en occupent ; null sinon, et pour le système' }),
    avant: state,
    apres: state,
  })
  .meta({ id: 'HistoriqueRendezVous' });

export const rendezVousHistoriqueRoutes: Route[] = [
  route({
    method: 'get',
    path: '/rendez-vous/:uid/historique',
    tag: 'Rendez-vous',
    summary: 'Lire l’historique d’un rendez-vous',
    description: 'Qui, d’où, quand, avant et après.',
    access: ['read', 'RendezVous'],
    params: z.strictObject({
      uid: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,40}$/)
        .meta({ description: 'Identifiant public' }),
    }),
    query: z.strictObject(pagination(HISTORIQUE_RENDEZ_VOUS_SORTABLE)),
    answer: {
      status: 200,
      description: 'Les lignes, les plus anciennes d’abord',
      schema: historiqueAnswer,
      list: true,
    },
    refusals: ['INTROUVABLE'],
    handle: async ({ app, access, params, query, ctx }) =>
      page({ ctx }, await listHistoriqueRendezVous(app.db, access, params.uid, query)),
  }),
];
