import { z } from 'zod';
import { ANOMALIES, MOMENTS, signataireFault } from '../../domain/documents/documents';
import { DOCUMENT_LIST, type StoredFile } from '../../services/documents/documents';
import {
  csv,
  id,
  pagination,
  plainName,
  queryBoolean,
  queryId,
  resourceFields,
  search,
  text,
} from '../http/schemas';
import { texte } from '../http/validation';

const signataire = z
  .strictObject({ nom: plainName(200), qualite: text(1, 200) })
  .meta({ id: 'Signataire', description: 'Qui a signé' });

/** A form sends an object as JSON. */
const formSignataire = z
  .string()
  .max(2_000)
  .transform((value, ctx) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      ctx.issues.push({ code: 'custom', message: NOT_JSON, input: value });
      return z.NEVER;
    }
  })
  .pipe(signataire)
  .meta({
    description:
      'JSON : {"nom": …, "qualite": …} ; exigé d’une signature (type_document: signature), d’elle seule',
    example: '{"nom": "Salma Idrissi", "qualite": "Cheffe d’atelier"}',
  });

const NOT_JSON = texte(
  'Attendu : {"nom": …, "qualite": …} en JSON',
  'Expected: {"nom": …, "qualite": …} as JSON',
);

const typeDocument = text(1, 100).meta({
  description: 'Nature du document, au choix',
  example: 'rapport_intervention',
});

/** The fields of the form; numbers and booleans travel as text. */
export const uploadBody = z
  .strictObject({
    file: z
      .custom<StoredFile>(
        isStoredFile,
        texte('Un fichier, et un seul, est attendu', 'Exactly one file is expected'),
      )
      .meta({
        type: 'string',
        format: 'binary',
        description: 'Au plus DOCUMENT_MAX_OCTETS, 50 Mo sauf autre réglage',
      }),
    intervention_id: queryId.optional().meta({ description: 'Elle, ou equipement_id' }),
    equipement_id: queryId.optional().meta({ description: 'Lui, ou intervention_id' }),
    remplace: queryId.optional().meta({
      description: 'Le document dont ceci est la version suivante ; il dit aussi où et ce que c’est',
    }),
    type_document: typeDocument.optional(),
    confidentiel: queryBoolean.default(false).meta({
      description:
        'Chiffré dans le stockage, et jamais montré aux clients. Avant le fichier, il est chiffré au passage ; après, ' +
        'une fois reçu',
    }),
    signataire: formSignataire.optional(),
    moment: z
      .enum(MOMENTS)
      .optional()
      .meta({ description: 'De la photo : avant ou après le travail, ou le défaut' }),
    garder_position: queryBoolean.default(false).meta({
      description: 'Le lieu où une photo fut prise y reste',
    }),
    visible_client: queryBoolean
      .default(false)
      .meta({ description: 'Montré au client de l’intervention ; réservé aux responsables' }),
  })
  .superRefine(({ intervention_id, equipement_id, remplace, type_document, signataire }, ctx) => {
    const add = (champ: string, message: string) =>
      ctx.addIssue({ code: 'custom', path: [champ], message, input: undefined });
    const targets = [intervention_id, equipement_id].filter((given) => given !== undefined).length;
    if (targets > 1 || (targets === 0 && remplace === undefined)) add('intervention_id', ONE_TARGET);
    if (type_document !== undefined) {
      const fault = signataireFault(type_document, signataire);
      if (fault !== null) add('signataire', texte(fault.fr, fault.en));
    } else if (remplace === undefined) add('type_document', TYPE_REQUIRED);
  })
  .meta({
    anyOf: [{ required: ['intervention_id'] }, { required: ['equipement_id'] }, { required: ['remplace'] }],
  });

const ONE_TARGET = texte(
  'Soit intervention_id, soit equipement_id est requis',
  'Either intervention_id or equipement_id is required',
);
const TYPE_REQUIRED = texte('Requis, sauf avec remplace', 'Required, unless with remplace');

