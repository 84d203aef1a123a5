import { z } from 'zod';
import { ROLES } from '../../domain/roles';
import { email, id, newPassword, text } from '../http/schemas';
import { userChanges } from '../http/users';

/** What somebody types to sign in is compared, not judged: the rules for new ones do not apply. */
const typedEmail = text(1, 1_000);
const typedPassword = z.string().min(1).max(1_000).meta({ format: 'password' });

/** What somebody reads off their authenticator app, or one of their recovery codes. */
const typedCode = z.string().trim().min(1).max(100).meta({
  description: 'Code à 6 chiffres de l’application d’authentification, ou code de secours',
});

export const credentials = z.strictObject({
  email: typedEmail,
  password: typedPassword,
  code: typedCode.optional(),
});

/**
 * RFC 6749 §4.3.2, with the code of a second factor under the name that Keycloak gave it there. The client and the
 * scope are taken and ignored, since forms of OAuth2 libraries send them.
 */
export const passwordGrant = z.strictObject({
  grant_type: z.literal('password').optional(),
  username: typedEmail,
  password: typedPassword,
  totp: typedCode.optional(),
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

/** What somebody shows again before they change what they sign in with. */
export const passwordProof = z.strictObject({ password: typedPassword });
export const factorCode = z.strictObject({ code: typedCode });
export const factorProof = z.strictObject({ ...passwordProof.shape, ...factorCode.shape });

export const secondFactorAnswer = z
  .object({
    actif: z.boolean(),
    date_activation: z.iso.datetime().nullable(),
    codes_secours_restants: z.int().min(0),
    requis: z.boolean().meta({ description: 'Le rôle de la personne le demande' }),
  })
  .meta({ id: 'SecondFacteur' });

export const enrolmentAnswer = z
  .object({
    secret: z.string().meta({ description: 'En base32, à taper dans l’application' }),
    uri: z.string().meta({ description: 'Le même, `otpauth://…`, à montrer en code QR' }),
  })
  .meta({ id: 'SecondFacteurPrepare' });

export const recoveryCodesAnswer = z
  .object({ codes_secours: z.array(z.string()) })
  .meta({ id: 'CodesSecours' });

export const sessionParam = z.strictObject({ id: z.uuid() });

export const sessionAnswers = z.array(
  z
    .object({
      id: z.uuid(),
      date_creation: z.iso.datetime(),
      derniere_activite: z.iso.datetime().meta({ description: 'Dernier échange d’un jeton' }),
      date_expiration: z.iso.datetime().meta({ description: 'Au plus tard' }),
      adresse: z.string().nullable(),
      agent: z.string().nullable().meta({ description: 'Ce que la personne utilise (User-Agent)' }),
      courante: z.boolean().meta({ description: 'La session de la requête' }),
    })
    .meta({ id: 'Session' }),
);

export const forgottenPassword = z.strictObject({ email });

/** Whatever is not a token of ours is told so in one way, be it too long or no token at all. */
export const passwordReset = z.strictObject({
  token: z.string().max(1_000).meta({ description: 'Du lien reçu, derrière « #jeton= »' }),
  new_password: newPassword,
});

export const linkRequestedAnswer = z.object({ message: z.string() }).meta({ id: 'LienDemande' });

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
