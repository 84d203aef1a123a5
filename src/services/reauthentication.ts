import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../auth/access';
import { verifyPassword } from '../auth/passwords';
import type { Secrets } from '../auth/secrets';
import { type Executor, queryOne } from '../db/sql';
import type { User } from '../db/users';
import { invalid, RegieError, type Texte } from '../domain/errors';
import type { Actor } from './actor';
import { record } from './historique';
import { checkSecondFactor } from './second-facteur';
import { type Attempt, countFailure, requireAttempt } from './tentatives';

/** Showing again who one is, before changing what one signs in with: a session left open, or stolen, is not enough. */

/** A password or code that is wrong. Each one counts: see {@link recordWrongProof}. */
export class WrongProof extends RegieError {
  constructor(champ: string, message: Texte) {
    super('VALIDATION', { erreurs: [{ champ, message }] });
  }
}

/** What somebody shows. */
export interface Proof {
  password: string;
  /** The field of the request that held the password. */
  champ?: string;
  /** Where a code of the second factor is asked for too. */
  code?: string;
}

/**
 * Has the caller show again who they are (ASVS 7.5.1). Their row stays locked until the transaction ends, so that
 * sign-ins at the same moment either come before what follows, and are seen, or after.
 * @throws {RegieError} `VALIDATION` on the field that is wrong, `TROP_DE_REQUETES`, and `TRANSITION_INVALIDE` when a code
 * is asked for and they have no second factor
 */
export async function reauthenticate(
  tx: EntityManager,
  secrets: Secrets,
  actor: Actor,
  { password, champ = 'password', code }: Proof,
): Promise<Pick<User, 'nom' | 'prenom' | 'email'>> {
  const { userId, now } = actor;
  const { mot_de_passe, ...person } = (await queryOne<
    Pick<User, 'nom' | 'prenom' | 'email' | 'mot_de_passe'>
  >(tx, sql`SELECT nom, prenom, email, mot_de_passe FROM users WHERE id = ${userId} FOR NO KEY UPDATE`))!;
  await requireProofAttempt(tx, secrets, actor);
  if (!(await verifyPassword(mot_de_passe, password))) throw wrongPassword(champ);
  if (code !== undefined) {
    const factor = await checkSecondFactor(tx, secrets, userId!, code, now);
    if (factor === 'absent') throw new RegieError('TRANSITION_INVALIDE', { detail: NO_FACTOR });
    if (factor === 'faux') throw wrongCode();
  }
  return person;
}

const NO_FACTOR: Texte = {
  fr: 'Aucun second facteur n’est actif',
  en: 'No second factor is active',
};

/**
 * Has the caller show their password before they change their own address: whoever has that may ask for a link to choose
 * another password. To be called before the row is locked: what it does is slow.
 * @param proof what they gave as `current_password`.
 * @throws {RegieError} `VALIDATION` on `current_password` when it is missing or wrong, `TROP_DE_REQUETES`
 */
export async function requireProofOfChange(
  executor: Executor,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { userId, email, proof }: { userId: number; email: string | undefined; proof: string | undefined },
): Promise<void> {
  const { role } = access.principal;
  if (email === undefined || userId !== access.principal.userId) return;
  // Whoever may not change it at all is told so by the change itself.
  if (!access.may('update', 'User', { id: userId, role }, ['email'])) return;
  const person = (await queryOne<Pick<User, 'email' | 'mot_de_passe'>>(
    executor,
    sql`SELECT email, mot_de_passe FROM users WHERE id = ${userId}`,
  ))!;
  if (person.email === email) return;
  const champ = 'current_password';
  if (proof === undefined) throw invalid({ champ, message: PROOF_WANTED });
  await requireAttempt(executor, secrets, attemptOf(actor), actor.now);
  if (!(await verifyPassword(person.mot_de_passe, proof))) throw wrongPassword(champ);
}

const PROOF_WANTED: Texte = {
  fr: 'Pour changer sa propre adresse, le mot de passe actuel est demandé',
  en: 'To change one’s own address, the current password is asked for',
};

function wrongPassword(champ: string): WrongProof {
  return new WrongProof(champ, {
    fr: "Ce n'est pas le mot de passe actuel",
    en: 'This is not the current password',
  });
}

/**
 * Whether the caller may try a password or code now; failed sign-ins count.
 * @throws {RegieError} `TROP_DE_REQUETES`
 */
export function requireProofAttempt(tx: EntityManager, secrets: Secrets, actor: Actor): Promise<void> {
  return requireAttempt(tx, secrets, attemptOf(actor), actor.now);
}

/** A code that is not, or no more, one of the person's. */
export function wrongCode(): WrongProof {
  return new WrongProof('code', {
    fr: 'Code faux, périmé ou déjà utilisé',
    en: 'Wrong, expired or used code',
  });
}

/** Counts a wrong proof as a failed sign-in, and records it; outside of the transaction that it made fail. */
export async function recordWrongProof(db: DataSource, secrets: Secrets, actor: Actor): Promise<void> {
  await countFailure(db, secrets, attemptOf(actor), actor.now);
  await record(db.manager, actor, {
    entite: 'user',
    entiteId: actor.userId,
    action: 'reauthentification_refusee',
  });
}

/** The caller, as failures are counted for them. */
function attemptOf({ userId, adresse }: Actor): Attempt {
  return { compte: userId!, adresse: adresse ?? '' };
}
