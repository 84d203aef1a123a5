import { z } from 'zod';
import { NATURES_DEMANDE, STATUTS_DEMANDE } from '../../domain/cabinet/demandes-droits';
import { csv, id, instant, paragraphs, queryId } from '../http/schemas';

export const demandesQuery = z.strictObject({
  cabinet_id: queryId.optional(),
  statut: csv(z.enum(STATUTS_DEMANDE)).optional(),
});

const date = z.iso.datetime();

const fields = {
  id,
  cabinet_id: id,
  patient_id: id,
  nature: z.enum(NATURES_DEMANDE),
  statut: z.enum(STATUTS_DEMANDE),
  ancienne: z.boolean().meta({ description: 'Si elle porte sur des informations de plus de cinq ans' }),
  recue_le: date,
  pas_avant: date.nullable().meta({ description: 'Une copie n’est pas remise avant' }),
  echeance: date,
  delai: z
    .enum(['reflexion', 'a_repondre', 'bientot', 'en_retard'])
    .nullable()
    .meta({ description: 'Où elle en est maintenant ; null une fois répondue' }),
  repondue_le: date.nullable(),
};

export const demandeListAnswer = z.object(fields).meta({ id: 'DemandeDroitsListe' });

export const demandeAnswer = z
  .object({
    ...fields,
    demande: z.string().nullable().meta({ description: 'Pour qui peut y répondre' }),
    reponse: z.string().nullable(),
  })
  .meta({ id: 'DemandeDroits' });

export const demandeBody = z.strictObject({
  patient_id: id,
  nature: z.enum(NATURES_DEMANDE),
  demande: paragraphs(3, 2000).meta({ description: 'Ce qui est demandé ; scellé' }),
  ancienne: z.boolean().default(false).meta({
    description: 'Si elle porte sur des informations de plus de cinq ans : deux mois au lieu de huit jours',
  }),
  recue_le: instant.nullable().default(null).meta({ description: 'Maintenant, sauf si on le dit' }),
});

export const reponseBody = z.strictObject({
  statut: z.enum(['honoree', 'refusee', 'retiree']),
  reponse: paragraphs(3, 2000).meta({ description: 'Ce qui a été fait, ou pourquoi non ; scellé' }),
});
