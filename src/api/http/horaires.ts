import { z } from 'zod';
import { texte } from './validation';

/** Working hours, as techniciens and sites have them. */

const MINUTES_A_DAY = 1_440;

/** Minutes since midnight, or a time of the day up to 24:00. */
const minute = z.union([
  z.int().min(0).max(MINUTES_A_DAY),
  z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, texte('Heure attendue, 08:00', 'A time is expected, 08:00'))
    .transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))),
]);

/** The stretches of one day, in order and apart from one another. */
export const day = z
  .array(
    z
      .tuple([minute, minute])
      .refine(([from, to]) => from < to, texte('La fin précède le début', 'The end precedes the start')),
  )
  .max(12)
  .refine(
    (stretches) => stretches.every(([from], index) => index === 0 || from >= stretches[index - 1]![1]),
    texte(
      'Plages dans l’ordre, sans chevauchement, attendues',
      'Stretches in order and without overlap are expected',
    ),
  );

/** What hours look like to a client. */
export const HORAIRES =
  'Par jour ISO, 1 pour lundi : plages `["08:00", "12:00"]` jusqu’à `"24:00"`, où une nuit se poursuit le lendemain à ' +
  '`"00:00"` ; des minutes depuis minuit sont acceptées aussi';

export const horaires = z
  .record(z.string().regex(/^[1-7]$/), day)
  .refine(
    (week) => Object.values(week).some((stretches) => stretches.length > 0),
    texte('Au moins une plage attendue', 'At least one stretch is expected'),
  )
  .meta({ description: HORAIRES });

const answered = z.int().min(0).max(MINUTES_A_DAY);

export const horairesAnswer = z
  .record(z.string(), z.array(z.tuple([answered, answered])))
  .meta({ description: 'Par jour ISO, 1 pour lundi : plages en minutes depuis minuit' });
