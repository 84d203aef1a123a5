import type { DataSource } from 'typeorm';
import type { Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import type { Actor } from '../actor';
import { prove, proveByCode } from '../identite/reauthentication';

/** What somebody who signs shows: that it is they, and not whoever found their session open. */
export type Preuve = { mot_de_passe: string } | { code: string };

/**
 * Has the caller show their password or a code of their second factor; to be called outside of any transaction.
 * @throws {RegieError} `VALIDATION` on the one that is wrong, which counts as a failed sign-in, `TROP_DE_REQUETES`,
 *   `TRANSITION_INVALIDE` for a code without a second factor
 */
export async function prouver(
  services: { db: DataSource; secrets: Secrets; passwords: Pick<Passwords, 'verify'> },
  actor: Actor,
  preuve: Preuve,
): Promise<void> {
  if ('code' in preuve) await proveByCode(services, actor, preuve.code);
  else await prove(services, actor, { password: preuve.mot_de_passe, champ: 'mot_de_passe' });
}
