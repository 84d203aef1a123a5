import { z } from 'zod';
import { NIVEAUX_EXPERIENCE } from '../../domain/identite/techniciens';
import { endOf, startOf } from '../../domain/local-time';
import { TECHNICIEN_LIST } from '../../services/identite/techniciens';
import {
  csv,
  id,
  instantOrDate,
  pagination,
  queryBoolean,
  resourceFields,
  search,
  telephone,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

const minute = z.int().min(0).max(1_440);

/** The stretches of one day, in order and apart from one another. */
const day = z
  .array(
    z
      .tuple([minute, minute])
      .refine(([from, to]) => from < to, texte('La fin précède le début', 'The end precedes the start')),
  )
  .max(12)
  .refine(
    (stretches) => stretches.every(([from], index) => index === 0 || from >= stretches[index - 1]![1]),
    texte(
      'Plages dans l’ordre, sans chevauchement, attendues',
      'Stretches in order and without overlap are expected',
    ),
  );

const horaires = z
  .record(z.string().regex(/^[1-7]$/), day)
  .refine(
    (week) => Object.values(week).some((stretches) => stretches.length > 0),
    texte('Au moins une plage attendue', 'At least one stretch is expected'),
  )
  .meta({
    description: 'Par jour ISO, 1 pour lundi : plages en minutes depuis minuit ; null pour celles du site',
  });

const absence = z
  .strictObject({
    debut: instantOrDate,
    fin: instantOrDate.meta({ description: 'Exclue ; une date seule comprend ce jour' }),
    motif: text(1, 200).optional(),
  })
  .refine(({ debut, fin }) => endOf(fin, 'UTC') > startOf(debut, 'UTC'), {
    path: ['fin'],
    message: texte('La fin précède le début', 'The end precedes the start'),
  });

const fields = {
  specialite: text(1, 100),
  competences: z
    .array(text(1, 100))
    .max(50)
    .transform((words) => [...new Set(words)]),
  niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
  disponibilite: z.boolean(),
  telephone: telephone.nullable(),
  localisation_base: text(1, 200).nullable(),
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  horaires: horaires.nullable(),
  absences: z.array(absence).max(200),
};

export const technicienBody = z.strictObject({
  ...fields,
  user_id: id.meta({ description: 'Une personne de rôle technicien, sans fiche encore' }),
  competences: fields.competences.default([]),
  niveau_experience: fields.niveau_experience.default('confirme'),
  disponibilite: fields.disponibilite.default(true),
  telephone: fields.telephone.default(null),
  localisation_base: fields.localisation_base.default(null),
  latitude: fields.latitude.default(null),
  longitude: fields.longitude.default(null),
  horaires: fields.horaires.default(null),
  absences: fields.absences.default([]),
});

/** Whose row it is never changes; a replacement may repeat it. */
const sameUser = id.optional().meta({ description: 'Ne change pas' });

export const technicienReplacement = technicienBody.extend({ user_id: sameUser });

export const technicienChanges = z.strictObject(fields).partial().extend({ user_id: sameUser });

export const technicienQuery = z.strictObject({
  ...pagination(TECHNICIEN_LIST.sortable),
  q: search.optional(),
  specialite: text(1, 100).optional(),
  competences: csv(text(1, 100)).optional().meta({ description: 'Les possède toutes' }),
  niveau_experience: csv(z.enum(NIVEAUX_EXPERIENCE)).optional(),
  disponibilite: queryBoolean.optional(),
});

const instant = z.iso.datetime();

export const technicienAnswer = z
  .object({
    ...resourceFields,
    user_id: id,
    specialite: z.string(),
    competences: z.array(z.string()),
    niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
    disponibilite: z.boolean(),
    telephone: z.string().nullable(),
    localisation_base: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    horaires: horaires.nullable(),
    absences: z.array(
      z.object({
        debut: instant,
        fin: instant,
        motif: z
          .string()
          .optional()
          .meta({ description: 'Seulement pour la personne et pour qui peut modifier la fiche' }),
      }),
    ),
    user: z.object({
      id,
      nom: z.string(),
      prenom: z.string(),
      email: z.string(),
      tous_sites: z.boolean().meta({ description: 'La personne travaille sur tous les sites' }),
      site_ids: z.array(id).meta({ description: 'Sinon, sur ceux-ci' }),
    }),
  })
  .meta({ id: 'Technicien' });
