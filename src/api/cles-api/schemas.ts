import { z } from 'zod';
import { CHEMIN } from '../../domain/identite/cles-api';
import { ROLES_CLE } from '../../domain/roles';
import { CLE_API_LIST } from '../../services/identite/cles-api';
import {
  csv,
  id,
  instant,
  pagination,
  plainName,
  queryBoolean,
  queryId,
  resourceFields,
  search,
} from '../http/schemas';
import { texte } from '../http/validation';

const chemins = z
  .array(
    z
      .string()
      .max(200)
      .regex(
        CHEMIN,
        texte('Chemin tel que /pieces ou GET /users/{id}', 'A path such as /pieces or GET /users/{id}'),
      ),
  )
  .min(1)
  .max(50)
  .meta({
    description:
      'Chemins tels que `/interventions` (avec tout ce qui est dessous) ou `GET /equipements/{id}` ; null : tous ceux ' +
      'que permet le rôle',
  });

const fields = {
  nom: plainName(100).meta({ description: 'À quoi elle sert ; qui reçoit un message d’elle le lit' }),
  role: z.enum(ROLES_CLE),
  chemins: chemins.nullable(),
  date_expiration: instant.nullable(),
};

export const cleApiBody = z.strictObject({
  ...fields,
  chemins: fields.chemins.default(null),
  date_expiration: fields.date_expiration.default(null),
});

export const cleApiChanges = z.strictObject(fields).omit({ role: true }).partial();

export const cleApiQuery = z.strictObject({
  ...pagination(CLE_API_LIST.sortable),
  q: search.optional(),
  role: csv(z.enum(ROLES_CLE)).optional(),
  createur_id: csv(queryId).optional(),
  revoquee: queryBoolean.optional(),
});

export const cleApiAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    role: z.enum(ROLES_CLE),
    chemins: z.array(z.string()).nullable(),
    createur_id: id.meta({ description: 'Au nom de qui elle agit' }),
    debut: z.string().meta({ description: 'Les premiers caractères de la clé' }),
    date_expiration: z.iso.datetime().nullable(),
    date_revocation: z.iso.datetime().nullable(),
    derniere_utilisation: z.iso.datetime().nullable().meta({ description: 'À une minute près' }),
    derniere_adresse: z.string().nullable(),
  })
  .meta({ id: 'CleApi' });

export const newCleApiAnswer = cleApiAnswer
  .extend({ cle: z.string().meta({ description: 'Montrée cette seule fois' }) })
  .meta({ id: 'NouvelleCleApi' });
