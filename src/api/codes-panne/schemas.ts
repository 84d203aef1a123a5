import { z } from 'zod';
import { NATURES_PANNE } from '../../domain/interventions/pannes';
import { CODE_LIST } from '../../services/interventions/codes-panne';
import { csv, id, pagination, queryBoolean, queryId, resourceFields, text } from '../http/schemas';

const fields = {
  code: text(1, 30).meta({ description: 'Unique dans son arbre, sans égard à la casse' }),
  libelle: text(1, 200),
  parent_id: id.nullable().meta({ description: 'Du même arbre ; null pour une racine' }),
  actif: z.boolean().meta({ description: 'false : n’est plus choisi ; ce qui l’avait le garde' }),
};
const given = {
  ...fields,
  parent_id: fields.parent_id.default(null),
  actif: fields.actif.default(true),
};

export const codeBody = z.strictObject({ nature: z.enum(NATURES_PANNE), ...given });
export const codeReplacement = z.strictObject(given);
export const codeChanges = z.strictObject(fields).partial();

export const codeQuery = z.strictObject({
  ...pagination(CODE_LIST.sortable),
  nature: csv(z.enum(NATURES_PANNE)).optional(),
  parent_id: csv(queryId).optional(),
  actif: queryBoolean.optional(),
});

export const codeAnswer = z
  .object({
    ...resourceFields,
    nature: z.enum(NATURES_PANNE),
    code: z.string(),
    libelle: z.string(),
    parent_id: id.nullable(),
    actif: z.boolean(),
  })
  .meta({ id: 'CodePanne' });
