import { z } from 'zod';
import { DECISIONS, STATUTS_EXAMEN } from '../../domain/cabinet/examens';
import { EXAMEN_LIST, NON_RATTACHES_LIST } from '../../services/cabinet/examens';
import { jour } from '../http/lieux';
import { csv, id, pagination, paragraphs, personName, queryId, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

const contenu = {
  libelle: text(1, 300).meta({ description: 'Ce qui est demandé ; scellé' }),
  indication: paragraphs(1, 2_000).nullable(),
  laboratoire: text(1, 200).nullable(),
};

const resultat = {
  texte: paragraphs(1, 20_000),
  partiel: z.boolean().meta({ description: 'Si une suite est attendue' }),
  critique: z.boolean().meta({ description: 'À voir dans les quatre heures, au lieu de trois jours' }),
};

export const resultatBody = z.strictObject({
  ...resultat,
  partiel: resultat.partiel.default(false),
  critique: resultat.critique.default(false),
});

const identite = z.strictObject({
  nom: personName,
  prenoms: personName.nullable().default(null),
  date_naissance: text(1, 30).nullable().default(null).meta({ description: 'Telle qu’elle est écrite' }),
});

export const examenBody = z
  .strictObject({
    patient_id: id
      .nullable()
      .default(null)
      .meta({ description: 'null pour un résultat dont personne ne sait encore de qui il est' }),
    cabinet_id: id.nullable().default(null).meta({
      description: 'De ce qui n’est encore à personne ; superflu pour qui n’est membre que d’un cabinet',
    }),
    ...contenu,
    indication: contenu.indication.default(null),
    laboratoire: contenu.laboratoire.default(null),
    attendu_le: jour
      .nullable()
      .default(null)
      .meta({ description: 'Le jour, au cabinet, où le résultat est attendu' }),
    identite: identite.nullable().default(null).meta({ description: 'De qui le résultat dit qu’il est' }),
    resultat: resultatBody.nullable().default(null),
  })
  .refine(({ patient_id, identite: lue }) => patient_id !== null || lue !== null, {
    path: ['identite'],
    error: texte('De qui le résultat dit qu’il est', 'Who the result says that it is of'),
  })
  .refine(({ patient_id, resultat: recu }) => patient_id !== null || recu !== null, {
    path: ['resultat'],
    error: texte('Sans patient, un résultat qui est arrivé', 'Without a patient, a result that has come'),
  })
  .refine(
    ({ patient_id, identite: lue, resultat: recu }) => patient_id === null || (lue === null && recu === null),
    {
      path: ['patient_id'],
      error: texte(
        'Le résultat d’un examen demandé s’ajoute par `PUT …/resultat`',
        'The result of what was asked for is added by `PUT …/resultat`',
      ),
    },
  )
  .refine(({ patient_id, attendu_le }) => patient_id !== null || attendu_le === null, {
    path: ['attendu_le'],
    error: texte('Il est déjà arrivé', 'It has come already'),
  });

export const examenChanges = z
  .strictObject({
    attendu_le: jour.nullable(),
    medecin_id: id.meta({ description: 'Qui en est averti d’abord' }),
  })
  .partial();

export const decisionBody = z.strictObject({
  numero: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'Du résultat que l’on a vu ; null de ce qui n’est jamais arrivé' }),
  decision: z.enum(DECISIONS),
  commentaire: paragraphs(1, 2_000).nullable().default(null),
});

export const rattachementBody = z.strictObject({
  patient_id: id,
  medecin_id: id
    .nullable()
    .default(null)
    .meta({ description: 'Qui en est averti d’abord ; superflu pour un médecin qui le rattache' }),
});

export const examenQuery = z.strictObject({
  ...pagination(EXAMEN_LIST.sortable),
  patient_id: csv(queryId).optional(),
  statut: csv(z.enum(STATUTS_EXAMEN)).optional(),
  medecin_id: csv(queryId).optional(),
});

export const nonRattachesQuery = z.strictObject(pagination(NON_RATTACHES_LIST.sortable));

const personne = z.object({ id, nom: z.string(), prenom: z.string() });
const instant = z.iso.datetime();

export const examenListAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    patient_id: id,
    medecin: personne.nullable(),
    statut: z.enum(STATUTS_EXAMEN),
    attendu_le: z.iso.date().nullable(),
    critique: z.boolean(),
    recu_le: instant.nullable(),
  })
  .meta({ id: 'ExamenListe' });

const identiteLue = z.object({
  nom: z.string(),
  prenoms: z.string().nullable(),
  date_naissance: z.string().nullable(),
});

export const nonRattacheAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    identite: identiteLue,
    critique: z.boolean(),
    recu_le: instant,
  })
  .meta({ id: 'ExamenNonRattache' });

const decision = z.object({ decision: z.enum(DECISIONS), commentaire: z.string().nullable() });

export const examenAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    patient_id: id.nullable(),
    ...contenu,
    medecin: personne.nullable(),
    statut: z.enum(STATUTS_EXAMEN),
    identite: identiteLue.nullable(),
    attendu_le: z.iso.date().nullable(),
    critique: z.boolean(),
    recu_le: instant.nullable(),
    resultats: z.array(
      z.object({
        numero: z.int(),
        ...resultat,
        auteur: personne,
        date: instant,
        vu_le: instant.nullable(),
        vu_par: personne.nullable(),
        decision: decision.nullable(),
      }),
    ),
    vu_le: instant.nullable(),
    vu_par: personne.nullable(),
    decision: decision.nullable(),
  })
  .meta({ id: 'Examen' });

export const rattachementAnswer = z.object({ id, version: z.int() });
