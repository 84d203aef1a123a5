import { z } from 'zod';
import { MAX_EXCEPTIONS } from '../../domain/rendez-vous/ressources';
import { day } from './horaires';
import { jour } from './lieux';
import { texte } from './validation';

/** Days on which other hours hold, as people and rooms that are booked have them. */
export const exceptions = z
  .array(
    z.union([
      z.strictObject({ date: jour, ferme: z.literal(true) }).transform(({ date }) => ({ date, plages: [] })),
      z.strictObject({ date: jour, plages: day }),
    ]),
  )
  .max(MAX_EXCEPTIONS)
  .refine(
    (days) => new Set(days.map(({ date }) => date)).size === days.length,
    texte('Chaque jour une seule fois', 'Each day once'),
  )
  .meta({ description: 'Jours où d’autres plages valent : `plages`, ou `ferme: true`' });

export const exceptionsAnswer = z.array(
  z.object({ date: z.iso.date(), plages: z.array(z.tuple([z.int(), z.int()])) }),
);
