import { z } from 'zod';
import type { FusionLue } from '../../services/cabinet/fusion';
import type { Answer } from './route';
import { id } from './schemas';

/** What is answered of a merge of two patients. */

export const fusionAnswer = z
  .object({
    id,
    cabinet_id: id,
    patient_id: id.meta({ description: 'Qui reste' }),
    avec: id.meta({ description: 'Qui a été fusionné' }),
    deplacees: z
      .record(z.string(), z.int())
      .meta({ description: 'Combien de lignes sont passées de l’un à l’autre, par table' }),
    date: z.iso.datetime(),
    annulable_jusqu_a: z.iso.datetime(),
    annulee_le: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Fusion' });

/** A merge, and the two whom it is about. */
export function merged({ fusion, patients }: FusionLue, status = 200): Answer {
  return { status, body: fusion, patients };
}
