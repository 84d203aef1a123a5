import { z } from 'zod';
import { ALERTES } from '../../domain/cabinet/alertes-dossier';
import { PARTIES, STATUTS_CONSULTATION } from '../../domain/cabinet/consultations';
import { CONSULTATION_LIST } from '../../services/cabinet/consultations';
import { METHODES } from '../../services/cabinet/consultations-lignes';
import { elementSchemas } from '../http/elements-schemas';
import { csv, id, instant, line, pagination, paragraphs, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

/** Characters of each part of what a doctor writes. */
const MAX_PARTIE = 20_000;
const MAX_LIGNES = 500;

const partie = paragraphs(1, MAX_PARTIE, MAX_LIGNES).nullable();

const fields = {
  motif: partie.meta({ description: 'Pourquoi le patient est venu' }),
  interrogatoire: partie,
  examen: partie,
  conclusion: partie,
  conduite: partie.meta({ description: 'Ce qui fut décidé' }),
  notes_personnelles: partie.meta({ description: 'De l’auteur pour lui seul : personne d’autre ne les lit' }),
  rendez_vous: line(1, 100)
    .nullable()
    .meta({ description: 'L’uid du rendez-vous que ce fut : un de ce patient' }),
};

const date = instant.meta({ description: 'Quand le patient fut vu ; maintenant, si rien n’est dit' });

export const consultationBody = z.strictObject({
  patient_id: id,
  ...fields,
  motif: fields.motif.default(null),
  interrogatoire: fields.interrogatoire.default(null),
  examen: fields.examen.default(null),
  conclusion: fields.conclusion.default(null),
  conduite: fields.conduite.default(null),
  notes_personnelles: fields.notes_personnelles.default(null),
  rendez_vous: fields.rendez_vous.default(null),
  date: date.nullable().default(null),
});

export const consultationChanges = z
  .strictObject({
    ...fields,
    date,
    statut: z.literal('abandonnee').meta({ description: 'Abandonne le brouillon, qui reste à son auteur' }),
  })
  .partial();

export const signatureBody = z
  .strictObject({
    mot_de_passe: z.string().min(1).max(1_000).optional().meta({ format: 'password' }),
    code: z
      .string()
      .trim()
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'Du second facteur, ou de secours' }),
  })
  .refine(
    ({ mot_de_passe, code }) => (mot_de_passe === undefined) !== (code === undefined),
    texte('Un mot de passe ou un code', 'A password or a code'),
  );

export const addendumBody = z.strictObject({ texte: paragraphs(1, MAX_PARTIE, MAX_LIGNES) });
export const invalidationBody = z.strictObject({ motif: text(1, 500) });

export const consultationQuery = z.strictObject({
  ...pagination(CONSULTATION_LIST.sortable),
  statut: csv(z.enum(STATUTS_CONSULTATION)).optional(),
});

const personne = z.object({ id, nom: z.string(), prenom: z.string() });
const acte = { numero: z.int(), auteur: personne, date: z.iso.datetime() };
const common = {
  ...resourceFields,
  cabinet_id: id,
  patient_id: id,
  auteur: personne,
  rendez_vous: z.string().nullable(),
  date: z.iso.datetime(),
  statut: z.enum(STATUTS_CONSULTATION),
};

export const consultationListAnswer = z
  .object({ ...common, date_signature: z.iso.datetime().nullable() })
  .meta({ id: 'ConsultationListe' });

export const consultationAnswer = z
  .object({
    ...common,
    ...Object.fromEntries(PARTIES.map((one) => [one, z.string().nullable()])),
    notes_personnelles: z.string().nullable(),
    constantes: z.array(elementSchemas('constante').answer),
    diagnostics: z.array(elementSchemas('diagnostic').answer),
    signature: z
      .object({
        ...acte,
        methode: z.enum(METHODES),
        empreinte: z.string().meta({ description: 'SHA-256 de ce qui fut signé, scellé' }),
      })
      .nullable(),
    addenda: z.array(z.object({ ...acte, texte: z.string() })),
    invalidation: z.object({ ...acte, motif: z.string() }).nullable(),
    publiee_le: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Depuis quand son patient la lit (`GET /mon/consultations`)' }),
  })
  .meta({ id: 'Consultation' });

export const dossierAnswer = z
  .object({
    patient_id: id,
    alertes: z
      .array(z.object({ type: z.enum(ALERTES), id: id.nullable() }))
      .meta({ description: 'Ce qui se voit d’abord, dans l’ordre de ce qui compte' }),
    etat_allergies: z.enum(['connues', 'aucune_connue', 'non_renseignees']).meta({
      description:
        'aucune_connue : il fut dit qu’il n’y en a pas ; non_renseignees : personne ne l’a demandé',
    }),
    allergies: z.array(elementSchemas('allergie').answer),
    traitements: z.array(elementSchemas('traitement').answer),
    antecedents: z.array(elementSchemas('antecedent').answer),
    constantes: z
      .array(elementSchemas('constante').answer)
      .meta({ description: 'La dernière de chaque type' }),
    imc: z.number().nullable().meta({ description: 'kg/m², des dernières taille et poids' }),
    consultations: z.array(consultationAnswer).meta({ description: 'Les cinq dernières' }),
  })
  .meta({ id: 'Dossier' });
