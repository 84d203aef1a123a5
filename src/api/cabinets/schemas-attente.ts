import { z } from 'zod';
import { STATUTS_ATTENTE } from '../../domain/rendez-vous/attente';
import { ATTENTE_PATIENT_LIST } from '../../services/cabinet/attente';
import { patientTrouve } from '../http/patients';
import { dureeAttendue, slug, souhaitsFields } from '../http/rendez-vous';
import { csv, id, idParam, pagination, resourceFields } from '../http/schemas';

/** Who waits for an appointment of a practice. */

export const attenteParams = idParam.extend({ attente_id: idParam.shape.id });

export const attentesQuery = z.strictObject({
  ...pagination(ATTENTE_PATIENT_LIST.sortable),
  statut: csv(z.enum(STATUTS_ATTENTE)).optional(),
});

export const attenteBody = z.strictObject({
  patient_id: id,
  prestation: slug,
  praticien_id: id.nullable().default(null).meta({ description: 'Null pour qui reçoit' }),
  duree: dureeAttendue,
  ...souhaitsFields,
  heure_debut: souhaitsFields.heure_debut.default(null),
  heure_fin: souhaitsFields.heure_fin.default(null),
});

const instant = z.iso.datetime();

export const attenteAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    patient: z.object(patientTrouve),
    prestation: z.object({ slug: z.string(), libelle: z.string() }),
    praticien: z.object({ id, nom: z.string() }).nullable(),
    duree: z.int().nullable(),
    date_debut: z.iso.date(),
    date_fin: z.iso.date(),
    heure_debut: z.string().nullable(),
    heure_fin: z.string().nullable(),
    statut: z.enum(STATUTS_ATTENTE),
    position: z.int().nullable().meta({ description: 'Dans le cabinet, à partir de 1' }),
    offre: z
      .object({
        rendez_vous: z.string().meta({ description: 'L’uid de ce qui est gardé' }),
        debut: instant,
        fin: instant,
        praticien: z.string(),
        expire_le: instant,
      })
      .nullable(),
    offres_manquees: z
      .int()
      .meta({ description: 'De suite, sans réponse ; à la troisième l’attente prend fin' }),
    rendez_vous: z.string().nullable().meta({ description: 'L’uid de ce qui a été accepté' }),
  })
  .meta({ id: 'AttentePatient' });
