import sql, { join } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import {
  hashRecoveryCode,
  newRecoveryCodes,
  newTotpSecret,
  stepOfCode,
  toEnrolment,
} from '../../auth/second-facteur';
import type { Secrets } from '../../auth/secrets';
import { SecondFacteur } from '../../db/identite/seconds-facteurs';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, RegieError, type Texte } from '../../domain/errors';
import type { Role } from '../../domain/roles';
import type { Actor } from '../actor';
import { record } from '../historique';
import { warn } from './avis';
import { type Proved, reauthenticate, requireProofAttempt, wrongCode } from './reauthentication';
import { SECRET_PURPOSE } from './second-facteur';
import { endSessionsOf, sessionOf } from './sessions';
import { lockUser, readUser } from './users';

/** Setting up a second factor, renewing its recovery codes, and doing without it again. */

/** From the secret to the first code, in milliseconds; then one begins again. */
const ENROLMENT_PERIOD = 15 * 60_000;

export interface SecondFactorState {
  actif: boolean;
  date_activation: Date | null;
  codes_secours_restants: number;
  /** Whether the person's role asks for one. */
  requis: boolean;
}

/** @param requiredRoles roles whose people have to have a second factor */
export async function readSecondFactor(
  executor: Executor,
  { principal }: Access,
  requiredRoles: readonly Role[],
): Promise<SecondFactorState> {
  const found = await queryOne<{ date_activation: Date; codes: number }>(
    executor,
    sql`SELECT f.date_activation, (SELECT count(*)::integer FROM codes_secours c
          WHERE c.user_id = f.user_id AND c.date_utilisation IS NULL) AS codes
        FROM seconds_facteurs f WHERE f.user_id = ${principal.userId} AND f.date_activation IS NOT NULL`,
  );
  return {
    actif: found !== null,
    date_activation: found?.date_activation ?? null,
    codes_secours_restants: found?.codes ?? 0,
    requis: requiredRoles.includes(principal.role),
  };
}

/**
 * Gives the caller a new secret, which counts once a code of it is confirmed; one that was not confirmed is forgotten.
 * @returns the secret to type, and as the URI of a QR code
 * @throws {RegieError} `DEJA_EXISTANT` when they have a second factor, `VALIDATION`
 */
export async function beginEnrolment(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  proved: Proved,
): Promise<{ secret: string; uri: string }> {
  await reauthenticate(tx, secrets, access, actor, proved);
  const userId = actor.userId!;
  const secret = newTotpSecret();
  const sealed = secrets.seal(SECRET_PURPOSE, String(userId), secret);
  const begun = await queryOne(
    tx,
    sql`INSERT INTO seconds_facteurs AS f (user_id, secret, date_creation) VALUES (${userId}, ${sealed}, ${actor.now})
        ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, date_creation = excluded.date_creation
        WHERE f.date_activation IS NULL RETURNING user_id`,
  );
  if (begun === null) throw alreadyActive();
  return toEnrolment(secret, proved.person.email);
}

/**
 * Puts the second factor in force and ends the caller's other sessions, which were opened without it.
 * @returns the recovery codes, which nobody can read again
 * @throws {RegieError} `VALIDATION` for a wrong code, `DEJA_EXISTANT`, `TRANSITION_INVALIDE` when nothing was begun
 */
export async function confirmEnrolment(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  code: string,
): Promise<string[]> {
  const userId = actor.userId!;
  await requireProofAttempt(tx, secrets, actor);
  // Of a sign-in at the same moment: either it came before, and its session ends below, or it will ask for a code.
  await lockUser(tx, userId);
  await access.confirm(tx);
  const begun = await queryOne<Pick<SecondFacteur, 'secret' | 'date_activation' | 'date_creation'>>(
    tx,
    sql`SELECT secret, date_activation, date_creation FROM seconds_facteurs WHERE user_id = ${userId} FOR NO KEY UPDATE`,
  );
  if (begun !== null && begun.date_activation !== null) throw alreadyActive();
  if (begun === null || actor.now.getTime() - begun.date_creation.getTime() > ENROLMENT_PERIOD) {
    throw new RegieError('TRANSITION_INVALIDE', { detail: NOT_BEGUN });
  }
  const step = stepOfCode(secrets.open(SECRET_PURPOSE, String(userId), begun.secret), code, actor.now);
  if (step === null) throw wrongCode();

  await tx.update(SecondFacteur, { user_id: userId }, { date_activation: actor.now, dernier_pas: step });
  await endSessionsOf(tx, userId, actor.now, sessionOf(access));
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'second_facteur_active' });
  await warn(tx, actor, userId, { modele: 'second_facteur_active', sessionId: sessionOf(access) });
  return replaceRecoveryCodes(tx, userId);
}

