import { z } from 'zod';
import { ERREURS_EXPORT, STATUTS_EXPORT } from '../../domain/cabinet/exports';
import { id, resourceFields } from '../http/schemas';

export const exportAnswer = z
  .object({
    ...resourceFields,
    cabinet_id: id,
    patient_id: id,
    statut: z.enum(STATUTS_EXPORT).meta({
      description:
        'en_cours ; pret : à retirer jusqu’à date_expiration ; remis ; expire ; echoue : erreur dit pourquoi',
    }),
    erreur: z
      .enum(ERREURS_EXPORT)
      .nullable()
      .meta({
        description:
          'comptes : la copie ne contenait pas exactement ce qu’il y a ; droits : qui l’a demandée ne peut plus l’avoir, ou le patient a été réuni à un autre ; ' +
          'essais : elle n’a pas pu être établie en un jour',
      }),
    date_pret: z.iso.datetime().nullable(),
    date_expiration: z.iso.datetime().nullable(),
    date_remise: z.iso.datetime().nullable(),
    date_effacement: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Depuis quand plus rien n’en est gardé' }),
    ressources: z
      .record(z.string(), z.int())
      .nullable()
      .meta({ description: 'Ressources FHIR de chaque type, tant qu’elle est à retirer' }),
  })
  .meta({ id: 'ExportDossier' });
