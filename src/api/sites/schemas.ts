import { z } from 'zod';
import { isZone } from '../../domain/local-time';
import { MAX_FERMETURES, MAX_JOURS_FERMETURE } from '../../domain/parc/sites';
import { SITE_LIST } from '../../services/parc/sites';
import { HORAIRES, horaires, horairesAnswer } from '../http/horaires';
import { jour, pays } from '../http/lieux';
import { csv, pagination, resourceFields, text } from '../http/schemas';
import { texte } from '../http/validation';

const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;

const fermeture = z
  .strictObject({
    date_debut: jour,
    date_fin: jour.meta({ description: 'Comprise' }),
    motif: text(1, 200).optional(),
  })
  .refine(({ date_debut, date_fin }) => days(date_debut, date_fin) >= 1, {
    path: ['date_fin'],
    message: texte('La fin précède le début', 'The end precedes the start'),
  })
  .refine(({ date_debut, date_fin }) => days(date_debut, date_fin) <= MAX_JOURS_FERMETURE, {
    path: ['date_fin'],
    message: texte(`Au plus ${MAX_JOURS_FERMETURE} jours`, `At most ${MAX_JOURS_FERMETURE} days`),
  });

const fields = {
  nom: text(1, 200),
  adresse: text(1, 300).nullable(),
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  fuseau_horaire: z
    .string()
    .max(64)
    .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
    .nullable()
    .meta({ description: 'Nom IANA, comme `Africa/Casablanca` ; null pour celui de l’installation' }),
  pays: pays
    .nullable()
    .meta({ description: 'Dont les jours fériés valent ici ; null pour le pays du fuseau' }),
  horaires: horaires.nullable().meta({ description: `${HORAIRES} ; null pour les horaires usuels` }),
  fermetures: z.array(fermeture).max(MAX_FERMETURES),
};

export const siteBody = z.strictObject({
  ...fields,
  adresse: fields.adresse.default(null),
  latitude: fields.latitude.default(null),
  longitude: fields.longitude.default(null),
  fuseau_horaire: fields.fuseau_horaire.default(null),
  pays: fields.pays.default(null),
  horaires: fields.horaires.default(null),
  fermetures: fields.fermetures.default([]),
});

export const siteChanges = z.strictObject(fields).partial();

export const siteQuery = z.strictObject({
  ...pagination(SITE_LIST.sortable),
  pays: csv(pays).optional(),
});

export const siteAnswer = z
  .object({
    ...resourceFields,
    nom: z.string(),
    adresse: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    fuseau_horaire: z.string().nullable(),
    pays: z.string().nullable(),
    horaires: horairesAnswer.nullable(),
    fermetures: z.array(
      z.object({ date_debut: z.iso.date(), date_fin: z.iso.date(), motif: z.string().optional() }),
    ),
  })
  .meta({ id: 'Site' });
