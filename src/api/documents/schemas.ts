import { z } from 'zod';
import { DOCUMENT_LIST, type StoredFile } from '../../services/documents/documents';
import { csv, id, pagination, queryBoolean, queryId, resourceFields, search, text } from '../http/schemas';
import { texte } from '../http/validation';

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
      .meta({ type: 'string', format: 'binary', description: 'Au plus 50 Mo' }),
    intervention_id: queryId.optional().meta({ description: 'Elle, ou equipement_id' }),
    equipement_id: queryId.optional().meta({ description: 'Lui, ou intervention_id' }),
    type_document: typeDocument,
    visible_client: queryBoolean
      .default(false)
      .meta({ description: 'Montré au client de l’intervention ; réservé aux responsables' }),
  })
  .refine((body) => (body.intervention_id === undefined) !== (body.equipement_id === undefined), {
    path: ['intervention_id'],
    error: texte(
      'Soit intervention_id, soit equipement_id est requis',
      'Either intervention_id or equipement_id is required',
    ),
  })
  .meta({ oneOf: [{ required: ['intervention_id'] }, { required: ['equipement_id'] }] });

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
    is_encrypted: z.boolean(),
    intervention_id: id.nullable(),
    equipement_id: id.nullable(),
    uploadeur_id: id.nullable().meta({ description: 'null pour ce que le système a fait' }),
    numero_version: z.int().meta({ description: 'Parmi les documents du même nom au même endroit' }),
    visible_client: z.boolean(),
    date_upload: z.iso.datetime(),
  })
  .meta({ id: 'Document' });
