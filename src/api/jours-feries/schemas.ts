import { z } from 'zod';
import { STATUTS_FERIE } from '../../domain/planification/feries';
import { DEMI_JOURNEES } from '../../domain/working-time';
import { FERIE_LIST } from '../../services/planification/feries';
import { jour, pays } from '../http/lieux';
import { csv, pagination, resourceFields, text } from '../http/schemas';

export const ferieBody = z.strictObject({
  pays,
  date: jour,
  libelle: text(1, 100),
  statut: z.enum(STATUTS_FERIE).default('confirme'),
  demi_journee: z
    .enum(DEMI_JOURNEES)
    .nullable()
    .default(null)
    .meta({ description: 'La moitié qui est fériée ; null pour le jour entier' }),
});

export const ferieChanges = z.strictObject({
  pays: pays.optional(),
  date: jour.optional(),
  libelle: ferieBody.shape.libelle.optional(),
  statut: z.enum(STATUTS_FERIE).optional(),
  demi_journee: z.enum(DEMI_JOURNEES).nullable().optional(),
});

export const ferieQuery = z.strictObject({
  ...pagination(FERIE_LIST.sortable),
  pays: csv(pays).optional(),
  statut: csv(z.enum(STATUTS_FERIE)).optional(),
  date_debut: jour.optional().meta({ description: 'Compris' }),
  date_fin: jour.optional().meta({ description: 'Compris' }),
});

export const ferieAnswer = z
  .object({
    ...resourceFields,
    pays: z.string(),
    date: z.iso.date(),
    libelle: z.string(),
    statut: z
      .enum(STATUTS_FERIE)
      .meta({ description: '`estime` : calculé d’avance, à confirmer quand il est annoncé' }),
    demi_journee: z.enum(DEMI_JOURNEES).nullable(),
  })
  .meta({ id: 'JourFerie' });
