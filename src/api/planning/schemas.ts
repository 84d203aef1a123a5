import { z } from 'zod';
import { RAISONS_CONFLIT } from '../../domain/planification/conflits';
import { MAX_DURATION, MIN_DURATION, STATUTS_PLANNING } from '../../domain/planification/planning';
import { PRIORITES } from '../../domain/priorites';
import { PLANNING_LIST } from '../../services/planification/planning';
import {
  csv,
  id,
  instantOrDate,
  pagination,
  queryId,
  queryNumber,
  resourceFields,
  segmentsAnswer,
} from '../http/schemas';
import { texte } from '../http/validation';

const statut = csv(z.enum(STATUTS_PLANNING)).optional();

export const planningQuery = z.strictObject({
  ...pagination(PLANNING_LIST.sortable),
  technicien_id: csv(queryId).optional(),
  intervention_id: csv(queryId).optional(),
  statut,
  date_debut: instantOrDate.optional().meta({ description: 'Visites à partir de' }),
  date_fin: instantOrDate.optional().meta({ description: 'Visites jusqu’à, jour compris' }),
});

export const conflitsQuery = z.strictObject({
  ...pagination(PLANNING_LIST.sortable),
  technicien_id: csv(queryId).optional(),
  site_id: csv(queryId).optional(),
  date_debut: instantOrDate.optional().meta({ description: 'Aujourd’hui si absente' }),
  date_fin: instantOrDate.optional().meta({ description: 'Jour compris' }),
});

export const technicienPlanningQuery = z.strictObject({
  date_debut: instantOrDate.optional().meta({ description: 'Aujourd’hui si absente' }),
  date_fin: instantOrDate
    .optional()
    .meta({ description: 'Jour compris ; sept jours si absente, et au plus 366 après date_debut' }),
  statut,
});

export const planningAnswer = z
  .object({
    ...resourceFields,
    intervention_id: id,
    technicien_id: id,
    equipiers: z.array(id).meta({ description: 'Les techniciens dont elle prend aussi le temps' }),
    date_planifiee: z.iso.datetime(),
    duree_estimee: z.int().min(MIN_DURATION).max(MAX_DURATION).meta({ description: 'Minutes de travail' }),
    segments: segmentsAnswer,
    statut: z.enum(STATUTS_PLANNING),
    debut_reel: z.iso.datetime().nullable().meta({ description: 'Quand le travail a commencé' }),
    fin_reelle: z.iso.datetime().nullable().meta({ description: 'Quand il a pris fin' }),
    notes: z.string().nullable(),
    intervention: z
      .object({
        titre: z.string(),
        priorite: z.enum(PRIORITES),
        equipement: z.object({ nom: z.string(), localisation: z.string().nullable() }),
      })
      .nullable()
      .meta({ description: 'null pour qui voit la visite, mais pas, ou plus, ce qu’elle était' }),
  })
  .meta({ id: 'Planning' });

export const calendrierQuery = z.strictObject({
  // Whatever is not the token is told what a wrong one is told.
  jeton: z.string().default('').meta({ description: 'Tel que donné dans l’adresse' }),
});

/** More people than these are on no picture that anybody reads. */
const MAX_PEOPLE = 60;

export const semaineQuery = z.strictObject({
  semaine: z
    .string()
    .regex(
      /^[12]\d{3}-W(?:0[1-9]|[1-4]\d|5[0-3])$/,
      texte('Semaine attendue, comme 2026-W51', 'A week is expected, such as 2026-W51'),
    )
    .optional()
    .meta({ description: 'Comme `2026-W51` (ISO 8601) ; la semaine en cours si absente' }),
  site_id: queryId.optional().meta({ description: 'Tous les sites si absent' }),
  limit: queryNumber(1, MAX_PEOPLE).default(30).meta({ description: 'Personnes par image' }),
  offset: queryNumber(0, 10_000).default(0).meta({ description: 'Personnes à passer, par ordre de nom' }),
});

export const conflitAnswer = planningAnswer
  .extend({
    raisons: z.array(z.enum(RAISONS_CONFLIT)),
    avec: z
      .array(z.object({ intervention_id: id.nullable(), debut: z.iso.datetime(), fin: z.iso.datetime() }))
      .meta({
        description: 'Le travail en cours qui prend ce temps ; sans identifiant pour qui ne peut le lire',
      }),
  })
  .meta({ id: 'ConflitPlanning' });
