import { z } from 'zod';
import { ROLES } from '../../domain/roles';
import { USER_LIST } from '../../services/identite/users';
import { csv, id, MAX_ID, pagination, queryBoolean, search } from '../http/schemas';
import { currentPassword, userFields } from '../http/users';
import { texte } from '../http/validation';

export const userBody = z.strictObject({
  ...userFields,
  password: userFields.password.optional().meta({
    description:
      'Sans lui, la personne reçoit une invitation à choisir le sien, que personne d’autre ne connaît',
  }),
  is_active: userFields.is_active.default(true),
  langue: userFields.langue.default('fr'),
  telephone: userFields.telephone.default(null),
  site_ids: userFields.site_ids.default([]),
  tous_sites: userFields.tous_sites.default(null),
});

const SITES_MESSAGE = texte(
  'Identifiants de sites attendus, séparés par des espaces ou des « | »',
  'Ids of sites are expected, separated by spaces or “|”',
);

/** A person as a line of a file of accounts; an empty cell is like a field that is left out. */
export const userLine = userBody.omit({ password: true, is_active: true }).extend({
  site_ids: z
    .string()
    .regex(/^[1-9]\d{0,9}(?:[\s|]+[1-9]\d{0,9}){0,199}$/, SITES_MESSAGE)
    .transform((cell) => cell.split(/[\s|]+/).map(Number))
    .refine((ids) => ids.every((one) => one <= MAX_ID), SITES_MESSAGE)
    .pipe(userFields.site_ids)
    .default([]),
  tous_sites: queryBoolean.nullable().default(null),
});

/** A replacement says whether the account is active, rather than reactivating it by silence. */
export const userReplacement = userBody.extend({
  is_active: userFields.is_active,
  password: userFields.password.optional().meta({ description: 'Inchangé s’il n’est pas donné' }),
  current_password: currentPassword,
});

export const userQuery = z.strictObject({
  ...pagination(USER_LIST.sortable),
  q: search.optional(),
  role: csv(z.enum(ROLES)).optional(),
  is_active: queryBoolean.optional(),
});

export const importQuery = z.strictObject({
  essai: queryBoolean.default(false).meta({ description: 'Vérifie le fichier sans rien créer' }),
});

export const importBody = z.string().meta({
  description:
    'Une ligne de noms de colonnes (email, nom, prenom, role ; au besoin langue, telephone, site_ids, tous_sites), puis une ' +
    'personne par ligne. En UTF-8, séparateur virgule ou point-virgule, 1 000 lignes et 1 Mo au plus.',
});

export const importAnswer = z
  .object({
    lignes: z.int().meta({ description: 'Personnes dans le fichier' }),
    creees: z.int(),
    utilisateurs: z.array(id).meta({ description: 'Ceux des comptes créés, dans l’ordre du fichier' }),
    erreurs: z.array(
      z.object({
        ligne: z.int().meta({ description: 'Dans le fichier, à partir de 1' }),
        champ: z.string(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ImportUtilisateurs' });