/** What was found when a document was read again. */
export const integriteAnswer = z.object({
  document_id: id,
  conforme: z.boolean(),
  anomalie: z.enum(ANOMALIES).nullable().meta({ description: 'Ce qui ne correspond pas' }),
  taille: z.int().meta({ description: 'Octets déposés' }),
  checksum: z.string().meta({ description: 'SHA-256 de ce qui a été déposé' }),
  date_verification: z.iso.datetime(),
});

export const rotationAnswer = z
  .object({
    id,
    cle: z.string().meta({ description: 'Nom de la clé de l’anneau qui scelle désormais' }),
    statut: z.enum(['en_cours', 'terminee', 'interrompue']).meta({
      description: 'interrompue : l’anneau a changé encore avant la fin',
    }),
    total: z.int().meta({ description: 'Documents dont la clé était à changer' }),
    traites: z.int(),
    demandeur_id: id.nullable(),
    date_creation: z.iso.datetime(),
    date_fin: z.iso.datetime().nullable(),
    version: z.int(),
  })
  .meta({ id: 'RotationCles' });

export const etatClesAnswer = z.object({
  courante: z.string().meta({ description: 'Nom de la clé de l’anneau qui scelle' }),
  cles: z.array(
    z.object({
      id: z.string(),
      presente: z.boolean().meta({ description: 'Dans DOCUMENT_KEYS' }),
      documents: z.int().meta({ description: 'Documents qu’elle scelle, supprimés compris' }),
    }),
  ),
  rotation: rotationAnswer.nullable().meta({ description: 'La dernière demandée' }),
  perdus: z
    .array(z.object({ document_id: id, nom: z.string(), cle: z.string() }))
    .meta({ description: 'Documents dont la clé est absente de DOCUMENT_KEYS, les 200 premiers' }),
  perdus_total: z.int().meta({ description: 'Leur nombre, supprimés compris' }),
});

export const documentChanges = z
  .strictObject({
    nom: text(1, 255).meta({
      description:
        'Comme celui d’un dépôt : sans dossier ni caractère invisible, la fin reste celle du contenu',
    }),
    type_document: typeDocument,
    visible_client: z.boolean().meta({ description: 'Réservé aux responsables' }),
    moment: z.enum(MOMENTS).nullable().meta({ description: 'De la photo' }),
  })
  .partial();

function isStoredFile(value: unknown): value is StoredFile {
  return typeof value === 'object' && value !== null && 'cle_stockage' in value;
}

export const documentQuery = z.strictObject({
  ...pagination(DOCUMENT_LIST.sortable),
  intervention_id: csv(queryId).optional(),
  equipement_id: csv(queryId).optional(),
  type_document: csv(text(1, 100)).optional(),
  q: search.optional(),
});

export const interventionDocumentsQuery = z.strictObject(pagination(DOCUMENT_LIST.sortable));

export const documentAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    type_document: z.string(),
    taille: z.int().meta({ description: 'Octets' }),
    mime_type: z.string(),
    checksum: z.string().meta({ description: 'SHA-256 du contenu, en hexadécimal' }),
    is_encrypted: z.boolean().meta({ description: 'Confidentiel : chiffré dans le stockage' }),
    intervention_id: id.nullable(),
    equipement_id: id.nullable(),
    rapport_id: id.nullable().meta({ description: 'Le rapport demandé qu’il est, d’aucun des deux' }),
    uploadeur_id: id.nullable().meta({ description: 'null pour ce que le système a fait' }),
    numero_version: z.int().meta({ description: 'Parmi ses versions' }),
    visible_client: z.boolean(),
    signataire: signataire.nullable().meta({ description: 'D’une signature' }),
    moment: z.enum(MOMENTS).nullable().meta({ description: 'D’une photo' }),
    date_upload: z.iso.datetime(),
  })
  .meta({ id: 'Document' });
