import { z } from 'zod';
import {
  ALERTES_CONTRAT,
  MAX_EQUIPEMENTS_CONTRAT,
  MAX_PREAVIS,
  MAX_VISITES,
  PREAVIS,
} from '../../domain/parc/contrats';
import { CONTRAT_LIST } from '../../services/parc/contrats';
import { jour } from '../http/lieux';
import { csv, id, pagination, queryId, resourceFields, text } from '../http/schemas';

const fields = {
  reference: text(1, 100),
  client_id: id,
  site_id: id.nullable().meta({ description: 'Pour ce site seul ; null pour tout ce que le client possède' }),
  equipements: z
    .array(id)
    .max(MAX_EQUIPEMENTS_CONTRAT)
    .meta({ description: 'Pour ceux-ci seuls ; aucun pour tout le site, ou tout ce que le client possède' }),
  niveau_service_id: id.nullable().meta({ description: 'null pour les délais de la maison' }),
  date_debut: jour.meta({ description: 'Comprise, au calendrier du site' }),
  date_fin: jour.nullable().meta({ description: 'Comprise ; null sans fin' }),
  visites_incluses: z
    .int()
    .min(1)
    .max(MAX_VISITES)
    .nullable()
    .meta({ description: 'Interventions préventives comprises ; null quand elles ne sont pas comptées' }),
  preavis_jours: z
    .int()
    .min(0)
    .max(MAX_PREAVIS)
    .meta({ description: 'Jours avant la fin auxquels les responsables sont prévenus' }),
};

export const contratBody = z.strictObject({
  ...fields,
  site_id: fields.site_id.default(null),
  equipements: fields.equipements.default([]),
  niveau_service_id: fields.niveau_service_id.default(null),
  date_fin: fields.date_fin.default(null),
  visites_incluses: fields.visites_incluses.default(null),
  preavis_jours: fields.preavis_jours.default(PREAVIS),
});

export const contratChanges = z.strictObject(fields).partial();

export const contratQuery = z.strictObject({
  ...pagination(CONTRAT_LIST.sortable),
  client_id: queryId.optional(),
  site_id: queryId.optional(),
  equipement_id: queryId.optional().meta({ description: 'Qui nomment cet équipement' }),
  niveau_service_id: queryId.optional(),
  valide_le: jour.optional().meta({ description: 'Valides ce jour' }),
  alerte: csv(z.enum(ALERTES_CONTRAT)).optional(),
});

export const contratAnswer = z
  .object({
    ...resourceFields,
    reference: z.string(),
    client_id: id,
    site_id: id.nullable(),
    equipements: z.array(id),
    niveau_service_id: id.nullable(),
    niveau_service: z.object({ id, nom: z.string() }).nullable(),
    date_debut: z.iso.date(),
    date_fin: z.iso.date().nullable(),
    visites_incluses: z.int().nullable(),
    visites_faites: z.int().meta({
      description:
        'Interventions préventives terminées sous ce contrat, un jour où il valait ; ce qui est rouvert ne compte plus',
    }),
    preavis_jours: z.int(),
    alertes: z.array(z.enum(ALERTES_CONTRAT)).meta({ description: 'Ce dont il faut s’occuper aujourd’hui' }),
  })
  .meta({ id: 'Contrat' });
