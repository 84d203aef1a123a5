import { z } from 'zod';
import { ANCRES } from '../../domain/cabinet/conservation';
import { STATUTS_PURGE } from '../../services/cabinet/purges';
import { id, paragraphs, queryId, text } from '../http/schemas';

const politique = {
  ancre: z
    .enum(ANCRES)
    .meta({ description: 'À partir de quand court la durée ; `deces` ne concerne que qui est décédé' }),
  duree_mois: z.int().min(1).max(1200),
  source: text(3, 500).meta({ description: 'Qui le dit' }),
};

export const politiqueBody = z.strictObject({ cabinet_id: id.nullable().default(null), ...politique });

const politiques = z.array(z.object({ ...politique, origine: z.enum(['livree', 'declaree']) }));

export const politiquesAnswer = z.object({ cabinet_id: id, politiques });

export const echeancesQuery = z.strictObject({ cabinet_id: queryId.optional() });

export const echeancesAnswer = z
  .object({
    cabinet_id: id,
    politiques,
    echeances: z.array(
      z.object({
        patient_id: id,
        dernier_acte: z.iso.date(),
        echeance: z.iso.date().meta({ description: 'Le dernier jour de conservation' }),
        retenues: z.array(id),
        purge_id: id.nullable(),
      }),
    ),
  })
  .meta({ id: 'EcheancesConservation' });

export const retenueBody = z.strictObject({
  patient_id: id,
  motif: paragraphs(3, 1000).meta({ description: 'Scellé' }),
});

const instant = z.iso.datetime();

export const retenueAnswer = z
  .object({ id, cabinet_id: id, patient_id: id, date: instant, levee_le: instant.nullable() })
  .meta({ id: 'RetenueConservation' });

export const purgeBody = z.strictObject({ patient_id: id });

export const purgeAnswer = z
  .object({
    id,
    cabinet_id: id,
    patient_id: id,
    statut: z.enum(STATUTS_PURGE),
    echeance: z.iso.date(),
    demandee_par: id,
    demandee_le: instant,
    signee_par: id.nullable(),
    signee_le: instant.nullable(),
    execution_le: instant.nullable(),
    detruite_le: instant.nullable(),
    faite_le: instant.nullable(),
    arretee_le: instant.nullable(),
    raison_arret: z.enum(['demande', 'retenue', 'plus_due']).nullable(),
    bilan: z
      .object({
        detruites: z.record(z.string(), z.int()),
        objets: z.int(),
        restent: z.record(z.string(), z.object({ nombre: z.int(), pourquoi: z.string() })),
      })
      .nullable(),
  })
  .meta({ id: 'Purge' });
