import { z } from 'zod';
import { ROLES } from '../../domain/roles';
import { NIVEAUX_EXPERIENCE } from '../../domain/techniciens';
import { USER_LIST } from '../../services/users';
import {
  csv,
  email,
  id,
  newPassword,
  pagination,
  queryBoolean,
  resourceFields,
  search,
  telephone,
  text,
} from '../schemas';

const fields = {
  email,
  password: newPassword,
  nom: text(1, 100),
  prenom: text(1, 100),
  role: z.enum(ROLES),
  is_active: z.boolean(),
  langue: z.enum(['fr', 'en', 'ar']),
  telephone: telephone.nullable(),
  site_ids: z
    .array(id)
    .max(200)
    .transform((ids) => [...new Set(ids)].sort((a, b) => a - b))
    .meta({ description: 'Sites d’un responsable ou d’un client ; aucun : un responsable les voit tous' }),
};

export const userBody = z.strictObject({
  ...fields,
  is_active: fields.is_active.default(true),
  langue: fields.langue.default('fr'),
  telephone: fields.telephone.default(null),
  site_ids: fields.site_ids.default([]),
});

/** A replacement says whether the account is active, rather than reactivating it by silence. */
export const userReplacement = userBody.extend({
  is_active: fields.is_active,
  password: fields.password.optional().meta({ description: 'Inchangé s’il n’est pas donné' }),
});

export const userChanges = z.strictObject(fields).partial();

export const userQuery = z.strictObject({
  ...pagination(USER_LIST.sortable),
  q: search.optional(),
  role: csv(z.enum(ROLES)).optional(),
  is_active: queryBoolean.optional(),
});

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
