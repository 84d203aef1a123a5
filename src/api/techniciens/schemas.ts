import { z } from 'zod';
import { MAX_HABILITATIONS } from '../../domain/identite/habilitations';
import { MAX_ABSENCES, NIVEAUX_EXPERIENCE } from '../../domain/identite/techniciens';
import { endOf, startOf } from '../../domain/local-time';
import { DEFAULT_DURATION } from '../../domain/planification/planning';
import { TECHNICIEN_LIST } from '../../services/identite/techniciens';
import { HORAIRES, horaires, horairesAnswer } from '../http/horaires';
import { jour } from '../http/lieux';
import {
  csv,
  id,
  idParam,
  instantOrDate,
  pagination,
  queryBoolean,
  resourceFields,
  search,
  telephone,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';
import { dureeQuery, visitMoment } from '../http/visites';

/** Days of which the free time is told at once. */
export const MAX_JOURS_LIBRES = 60;

const absenceFields = {
  debut: instantOrDate,
  fin: instantOrDate.meta({ description: 'Exclue ; une date seule comprend ce jour' }),
  motif: text(1, 200).optional(),
};
const endsAfterItBegins = ({ debut, fin }: { debut: string; fin: string }) =>
  endOf(fin, 'UTC') > startOf(debut, 'UTC');
const END_FIRST = {
  path: ['fin'],
  message: texte('La fin précède le début', 'The end precedes the start'),
};

export const absenceBody = z.strictObject(absenceFields).refine(endsAfterItBegins, END_FIRST);

const absence = z
  .strictObject({
    id: id.optional().meta({ description: 'Tel que lu ; sans lui, une absence égale garde le sien' }),
    ...absenceFields,
  })
  .refine(endsAfterItBegins, END_FIRST);

const habilitation = z
  .strictObject({
    competence: text(1, 100),
    valide_du: jour.nullable().default(null).meta({ description: 'null : depuis toujours' }),
    valide_jusqu_au: jour.nullable().default(null).meta({ description: 'Ce jour compris ; null : sans fin' }),
  })
  .refine(
    ({ valide_du, valide_jusqu_au }) =>
      valide_du === null || valide_jusqu_au === null || valide_du <= valide_jusqu_au,
    { path: ['valide_jusqu_au'], message: END_FIRST.message },
  );

export const absenceParams = idParam.extend({ absence_id: idParam.shape.id });

const fields = {
  specialite: text(1, 100),
  competences: z
    .array(text(1, 100))
    .max(50)
    .transform((words) => [...new Set(words)]),
  habilitations: z
    .array(habilitation)
    .max(MAX_HABILITATIONS)
    .meta({
      description:
        'Compétences valables certains jours seulement : celles qu’elles nomment suivent leurs dates, même si `competences` ' +
        'les nomme aussi ; les autres sont valables sans fin',
    }),
  niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
  disponibilite: z.boolean(),
  telephone: telephone.nullable(),
  localisation_base: text(1, 200).nullable(),
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  horaires: horaires.nullable().meta({ description: `${HORAIRES} ; null pour celles du site` }),
  absences: z.array(absence).max(MAX_ABSENCES),
};

export const technicienBody = z.strictObject({
  ...fields,
  user_id: id.meta({ description: 'Une personne de rôle technicien, sans fiche encore' }),
  competences: fields.competences.default([]),
  habilitations: fields.habilitations.default([]),
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
  competences: csv(text(1, 100)).optional().meta({ description: 'Les possède toutes, valables aujourd’hui' }),
  niveau_experience: csv(z.enum(NIVEAUX_EXPERIENCE)).optional(),
  disponibilite: queryBoolean.optional(),
});

export const disponibilitesQuery = z.strictObject({
  date_debut: instantOrDate.optional().meta({ description: 'Aujourd’hui si absente' }),
  date_fin: instantOrDate.optional().meta({
    description: `Jour compris ; sept jours si absente, et au plus ${MAX_JOURS_LIBRES} après date_debut`,
  }),
});

export const disponiblesQuery = z.strictObject({
  competences: csv(text(1, 100))
    .optional()
    .meta({ description: 'Les possède toutes, valables ces jours-là' }),
  date_planifiee: visitMoment
    .optional()
    .meta({ description: 'Sans elle, le prochain créneau libre de chacun' }),
  duree_estimee: dureeQuery
    .default(DEFAULT_DURATION)
    .meta({ description: `Minutes de travail ; ${DEFAULT_DURATION} si absente` }),
});

const instant = z.iso.datetime();

export const disponibiliteAnswer = z
  .object({ debut: instant, fin: instant.meta({ description: 'Exclue' }) })
  .meta({ id: 'Disponibilite' });

export const disponibleAnswer = z
  .object({
    technicien_id: id,
    nom: z.string(),
    prenom: z.string(),
    specialite: z.string(),
    niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
    date_planifiee: instant.meta({ description: 'La date demandée, ou la première qui convienne' }),
    charge: z
      .int()
      .meta({ description: 'Minutes prises dans les quatre semaines passées et la semaine à venir' }),
  })
  .meta({ id: 'TechnicienDisponible' });

export const absenceAnswer = z
  .object({
    id: id.meta({ description: 'Parmi les absences de cette personne' }),
    debut: instant,
    fin: instant,
    motif: z
      .string()
      .optional()
      .meta({ description: 'Seulement pour la personne et pour qui peut modifier la fiche' }),
  })
  .meta({ id: 'Absence' });

export const calendrierAnswer = z
  .object({
    url: z.url().meta({ description: 'À ne confier à personne d’autre : elle suffit pour lire' }),
    date_creation: instant,
  })
  .meta({ id: 'Calendrier' });

export const technicienAnswer = z
  .object({
    ...resourceFields,
    user_id: id,
    specialite: z.string(),
    competences: z.array(z.string()),
    habilitations: z.array(
      z.object({
        competence: z.string(),
        valide_du: z.iso.date().nullable(),
        valide_jusqu_au: z.iso.date().nullable(),
      }),
    ),
    niveau_experience: z.enum(NIVEAUX_EXPERIENCE),
    disponibilite: z.boolean(),
    telephone: z.string().nullable(),
    localisation_base: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    horaires: horairesAnswer.nullable(),
    absences: z.array(absenceAnswer),
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
