import { z } from 'zod';
import { ROLES } from '../../domain/roles';
import { id, newPassword, text } from '../schemas';
import { userChanges } from '../users/schemas';

/** What somebody types to sign in is compared, not judged: the rules for new ones do not apply. */
const typedEmail = text(1, 1_000);
const typedPassword = z.string().min(1).max(1_000).meta({ format: 'password' });

export const credentials = z.strictObject({
  email: typedEmail,
  password: typedPassword,
});

/** RFC 6749 §4.3.2. The client and the scope are taken and ignored, since forms of OAuth2 libraries send them. */
export const passwordGrant = z.strictObject({
  grant_type: z.literal('password').optional(),
  username: typedEmail,
  password: typedPassword,
  scope: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
});

export const refreshBody = z.strictObject({
  refresh_token: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .meta({ description: 'Sinon « Authorization: Bearer rt_… »' }),
});

export const profileChanges = userChanges.pick({ nom: true, prenom: true, langue: true, telephone: true });

export const passwordChange = z.strictObject({
  current_password: typedPassword,
  new_password: newPassword,
});

export const tokenAnswer = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int().meta({ description: 'Secondes' }),
  })
  .meta({ id: 'Jetons' });

export const signInAnswer = tokenAnswer
  .extend({
    user: z.object({
      id,
      email: z.string(),
      role: z.enum(ROLES),
      nom: z.string(),
      prenom: z.string(),
    }),
  })
  .meta({ id: 'Connexion' });
