import { z } from 'zod';
import { isZone } from '../../domain/local-time';
import { MAX_EXCEPTIONS } from '../../domain/rendez-vous/ressources';
import { INTERVENANT_LIST } from '../../services/rendez-vous/intervenants';
import { exceptions, exceptionsAnswer } from '../http/exceptions';
import { HORAIRES, horaires, horairesAnswer } from '../http/horaires';
import { jour, pays } from '../http/lieux';
import { csv, id, pagination, plainName, queryBoolean, queryId, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

const absence = z.strictObject({
  date_debut: jour,
  date_fin: jour.meta({ description: 'Comprise' }),
  motif: text(1, 200).nullable().default(null),
  remplacant_id: id
    .nullable()
    .default(null)
    .meta({ description: 'L’intervenant que l’on propose à sa place' }),
});

const fields = {
  user_id: id.meta({ description: 'Le compte, de n’importe quel rôle' }),
  nom_public: plainName(100).meta({ description: 'Sous lequel le connaissent ceux qui réservent' }),
  site_id: id.nullable().meta({ description: 'Dont les responsables s’en occupent ; null pour la maison' }),
  fuseau_horaire: z
    .string()
    .max(64)
    .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
    .nullable()
    .meta({ description: 'Nom IANA ; null pour celui du site' }),
  pays: pays.nullable(),
  horaires: horaires.nullable().meta({ description: `${HORAIRES} ; null pour les horaires du site` }),
  exceptions,
  absences: z.array(absence).max(MAX_EXCEPTIONS),
  actif: z.boolean(),
};

export const intervenantBody = z.strictObject({
  ...fields,
  site_id: fields.site_id.default(null),
  fuseau_horaire: fields.fuseau_horaire.default(null),
  pays: fields.pays.default(null),
  horaires: fields.horaires.default(null),
  exceptions: fields.exceptions.default([]),
  absences: fields.absences.default([]),
  actif: fields.actif.default(true),
});

export const intervenantChanges = z.strictObject(fields).partial();

export const intervenantQuery = z.strictObject({
  ...pagination(INTERVENANT_LIST.sortable),
  site_id: csv(queryId).optional(),
  actif: queryBoolean.optional(),
});

export const intervenantAnswer = z
  .object({
    ...resourceFields,
    user_id: id,
    nom_public: z.string(),
    site_id: id.nullable(),
    fuseau_horaire: z.string().nullable(),
    pays: z.string().nullable(),
    horaires: horairesAnswer.nullable(),
    exceptions: exceptionsAnswer,
    absences: z.array(
      z.object({
        date_debut: z.iso.date(),
        date_fin: z.iso.date(),
        motif: z.string().nullable(),
        remplacant_id: id.nullable(),
      }),
    ),
    actif: z.boolean(),
  })
  .meta({ id: 'Intervenant' });
