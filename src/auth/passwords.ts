import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { invalid } from '../domain/errors';
import { passwordFaults } from '../domain/passwords';

/** argon2id with OWASP's parameters; hashing runs on the thread pool, not on the event loop. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** A hash of nobody's password: sign-in costs the same whether or not the address is known. */
const decoy = hash('nobody has this password', PARAMETERS);

/**
 * Hashes a new password.
 * @throws {RegieError} `VALIDATION` on `champ` when it does not meet the policy.
 */
export async function hashPassword(password: string, champ = 'password'): Promise<string> {
  const faults = passwordFaults(password);
  if (faults.length > 0) throw invalid(...faults.map((message) => ({ champ, message })));
  return hash(password, PARAMETERS);
}

/** Whether this is the password; null, for nobody or somebody without a password, takes just as long. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await decoy), password);
  return stored !== null && matches;
}

/** A password that meets the policy, for whoever did not choose one; nearly 120 random bits. */
export function generatePassword(): string {
  for (;;) {
    const password = randomBytes(15).toString('base64url');
    if (passwordFaults(password).length === 0) return password;
  }
}
