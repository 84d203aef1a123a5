import { z } from 'zod';
import { isZone } from '../../domain/local-time';
import { texte } from './validation';

/** What several resources say of places and their days. */

/** A country, as ISO 3166 writes it. */
export const pays = z
  .string()
  .regex(
    /^[A-Z]{2}$/,
    texte('Code de pays à deux lettres attendu', 'A country code of two letters is expected'),
  )
  .meta({ description: 'Code ISO 3166 à deux lettres' });

/** A day within what calendars are counted: no slip of the pen, nor one that nobody will live to see. */
export const jour = z.iso
  .date()
  .refine(
    (day) => day >= '2000-01-01' && day < '2101-01-01',
    texte('Entre 2000 et 2100', 'Between 2000 and 2100'),
  );

/** The zone whose days a query means. */
export const fuseauHoraire = z
  .string()
  .max(64)
  .refine(isZone, texte('Fuseau horaire inconnu', 'Unknown time zone'))
  .optional()
  .meta({ description: 'Dont sont les jours ; celui de la maison si absent' });
