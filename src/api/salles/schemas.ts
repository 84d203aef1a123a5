import { z } from 'zod';
import { SALLE_LIST } from '../../services/rendez-vous/salles';
import { exceptions, exceptionsAnswer } from '../http/exceptions';
import { HORAIRES, horaires, horairesAnswer } from '../http/horaires';
import { csv, id, pagination, queryBoolean, queryId, resourceFields, text } from '../http/schemas';

const etiquette = text(1, 50);

const fields = {
  nom: text(1, 100),
  site_id: id.nullable().meta({ description: 'null pour la maison' }),
  capacite: z.int().min(1).max(10_000).meta({ description: 'Personnes' }),
  etiquettes: z.array(etiquette).max(30).meta({ description: 'Ce qu’elle a, ou à quoi elle sert' }),
  horaires: horaires.nullable().meta({ description: `${HORAIRES} ; null si elle est toujours ouverte` }),
  exceptions,
  actif: z.boolean(),
};

export const salleBody = z.strictObject({
  ...fields,
  site_id: fields.site_id.default(null),
  etiquettes: fields.etiquettes.default([]),
  horaires: fields.horaires.default(null),
  exceptions: fields.exceptions.default([]),
  actif: fields.actif.default(true),
});

export const salleChanges = z.strictObject(fields).partial();

export const salleQuery = z.strictObject({
  ...pagination(SALLE_LIST.sortable),
  site_id: csv(queryId).optional(),
  etiquette: etiquette.optional(),
  actif: queryBoolean.optional(),
});

export const salleAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    site_id: id.nullable(),
    capacite: z.int(),
    etiquettes: z.array(z.string()),
    horaires: horairesAnswer.nullable(),
    exceptions: exceptionsAnswer,
    actif: z.boolean(),
  })
  .meta({ id: 'Salle' });
