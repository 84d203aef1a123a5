import { z } from 'zod';
import { TYPES_CERTIFICAT } from '../../domain/cabinet/certificats';
import { STATUTS_ECRIT } from '../../domain/cabinet/ordonnances';
import { ECRIT_LIST } from '../../services/cabinet/ecrits';
import { jour } from '../http/lieux';
import { csv, id, idParam, pagination, paragraphs, queryId, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

export const ecritParams = idParam;

const nom = text(1, 200).nullable();

const ligne = z.strictObject({
  dci: nom.default(null).meta({ description: 'Dénomination commune internationale' }),
  specialite: nom.default(null).meta({ description: 'Nom de marque, à défaut ou en plus de la DCI' }),
  dosage: text(1, 100).nullable().default(null),
  posologie: text(1, 500).nullable().default(null),
  mode: text(1, 500).nullable().default(null).meta({ description: 'Mode d’emploi : voie, moment' }),
  duree_jours: z.int().min(1).max(3_650).nullable().default(null),
  boites: z.int().min(1).max(999).nullable().default(null),
  renouvellements: z.int().min(0).max(24).default(0),
  non_substituable: z.boolean().default(false),
});

/** What is written in each of them. */
const CONTENUS = {
  ordonnance: {
    lignes: z.array(ligne).max(50),
    poids_kg: z.number().min(0.2).max(500).nullable(),
    taille_cm: z.number().min(15).max(280).nullable(),
    remarques: paragraphs(1, 2_000).nullable(),
  },
  certificat: {
    type: z.enum(TYPES_CERTIFICAT),
    texte: paragraphs(1, 5_000).nullable().meta({ description: 'En français' }),
    texte_ar: paragraphs(1, 5_000).nullable().meta({ description: 'Traduction, pour la copie en arabe' }),
    date_debut: jour.nullable(),
    date_fin: jour.nullable(),
    diagnostic: text(1, 500).nullable().meta({ description: 'Aucun, sauf accord de la personne' }),
    accord_diagnostic: z.boolean(),
    remis_a: z.enum(['patient', 'representant']),
  },
} as const;

const DEFAUTS = {
  ordonnance: { lignes: [], poids_kg: null, taille_cm: null, remarques: null },
  certificat: {
    type: 'autre',
    texte: null,
    texte_ar: null,
    date_debut: null,
    date_fin: null,
    diagnostic: null,
    accord_diagnostic: false,
    remis_a: 'patient',
  },
} as const;

const commun = {
  a_remettre: z.boolean().meta({
    description: 'Si l’accueil peut remettre le document signé, dans les 24 heures de la signature',
  }),
  copie_arabe: z
    .boolean()
    .meta({ description: 'Si une copie en arabe est établie à côté de l’original français' }),
};

const forcer = z.strictObject({ motif: text(1, 500) }).meta({
  description: 'Répond à `ALLERGIE_CONNUE` : pourquoi c’est prescrit tout de même ; scellé avec l’ordonnance',
});

export type Genre = keyof typeof CONTENUS;

const withDefaults = (genre: Genre) =>
  Object.fromEntries(
    Object.entries(CONTENUS[genre]).map(([name, schema]) => [
      name,
      (schema as z.ZodType).default((DEFAUTS[genre] as Record<string, unknown>)[name]),
    ]),
  ) as Record<string, z.ZodType>;

/** The fields of what is written, by their names. */
export const champsOf = (genre: Genre): string[] => Object.keys(CONTENUS[genre]);

export const ecritBody = (genre: Genre) =>
  z.strictObject({
    patient_id: id,
    ...withDefaults(genre),
    a_remettre: commun.a_remettre.default(false),
    copie_arabe: commun.copie_arabe.default(false),
    ...(genre === 'ordonnance' && { forcer: forcer.optional() }),
  });

export const ecritChanges = (genre: Genre) =>
  z
    .strictObject({ ...(CONTENUS[genre] as Record<string, z.ZodType>), ...commun })
    .partial()
    .extend(genre === 'ordonnance' ? { forcer: forcer.optional() } : {});

const preuve = {
  mot_de_passe: z.string().min(1).max(1_000).optional(),
  code: z.string().min(1).max(50).optional().meta({ description: 'Du second facteur, ou de secours' }),
};

export const signatureBody = (genre: Genre) =>
  z
    .strictObject({ ...preuve, ...(genre === 'ordonnance' && { forcer: forcer.optional() }) })
    .refine(({ mot_de_passe, code }) => (mot_de_passe === undefined) !== (code === undefined), {
      path: ['mot_de_passe'],
      error: texte(
        'Le mot de passe ou un code du second facteur, l’un des deux',
        'The password or a code of the second factor, one of the two',
      ),
    });

export const invalidationBody = z.strictObject({ motif: text(1, 500) });

export const documentQuery = z.strictObject({
  langue: z
    .enum(['fr', 'ar'])
    .default('fr')
    .meta({ description: '`ar` : la copie, qui dit que l’original est en français' }),
  usage: z
    .enum(['telechargement', 'impression'])
    .default('telechargement')
    .meta({ description: 'Ce qui est inscrit au journal du dossier' }),
});

export const ecritQuery = z.strictObject({
  ...pagination(ECRIT_LIST.sortable),
  patient_id: csv(queryId).optional(),
  statut: csv(z.enum(STATUTS_ECRIT)).optional(),
  auteur_id: csv(queryId).optional(),
});

const personne = z.object({ id, nom: z.string(), prenom: z.string() });
const instant = z.iso.datetime();

const entete = {
  ...resourceFields,
  cabinet_id: id,
  patient_id: id,
  auteur: personne,
  statut: z.enum(STATUTS_ECRIT),
  ...commun,
  date_signature: instant.nullable(),
};

const NOMS = { ordonnance: 'Ordonnance', certificat: 'Certificat' } as const;

export const ecritListAnswer = (genre: Genre) => z.object(entete).meta({ id: `${NOMS[genre]}Liste` });

const alerte = z.object({
  allergie_id: id,
  substance: z.string(),
  raison: z.enum(['substance', 'classe']),
  classe: z.string().nullable(),
  medicament: z.object({ dci: z.string().nullable(), specialite: z.string().nullable() }),
  motif: z.string(),
  par: id,
  date: instant,
});

export const ecritAnswer = (genre: Genre) =>
  z
    .object({
      ...entete,
      ...(CONTENUS[genre] as Record<string, z.ZodType>),
      empreinte: z.string().nullable().meta({ description: 'SHA-256 du document signé, en hexadécimal' }),
      invalidation: z.object({ motif: z.string(), date: instant, par: personne }).nullable(),
      ...(genre === 'ordonnance' && {
        alertes: z.array(alerte).meta({ description: 'Allergies connues auxquelles il a été répondu' }),
        verification: z
          .object({ etat: z.enum(['connues', 'aucune_connue', 'non_renseignees']), date: instant })
          .meta({
            description:
              'À quoi les lignes ont été comparées : `non_renseignees` dit que personne n’a demandé au patient, ' +
              'et que rien n’a donc pu être comparé',
          }),
      }),
    })
    .meta({ id: NOMS[genre] });
