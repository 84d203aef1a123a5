import { z } from 'zod';
import { SEXES, STATUTS_IDENTITE } from '../../domain/cabinet/identites';
import { id } from './schemas';

/** Who a patient is, as a desk has to know it: of those that are found, and of those that come. */
export const patientTrouve = {
  id,
  cabinet_id: id,
  nom_naissance: z.string(),
  nom_usage: z.string().nullable(),
  prenoms: z.string(),
  sexe: z.enum(SEXES),
  date_naissance: z.string(),
  date_deces: z.iso.date().nullable().meta({ description: 'Un jour ; null pour qui est en vie' }),
  statut_identite: z.enum(STATUTS_IDENTITE),
  actif: z.boolean(),
  version: z.int(),
};
