import { z } from 'zod';
import { NIVEAUX_EXPERIENCE } from '../../domain/identite/techniciens';
import { ROLES } from '../../domain/roles';
import { email, id, newPassword, personName, resourceFields, telephone } from './schemas';

/** A person as several resources take and answer them: the accounts, and one's own under `/auth/me`. */

export const userFields = {
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
export const currentPassword = z
  .string()
  .min(1)
  .max(1_000)
  .optional()
  .meta({ format: 'password', description: 'Le sien, pour changer sa propre adresse' });

export const userChanges = z.strictObject({ ...userFields, current_password: currentPassword }).partial();

export const userAnswer = z
  .object({
    ...resourceFields,
    email: z.string(),
    nom: z.string(),
    prenom: z.string(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    derniere_connexion: z.iso.datetime().nullable(),
    langue: userFields.langue,
    telephone: z.string().nullable(),
    sms_arretes: z
      .boolean()
      .meta({ description: 'STOP a été répondu de ce numéro : il ne reçoit plus de SMS' }),
    telephone_invalide: z
      .boolean()
      .meta({ description: 'Selon l’opérateur, personne n’a ce numéro : il ne reçoit plus de SMS' }),
    site_ids: z.array(id),
    tous_sites: z.boolean().meta({ description: 'La personne voit tous les sites' }),
    invitation_en_attente: z
      .boolean()
      .meta({ description: 'La personne n’a pas encore choisi de mot de passe' }),
    email_invalide: z
      .object({ date: z.iso.datetime({ offset: true }), raison: z.string() })
      .nullable()
      .meta({
        description:
          'Un serveur de mail a refusé l’adresse pour de bon, et pourquoi : plus rien n’y part tant qu’elle n’a pas changé',
      }),
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
