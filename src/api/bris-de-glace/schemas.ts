import { z } from 'zod';
import { CONCLUSIONS, ETATS_BRIS } from '../../domain/cabinet/bris-de-glace';
import { BRIS_LIST } from '../../services/cabinet/bris-de-glace';
import { csv, id, pagination, paragraphs, queryId } from '../http/schemas';

export const brisBody = z.strictObject({
  motif: paragraphs(10, 1_000).meta({ description: 'Pourquoi ; scellé, lu par le gérant du cabinet' }),
});

export const revueBody = z.strictObject({
  conclusion: z.enum(CONCLUSIONS),
  commentaire: paragraphs(1, 1_000).nullable().default(null).meta({ description: 'Scellé' }),
});

export const brisQuery = z.strictObject({
  ...pagination(BRIS_LIST.sortable),
  cabinet_id: csv(queryId).optional(),
  patient_id: csv(queryId).optional(),
  user_id: csv(queryId).optional(),
  etat: csv(z.enum(ETATS_BRIS)).optional(),
});

const somebody = z.object({ nom: z.string(), prenom: z.string() });

export const brisAnswer = z
  .object({
    id,
    cabinet_id: id,
    patient_id: id,
    user_id: id,
    auteur: somebody,
    motif: z.string(),
    date_debut: z.iso.datetime(),
    date_fin: z.iso.datetime().meta({ description: 'Le dossier se referme alors' }),
    etat: z.enum(ETATS_BRIS),
    averti_le: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Quand le patient en a été averti, s’il peut l’être' }),
    revue: z
      .object({
        auteur: somebody,
        date: z.iso.datetime(),
        conclusion: z.enum(CONCLUSIONS),
        commentaire: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'BrisDeGlace' });
