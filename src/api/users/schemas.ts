import { z } from 'zod';
import { NIVEAUX_EXPERIENCE } from '../../domain/identite/techniciens';
import { ROLES } from '../../domain/roles';
import { USER_LIST } from '../../services/identite/users';
import {
  csv,
  email,
  id,
  MAX_ID,
  newPassword,
  pagination,
  personName,
  queryBoolean,
  resourceFields,
  search,
  telephone,
} from '../http/schemas';
import { texte } from '../http/validation';

const fields = {
  email,
  password: newPassword,
  nom: personName,
  prenom: personName,
  role: z.enum(ROLES),
  is_active: z.boolean(),
  langue: z.enum(['fr', 'en', 'ar']),
  telephone: telephone.nullable(),
  site_ids: z
    .array(id)
    .max(200)
    .transform((ids) => [...new Set(ids)].sort((a, b) => a - b))
    .meta({ description: 'Sites d’un responsable, d’un technicien ou d’un client ; aucun n’en est aucun' }),
  tous_sites: z
    .boolean()
    .nullable()
    .meta({
      description:
        'La personne voit tous les sites : toujours pour un administrateur, jamais pour un client. null : à la création, ' +
        'sans site, si c’est le cas de qui ouvre le compte ; ensuite, comme avant, et nommer des sites restreint à eux',
    }),
};

/** What somebody shows before they change their own address. */
const currentPassword = z
  .string()
  .min(1)
  .max(1_000)
  .optional()
  .meta({ format: 'password', description: 'Le sien, pour changer sa propre adresse' });

export const userBody = z.strictObject({
  ...fields,
  password: fields.password.optional().meta({
    description:
      'Sans lui, la personne reçoit une invitation à choisir le sien, que personne d’autre ne connaît',
  }),
  is_active: fields.is_active.default(true),
  langue: fields.langue.default('fr'),
  telephone: fields.telephone.default(null),
  site_ids: fields.site_ids.default([]),
  tous_sites: fields.tous_sites.default(null),
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
    .pipe(fields.site_ids)
    .default([]),
  tous_sites: queryBoolean.nullable().default(null),
});

/** A replacement says whether the account is active, rather than reactivating it by silence. */
export const userReplacement = userBody.extend({
  is_active: fields.is_active,
  password: fields.password.optional().meta({ description: 'Inchangé s’il n’est pas donné' }),
  current_password: currentPassword,
});

export const userChanges = z.strictObject({ ...fields, current_password: currentPassword }).partial();

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

export const userAnswer = z
  .object({
    ...resourceFields,
    email: z.string(),
    nom: z.string(),
    prenom: z.string(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    derniere_connexion: z.iso.datetime().nullable(),
    langue: fields.langue,
    telephone: z.string().nullable(),
    site_ids: z.array(id),
    tous_sites: z.boolean().meta({ description: 'La personne voit tous les sites' }),
    invitation_en_attente: z
      .boolean()
      .meta({ description: 'La personne n’a pas encore choisi de mot de passe' }),
    technicien: z
      .object({
        id,
        specialite: z.string(),
        competences: z.array(z.string()),
        niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
        disponibilite: z.boolean(),
      })
      .optional()
      .meta({ description: 'Présent quand la personne a une fiche de technicien' }),
  })
  .meta({ id: 'User' });