/**
 * New recovery codes in place of all that were.
 * @throws {RegieError} `VALIDATION`, `TRANSITION_INVALIDE` without a second factor, `TROP_DE_REQUETES`
 */
export async function renewRecoveryCodes(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { proved, code }: { proved: Proved; code: string },
): Promise<string[]> {
  await reauthenticate(tx, secrets, access, actor, proved, code);
  const { userId } = access.principal;
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'codes_secours_renouveles' });
  await warn(tx, actor, userId, { modele: 'codes_secours_renouveles', sessionId: sessionOf(access) });
  return replaceRecoveryCodes(tx, userId);
}

async function replaceRecoveryCodes(tx: EntityManager, userId: number): Promise<string[]> {
  const codes = newRecoveryCodes();
  await query(tx, sql`DELETE FROM codes_secours WHERE user_id = ${userId}`);
  const rows = codes.map((code) => sql`(${userId}, ${hashRecoveryCode(code)})`);
  await query(tx, sql`INSERT INTO codes_secours (user_id, empreinte) VALUES ${join(rows)}`);
  return codes;
}

/**
 * Whether the caller may do without a second factor.
 * @throws {RegieError} `TRANSITION_INVALIDE` when their role asks for one
 */
export function requireRemovable({ principal }: Access, requiredRoles: readonly Role[]): void {
  if (requiredRoles.includes(principal.role))
    throw new RegieError('TRANSITION_INVALIDE', { detail: REQUIRED });
}

/**
 * The caller does without a second factor from now on.
 * @throws {RegieError} `TRANSITION_INVALIDE` when their role asks for one, `VALIDATION`
 */
export async function removeSecondFactor(
  tx: EntityManager,
  secrets: Secrets,
  access: Access,
  actor: Actor,
  { proved, code }: { proved: Proved; code: string },
  requiredRoles: readonly Role[],
): Promise<void> {
  await reauthenticate(tx, secrets, access, actor, proved, code);
  requireRemovable(access, requiredRoles);
  const { userId } = access.principal;
  await tx.delete(SecondFacteur, { user_id: userId });
  await endSessionsOf(tx, userId, actor.now, sessionOf(access));
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'second_facteur_retire' });
  await warn(tx, actor, userId, { modele: 'second_facteur_retire', sessionId: sessionOf(access) });
}

/**
 * Frees somebody from a second factor whose device they have lost, and ends their sessions: whoever has found the
 * device may have found one of those, too.
 * @throws {RegieError} `INTROUVABLE`, `INTERDIT`
 */
export async function resetSecondFactor(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  userId: number,
): Promise<void> {
  await lockUser(tx, userId);
  await access.confirm(tx);
  const user = await readUser(tx, access, userId);
  access.require('update', 'User', user, ['second_facteur']);
  if (userId === access.principal.userId) throw forbidden(OWN_FACTOR);
  const removed = await queryOne(
    tx,
    sql`DELETE FROM seconds_facteurs WHERE user_id = ${userId} AND date_activation IS NOT NULL RETURNING user_id`,
  );
  if (removed === null) return;
  await endSessionsOf(tx, userId, actor.now);
  await record(tx, actor, { entite: 'user', entiteId: userId, action: 'second_facteur_reinitialise' });
  await warn(tx, actor, userId, { modele: 'second_facteur_retire', sessionId: null });
}

const NOT_BEGUN: Texte = {
  fr: 'Commencez par POST /auth/second-facteur ; le secret se confirme dans les 15 minutes',
  en: 'Begin with POST /auth/second-facteur; the secret has to be confirmed within 15 minutes',
};

const REQUIRED: Texte = {
  fr: 'Votre rôle demande un second facteur',
  en: 'Your role asks for a second factor',
};

const OWN_FACTOR: Texte = {
  fr: 'Le sien se retire par /auth/second-facteur/retrait, avec le mot de passe et un code',
  en: 'One’s own is removed by /auth/second-facteur/retrait, with the password and a code',
};

function alreadyActive(): RegieError {
  return new RegieError('DEJA_EXISTANT', {
    detail: { fr: 'Le second facteur est déjà actif', en: 'The second factor is active already' },
  });
}
