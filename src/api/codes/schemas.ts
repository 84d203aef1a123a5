import { z } from 'zod';
import { text } from '../http/schemas';

export const codeBody = z.strictObject({
  q: text(1, 100).meta({
    description: 'Le début d’un code, ou des mots de son libellé, sans accents et dans tout ordre',
  }),
});

export const codesAnswer = z.array(
  z.object({ code: z.string(), libelle: z.string() }).meta({ id: 'CodeCim10' }),
);
