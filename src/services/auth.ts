import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import { hashPassword, verifyPassword } from '../auth/passwords';
import type { TokenService } from '../auth/tokens';
import { queryOne } from '../db/sql';
import { User } from '../db/users';
import { invalid, RegieError } from '../domain/errors';
import type { Role } from '../domain/roles';
import type { Actor } from './actor';
import { record } from './historique';
import { endSessionsOf, openSession, sessionOf, type TokenPair } from './sessions';

/** Signing in, and changing what one signs in with. */

export interface SignIn extends TokenPair {
  user: Pick<User, 'id' | 'email' | 'role' | 'nom' | 'prenom'>;
}

export interface Credentials {
  email: string;
  password: string;
  /** What the person uses, as it calls itself. */
  agent: string;
}

interface Account {
  id: number;
  email: string;
  role: Role;
  nom: string;
  prenom: string;
  is_active: boolean;
  mot_de_passe: string | null;
}

/**
 * Signs somebody in. An unknown address, a wrong password and a deactivated account are one answer, and
 * cost the same time: one password check and one history row.
 * @throws {RegieError} `IDENTIFIANTS_INVALIDES`
 */
export async function signIn(
  db: DataSource,
  tokens: TokenService,
  actor: Actor,
  credentials: Credentials,
): Promise<SignIn> {
  const account = await queryOne<Account>(
    db,
    sql`SELECT id, email, role, nom, prenom, is_active, mot_de_passe FROM users WHERE email = ${credentials.email}`,
  );
  const matches = await verifyPassword(account?.mot_de_passe ?? null, credentials.password);
  const signedIn =
    account?.is_active && matches
      ? await db.transaction((tx) => enter(tx, tokens, actor, account, credentials.agent))
      : null;
  if (signedIn !== null) return signedIn;

  await record(db.manager, actor, {
    entite: 'user',
    entiteId: account?.id ?? null,
    action: 'connexion_refusee',
  });
  throw new RegieError('IDENTIFIANTS_INVALIDES');
}

/** @returns null when the account is not active, or its password was changed while it was being checked. */
async function enter(
  tx: EntityManager,
  tokens: TokenService,
  actor: Actor,
  account: Account,
  agent: string,
): Promise<SignIn | null> {
  const { id, email, role, nom, prenom } = account;
  // Holds the row, so that a deactivation either comes first and is seen, or comes after and ends the session.
  const active = await queryOne(
    tx,
    sql`UPDATE users SET derniere_connexion = ${actor.now}
        WHERE id = ${id} AND is_active AND mot_de_passe = ${account.mot_de_passe} RETURNING id`,
  );
  if (active === null) return null;

  const tokenPair = await openSession(tx, tokens, actor, account, agent);
  return { ...tokenPair, user: { id, email, role, nom, prenom } };
}

/**
 * Changes the caller's own password and ends their other sessions.
 * @throws {RegieError} `VALIDATION` when the current password is not the one given, or the new one is too weak.
 */
export async function changePassword(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  passwords: { current_password: string; new_password: string },
): Promise<void> {
  const { userId } = access.principal;
  const stored = await queryOne<{ mot_de_passe: string | null }>(
    tx,
    sql`SELECT mot_de_passe FROM users WHERE id = ${userId} FOR NO KEY UPDATE`,
  );
  if (!(await verifyPassword(stored!.mot_de_passe, passwords.current_password))) {
    throw invalid({
      champ: 'current_password',
      message: { fr: "Ce n'est pas le mot de passe actuel", en: 'This is not the current password' },
    });
  }
  const mot_de_passe = await hashPassword(passwords.new_password, 'new_password');
  await tx.update(User, { id: userId }, { mot_de_passe });
  await endSessionsOf(tx, userId, actor.now, sessionOf(access));
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'changement_mot_de_passe' });
}
