import sql from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Passwords } from '../../auth/passwords';
import type { Secrets } from '../../auth/secrets';
import type { User } from '../../db/identite/users';
import { type Executor, queryOne } from '../../db/sql';
import { invalid, RegieError, type Texte } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { checkSecondFactor } from './second-facteur';
import { type Attempt, countFailure, countPasswordWork, requireAttempt } from './tentatives';

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
}

/** Somebody whose password was right: as they were then. Made by {@link prove} alone. */
export interface Proved {
  /** The hash that the password was compared with. */
  mot_de_passe: string;
  champ: string;
  person: Pick<User, 'nom' | 'prenom' | 'email'>;
}

/** What it takes to have somebody show who they are. */
interface ProofServices {
  db: DataSource;
  secrets: Secrets;
  passwords: Pick<Passwords, 'verify'>;
}

/**
 * Has the caller show again who they are (ASVS 7.5.1), before the transaction of what they are about to change: a hash
 * takes its time, and waits for those of others.
 * @throws {RegieError} `VALIDATION` on the field that is wrong, `TROP_DE_REQUETES`, `SERVICE_INDISPONIBLE`
 */
export async function prove(
  { db, secrets, passwords }: ProofServices,
  actor: Actor,
  { password, champ = 'password' }: Proof,
): Promise<Proved> {
  await countPasswordWork(db, secrets, actor.userId!, actor.now);
  const { mot_de_passe, ...person } = (await queryOne<
    Pick<User, 'nom' | 'prenom' | 'email' | 'mot_de_passe'>
  >(db, sql`SELECT nom, prenom, email, mot_de_passe FROM users WHERE id = ${actor.userId}`))!;
  const admitted = () => requireProofAttempt(db, secrets, actor);
  if (mot_de_passe === null || !(await passwords.verify(mot_de_passe, password, admitted))) {
    throw new WrongProof(champ, NOT_CURRENT);
  }
  return { mot_de_passe, champ, person };
}

/**
 * Holds the caller to what they have shown. Their row stays locked until the transaction ends, so that sign-ins at the
 * same moment either come before what follows, and are seen, or after.
 * @param code where a code of the second factor is asked for too.
 * @throws {RegieError} `NON_AUTHENTIFIE`, `VALIDATION` when their password was changed meanwhile or the code is wrong, and
 * `TRANSITION_INVALIDE` when a code is asked for and they have no second factor
 */
export async function reauthenticate(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { mot_de_passe, champ }: Proved,
  code?: string,
): Promise<void> {
  const same = await queryOne(
    tx,
    sql`SELECT id FROM users WHERE id = ${actor.userId} AND mot_de_passe = ${mot_de_passe} FOR NO KEY UPDATE`,
  );
  await access.confirm(tx);
  // What they showed was right when they did: no failure is counted.
  if (same === null) throw new RegieError('VALIDATION', { erreurs: [{ champ, message: NOT_CURRENT }] });
  if (code === undefined) return;
  const factor = await checkSecondFactor(tx, secrets, actor.userId!, code, actor.now);
  if (factor === 'absent') throw new RegieError('TRANSITION_INVALIDE', { detail: NO_FACTOR });
  if (factor === 'faux') throw wrongCode();
}

const NOT_CURRENT: Texte = {
  fr: "Ce n'est pas le mot de passe actuel",
  en: 'This is not the current password',
};

const NO_FACTOR: Texte = {
  fr: 'Aucun second facteur n’est actif',
  en: 'No second factor is active',
};

/**
 * Has the caller show their password before they change their own address: whoever has that may ask for a link to choose
 * another password. To be called before the transaction: what it does is slow.
 * @param proof what they gave as `current_password`.
 * @throws {RegieError} `VALIDATION` on `current_password` when it is missing or wrong, `TROP_DE_REQUETES`
 */
export async function requireProofOfChange(
  services: ProofServices,
  access: Access,
  actor: Actor,
  { userId, email, proof }: { userId: number; email: string | undefined; proof: string | undefined },
): Promise<void> {
  const { role } = access.principal;
  if (email === undefined || userId !== access.principal.userId) return;
  // Whoever may not change it at all is told so by the change itself.
  if (!access.may('update', 'User', { id: userId, role }, ['email'])) return;
  const person = (await queryOne<Pick<User, 'email'>>(
    services.db,
    sql`SELECT email FROM users WHERE id = ${userId}`,
  ))!;
  if (person.email === email) return;
  const champ = 'current_password';
  if (proof === undefined) throw invalid({ champ, message: PROOF_WANTED });
  await prove(services, actor, { password: proof, champ });
}

const PROOF_WANTED: Texte = {
  fr: 'Pour changer sa propre adresse, le mot de passe actuel est demandé',
  en: 'To change one’s own address, the current password is asked for',
};

/**
 * Whether the caller may try a password or code now; failed sign-ins count.
 * @throws {RegieError} `TROP_DE_REQUETES`
 */
export function requireProofAttempt(executor: Executor, secrets: Secrets, actor: Actor): Promise<void> {
  return requireAttempt(executor, secrets, attemptOf(actor), actor.now);
}

/** A code that is not, or no more, one of the person's. */
export function wrongCode(): WrongProof {
  return new WrongProof('code', {
    fr: 'Code faux, périmé ou déjà utilisé',
    en: 'Wrong, expired or used code',
  });
}

/**
 * Has the caller show a code of their second factor alone, before the transaction of what they are about to sign. A code serves
 * once; one that is wrong counts as a failed sign-in.
 * @throws {RegieError} `VALIDATION` on `code`, `TROP_DE_REQUETES`, `TRANSITION_INVALIDE` when they have no second factor
 */
export async function proveByCode(
  { db, secrets }: Pick<ProofServices, 'db' | 'secrets'>,
  actor: Actor,
  code: string,
): Promise<void> {
  const factor = await db.transaction(async (tx) => {
    // One after the other: of many guesses at once, each finds the failures of those before it.
    await queryOne(tx, sql`SELECT FROM seconds_facteurs WHERE user_id = ${actor.userId} FOR NO KEY UPDATE`);
    await requireProofAttempt(tx, secrets, actor);
    const checked = await checkSecondFactor(tx, secrets, actor.userId!, code, actor.now);
    if (checked === 'faux') await recordWrongProof(tx, secrets, actor);
    return checked;
  });
  if (factor === 'absent') throw new RegieError('TRANSITION_INVALIDE', { detail: NO_FACTOR });
  // It is counted already.
  if (factor === 'faux') throw invalid(...wrongCode().details.erreurs!);
}

/** Counts a wrong proof as a failed sign-in, and records it; outside of the transaction that it made fail. */
export async function recordWrongProof(tx: EntityManager, secrets: Secrets, actor: Actor): Promise<void> {
  await countFailure(tx, secrets, attemptOf(actor), actor.now);
  await record(tx, actor, {
    entite: 'user',
    entiteId: actor.userId,
    action: 'reauthentification_refusee',
  });
}

/** The caller, as failures are counted for them. */
function attemptOf({ userId, adresse }: Actor): Attempt {
  return { compte: userId!, adresse: adresse ?? '' };
}
