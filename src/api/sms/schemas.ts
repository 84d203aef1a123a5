import { z } from 'zod';
import { toE164 } from '../../domain/identite/telephone';
import { LIVRAISONS } from '../../domain/messages/sms';
import { texte } from '../http/validation';

/** What a gateway tells. Members beyond these are its own affair. */

const date = z.iso
  .datetime({ offset: true })
  .transform((value) => new Date(value))
  .optional()
  .meta({ description: 'Quand c’est arrivé ; sinon, maintenant' });

export const statutBody = z.object({
  cle: z.string().min(1).max(300).meta({ description: 'Celle de l’envoi (`Idempotency-Key`)' }),
  statut: z.enum(LIVRAISONS),
  raison: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'De `non_livre` ; `numero_invalide` quand personne n’a ce numéro' }),
  date,
});

export const entrantBody = z.object({
  de: z
    .string()
    .max(30)
    .transform((value, context) => {
      const number = toE164(value, null);
      if (number !== null) return number;
      context.addIssue({
        code: 'custom',
        message: texte('Numéro E.164 attendu', 'An E.164 number is expected'),
      });
      return z.NEVER;
    })
    .meta({ description: 'E.164' }),
  texte: z.string().max(2_000),
  date,
});
