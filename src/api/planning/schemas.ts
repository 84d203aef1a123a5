import { z } from 'zod';
import { MAX_DURATION, STATUTS_PLANNING } from '../../domain/planification/planning';
import { PRIORITES } from '../../domain/priorites';
import { PLANNING_LIST } from '../../services/planification/planning';
import { csv, id, instantOrDate, pagination, queryId, resourceFields } from '../http/schemas';

const statut = csv(z.enum(STATUTS_PLANNING)).optional();

export const planningQuery = z.strictObject({
  ...pagination(PLANNING_LIST.sortable),
  technicien_id: csv(queryId).optional(),
  intervention_id: csv(queryId).optional(),
  statut,
  date_debut: instantOrDate.optional().meta({ description: 'Visites à partir de' }),
  date_fin: instantOrDate.optional().meta({ description: 'Visites jusqu’à, jour compris' }),
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
    date_planifiee: z.iso.datetime(),
    duree_estimee: z.int().min(5).max(MAX_DURATION).meta({ description: 'Minutes' }),
    statut: z.enum(STATUTS_PLANNING),
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
