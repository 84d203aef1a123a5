import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import { needsRehash, type Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import type { TokenService } from '../../auth/tokens';
import { User } from '../../db/identite/users';
import { query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { record } from '../historique';
import { warn } from './avis';
import { closeLinksOf } from './liens-mot-de-passe';
import { type Proved, prove, reauthenticate } from './reauthentication';
import { checkSecondFactor } from './second-facteur';
import { endSessionsOf, openSession, sessionOf, type TokenPair } from './sessions';
import { type Attempt, countFailure, forgetFailures, requireAttempt } from './tentatives';

/** Signing in, and changing what one signs in with. */

export interface SignIn extends TokenPair {
  user: Pick<User, 'id' | 'email' | 'role' | 'nom' | 'prenom'>;
}

export interface Credentials {
  email: string;
  password: string;
  /** Of the second factor, for somebody who has one. */
  code?: string;
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

/** What signing in needs beside the request. */
export interface SignInServices {
  db: DataSource;
  tokens: TokenService;
  secrets: Secrets;
  passwords: Pick<Passwords, 'verify' | 'hashUnjudged'>;
}

/**
 * Signs somebody in. An unknown address, a wrong password and a deactivated account are one answer, and
 * cost the same time: one password check, one history row, one failure counted.
 * @throws {RegieError} `IDENTIFIANTS_INVALIDES`, `SECOND_FACTEUR_REQUIS`, `TROP_DE_REQUETES`
 */
export async function signIn(
  services: SignInServices,
  actor: Actor,
  credentials: Credentials,
): Promise<SignIn> {
  const { db, secrets, passwords } = services;
  const account = await queryOne<Account>(
    db,
    sql`SELECT id, email, role, nom, prenom, is_active, mot_de_passe FROM users WHERE email = ${credentials.email}`,
  );
  const attempt = { compte: account?.id ?? credentials.email, adresse: actor.adresse ?? '' };
  const matches = await passwords.verify(account?.mot_de_passe ?? null, credentials.password, () =>
    requireAttempt(db, secrets, attempt, actor.now),
  );
  const signedIn =
    account?.is_active && matches
      ? await db.transaction((tx) => enter(tx, services, actor, account, credentials, attempt))
      : null;
  if (signedIn !== null) {
    await renewHash(services, account!, credentials.password);
    return signedIn;
  }

  await countFailure(db, secrets, attempt, actor.now);
  await record(db.manager, actor, {
    entite: 'user',
    entiteId: account?.id ?? null,
    action: 'connexion_refusee',
  });
  throw new RegieError('IDENTIFIANTS_INVALIDES');
}

/**
 * @returns null when the account is not active, its password was changed while it was being checked, or the code is
 * not theirs.
 * @throws {RegieError} `SECOND_FACTEUR_REQUIS`
 */
async function enter(
  tx: EntityManager,
  { tokens, secrets }: SignInServices,
  actor: Actor,
  account: Account,
  { agent, code }: Credentials,
  attempt: Attempt,
): Promise<SignIn | null> {
  const { id, email, role, nom, prenom } = account;
  // Holds the row, so that a deactivation either comes first and is seen, or comes after and ends the session.
  const active = await queryOne(
    tx,
    sql`SELECT id FROM users WHERE id = ${id} AND is_active AND mot_de_passe = ${account.mot_de_passe}
        FOR NO KEY UPDATE`,
  );
  if (active === null) return null;
  const factor = await checkSecondFactor(tx, secrets, id, code, actor.now);
  if (factor === 'requis') throw new RegieError('SECOND_FACTEUR_REQUIS');
  if (factor === 'faux') return null;

  await query(tx, sql`UPDATE users SET derniere_connexion = ${actor.now} WHERE id = ${id}`);
  await forgetFailures(tx, secrets, attempt);
  const tokenPair = await openSession(tx, tokens, actor, account, agent);
  return { ...tokenPair, user: { id, email, role, nom, prenom } };
}

/**
 * A hash of older, weaker parameters is made anew: the password is known only at this moment. Whoever signs in has been
 * let in by then; where it comes to nothing the next time will do.
 */
async function renewHash(
  { db, passwords }: Pick<SignInServices, 'db' | 'passwords'>,
  { id, mot_de_passe }: Account,
  password: string,
): Promise<void> {
  if (!needsRehash(mot_de_passe!)) return;
  const hash = await passwords.hashUnjudged(password).catch(() => null);
  if (hash === null) return;
  await query(
    db,
    sql`UPDATE users SET mot_de_passe = ${hash} WHERE id = ${id} AND mot_de_passe = ${mot_de_passe}`,
  );
}

/** A password that the caller is about to have, in place of the one that they have shown. */
export interface PasswordChange {
  proved: Proved;
  /** The hash of the new one. */
  mot_de_passe: string;
}

/**
 * What a change of the caller's own password takes its time for.
 * @throws {RegieError} `VALIDATION` when the current password is not the one given, or the new one is too weak,
 * `TROP_DE_REQUETES`, `SERVICE_INDISPONIBLE`
 */
export async function preparePasswordChange(
  services: { db: DataSource; passwords: Passwords; secrets: Secrets },
  actor: Actor,
  given: { current_password: string; new_password: string },
): Promise<PasswordChange> {
  const proved = await prove(services, actor, {
    password: given.current_password,
    champ: 'current_password',
  });
  const { person } = proved;
  return {
    proved,
    mot_de_passe: await services.passwords.hash(given.new_password, { champ: 'new_password', person }),
  };
}

/**
 * Changes the caller's own password and ends their other sessions.
 * @throws {RegieError} `VALIDATION` when the current password is not the one shown any more, `NON_AUTHENTIFIE`
 */
export async function changePassword(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { proved, mot_de_passe }: PasswordChange,
): Promise<void> {
  await reauthenticate(tx, secrets, access, actor, proved);
  const { userId } = access.principal;
  await tx.update(User, { id: userId }, { mot_de_passe });
  await endSessionsOf(tx, userId, actor.now, sessionOf(access));
  await closeLinksOf(tx, userId, actor.now);
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'changement_mot_de_passe' });
  await warn(tx, actor, userId, { modele: 'mot_de_passe_change', sessionId: sessionOf(access) });
}
