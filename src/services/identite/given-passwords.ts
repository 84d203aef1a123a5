import type { DataSource } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import type { Actor } from '../actor';
import { requireVersion } from '../versions';
import { countPasswordWork } from './tentatives';
import { readUser, requireMayGivePassword } from './users';
import { type GivenUserFields, requireMayCreate, type UserFields, withReach } from './users-rules';

/**
 * Passwords that somebody gives to somebody else. They are judged and hashed before the transaction that writes them,
 * and for nobody who may not give them.
 */

export interface PasswordServices {
  db: DataSource;
  secrets: Secrets;
  passwords: Passwords;
}

/**
 * The hash of the password of a new account; null when its person is to choose one.
 * @throws {RegieError} `INTERDIT`, `VALIDATION`, `TROP_DE_REQUETES`, `SERVICE_INDISPONIBLE`
 */
export async function hashForNewUser(
  services: PasswordServices,
  access: Access,
  actor: Actor,
  { password, ...given }: GivenUserFields & { password?: string },
): Promise<string | null> {
  if (password === undefined) return null;
  const fields = withReach(access, given);
  requireMayCreate(access, fields, ['password']);
  return hash(services, actor, password, fields);
}

/**
 * The hash of another password for somebody; null when they keep theirs.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`, `VERSION_PERIMEE`, `VALIDATION`, `TROP_DE_REQUETES`,
 * `SERVICE_INDISPONIBLE`
 */
export async function hashForUser(
  services: PasswordServices,
  access: Access,
  actor: Actor,
  id: number,
  { password, ...changes }: Partial<GivenUserFields> & { password?: string },
  expected: number | null,
): Promise<string | null> {
  if (password === undefined) return null;
  const user = await readUser(services.db, access, id);
  requireMayGivePassword(access, user);
  requireVersion(user, expected);
  return hash(services, actor, password, { ...user, ...changes });
}

async function hash(
  { db, secrets, passwords }: PasswordServices,
  actor: Actor,
  password: string,
  person: Pick<UserFields, 'nom' | 'prenom' | 'email'>,
): Promise<string> {
  await countPasswordWork(db, secrets, actor.userId!, actor.now, 'mot_de_passe_donne');
  return passwords.hash(password, { champ: 'password', person });
}
