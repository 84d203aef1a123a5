import { z } from 'zod';

/** Whatever is not a token is told what a wrong one is told. */
export const agendaParams = z.strictObject({
  jeton: z.string().meta({ description: 'Tel que donné dans l’adresse' }),
});
