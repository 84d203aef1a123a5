import { z } from 'zod';
import { TYPES_IDENTIFIANT } from '../../domain/cabinet/identites';
import { id, idParam, text } from '../http/schemas';

export const elementParams = idParam.extend({ element_id: idParam.shape.id });

export const identifiantParams = idParam.extend({ identifiant_id: idParam.shape.id });

const identifiantFields = { type: z.enum(TYPES_IDENTIFIANT), valeur: text(1, 50) };
export const identifiantBody = z.strictObject(identifiantFields);
export const identifiantChanges = z.strictObject(identifiantFields).partial();
export const identifiantAnswer = z
  .object({ id, type: z.enum(TYPES_IDENTIFIANT), valeur: z.string(), version: z.int() })
  .meta({ id: 'IdentifiantPatient' });
