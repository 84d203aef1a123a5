import { z } from 'zod';
import { MOIS, STATUTS_RAPPORT, TYPES_RAPPORT } from '../../domain/pilotage/rapports';
import { LANGUES } from '../../domain/writing';
import { id, resourceFields } from '../http/schemas';
import { texte } from '../http/validation';

const langue = z.enum(LANGUES).optional().meta({ description: 'Sinon celle de la maison' });

export const rapportBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('intervention'), intervention_id: id, langue }),
  z.strictObject({ type: z.literal('equipement'), equipement_id: id, langue }),
  z.strictObject({
    type: z.literal('semaine'),
    technicien_id: id,
    semaine: z
      .string()
      .max(8)
      .regex(/^\d{4}-W\d{2}$/, texte('Une semaine `2026-W51` est attendue', 'A week `2026-W51` is expected'))
      .meta({ description: 'ISO 8601', example: '2026-W51' }),
    langue,
  }),
  z.strictObject({
    type: z.literal('mois'),
    mois: z
      .string()
      .max(7)
      .regex(MOIS, texte('Un mois `2026-12` est attendu', 'A month `2026-12` is expected'))
      .meta({ example: '2026-12' }),
    site_id: id.optional().meta({ description: 'Sinon tous les sites que l’appelant voit' }),
    langue,
  }),
]);

export const rapportAnswer = z
  .object({
    ...resourceFields,
    type: z.enum(TYPES_RAPPORT),
    langue: z.enum(LANGUES),
    demandeur_id: id,
    intervention_id: id.nullable(),
    equipement_id: id.nullable(),
    technicien_id: id.nullable(),
    site_id: id.nullable(),
    periode: z.string().nullable().meta({ description: '`2026-W51` ou `2026-12`' }),
    statut: z.enum(STATUTS_RAPPORT),
    document_id: id.nullable().meta({ description: 'null tant que le rapport n’est pas classé' }),
  })
  .meta({ id: 'Rapport' });
