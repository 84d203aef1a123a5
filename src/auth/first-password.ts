import { ConfigurationError } from '../config';
import { RegieError } from '../domain/errors';
import type { Passwords } from './passwords';

/** What the first administrator is called. */
export const FIRST_ADMINISTRATOR = { nom: 'Administrateur', prenom: 'Régie' } as const;

/**
 * Judges the password that somebody chose for the first administrator, as anybody's is judged, and hashes it.
 * @throws {ConfigurationError} when nobody else here could have it.
 */
export async function hashFirstPassword(
  passwords: Passwords,
  password: string,
  email: string,
): Promise<string> {
  try {
    return await passwords.hash(password, { champ: 'password', person: { ...FIRST_ADMINISTRATOR, email } });
  } catch (error) {
    const faults = error instanceof RegieError ? error.details.erreurs : undefined;
    if (faults === undefined) throw error;
    throw new ConfigurationError(
      faults.map(({ message }) => ({ variable: 'ADMIN_PASSWORD', message: message.en })),
    );
  }
}
