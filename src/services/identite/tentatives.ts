import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { networkOf } from '../../auth/addresses';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import { RegieError } from '../../domain/errors';
import { afterFailure, type Portee, room, waitAt } from '../../domain/identite/tentatives';
import type { Actor } from '../actor';

/**
 * Failed sign-ins as the database counts them, for all processes of the API together. The rule is
 * `domain/identite/tentatives.ts`; here is what is counted under which name, and how two failures at once both count.
 */

/** Somebody about to show who they are. */
export interface Attempt {
  /** Whose account: its id, or the address typed when nobody has it, so that neither answers differently. */
  compte: number | string;
  /** Where they are. */
  adresse: string;
}

/** Buckets by the name under which they are kept. */
type Buckets = Map<string, Portee>;

/**
 * Whether a try is taken now. Ask right before the costly check, not when the request comes: of many guesses at
 * once, those that still wait for their turn find the failures of those that had it.
 * @throws {RegieError} `TROP_DE_REQUETES` with the seconds to wait
 */
export async function requireAttempt(
  executor: Executor,
  secrets: Secrets,
  attempt: Attempt,
  now: Date,
): Promise<void> {
  await requireRoom(executor, bucketsOf(secrets, attempt), now, await isKnownAddress(executor, attempt));
}

/** Counts a failure. */
export async function countFailure(
  executor: Executor,
  secrets: Secrets,
  attempt: Attempt,
  now: Date,
): Promise<void> {
  await fill(executor, bucketsOf(secrets, attempt), now);
}

/** Forgets the failures of an account from here, and those from elsewhere: its owner has come, or is about to. */
export async function forgetFailures(executor: Executor, secrets: Secrets, attempt: Attempt): Promise<void> {
  const own = [...bucketsOf(secrets, attempt)].filter(([, portee]) => portee !== 'adresse');
  await query(executor, sql`DELETE FROM echecs_connexion WHERE cle = ANY(${own.map(([cle]) => cle)})`);
}

/**
 * Counts a request for a link by email, whether or not one will be sent.
 * @throws {RegieError} `TROP_DE_REQUETES` when too many were asked for from this address
 */
export async function countLinkRequest(
  executor: Executor,
  secrets: Secrets,
  adresse: string,
  now: Date,
): Promise<void> {
  const buckets: Buckets = new Map([[name(secrets, 'lien', networkOf(adresse)), 'lien']]);
  await requireRoom(executor, buckets, now, false);
  await fill(executor, buckets, now);
}

/**
 * Counts what somebody without an account does, whatever comes of it.
 * @throws {RegieError} `TROP_DE_REQUETES` when too much was done from this address
 */
export async function countPublic(
  executor: Executor,
  secrets: Secrets,
  portee: 'retenue' | 'reservation' | 'reservation_sans_preuve',
  adresse: string,
  now: Date,
): Promise<void> {
  const buckets: Buckets = new Map([[name(secrets, portee, networkOf(adresse)), portee]]);
  await requireRoom(executor, buckets, now, false);
  await fill(executor, buckets, now);
}

/**
 * Counts a password that is about to be checked, judged or hashed for somebody, whatever comes of it: one who knows
 * their own could keep everybody else's waiting. In one statement, so that of many at once none slips through.
 * @param portee whether it is their own, or one that they give to somebody else
 * @throws {RegieError} `TROP_DE_REQUETES` with the seconds to wait
 */
export async function countPasswordWork(
  executor: Executor,
  secrets: Secrets,
  userId: number,
  now: Date,
  portee: 'mot_de_passe' | 'mot_de_passe_donne' = 'mot_de_passe',
): Promise<void> {
  const cle = name(secrets, portee, String(userId));
  const full = new Date(now.getTime() + room(portee));
  const { videLe } = afterFailure(portee, null, now);
  const counted = await queryOne(
    executor,
    sql`INSERT INTO echecs_connexion AS e (cle, vide_le, dernier)
        VALUES (${cle}, ${videLe}::timestamptz, ${now}::timestamptz)
        ON CONFLICT (cle) DO UPDATE SET
          vide_le = greatest(e.vide_le, excluded.dernier) + (excluded.vide_le - excluded.dernier),
          dernier = excluded.dernier
        WHERE e.vide_le <= ${full}::timestamptz RETURNING cle`,
  );
  if (counted !== null) return;
  const bucket = await queryOne<{ vide_le: Date }>(
    executor,
    sql`SELECT vide_le FROM echecs_connexion WHERE cle = ${cle}`,
  );
  throw tooMany((bucket?.vide_le ?? full).getTime() - full.getTime());
}

/**
 * Counts invitations that are about to be sent, in the transaction that sends them.
 * @throws {RegieError} `TROP_DE_REQUETES` when one of the addresses was sent too many, or the caller has sent too many
 */
export async function countInvitations(
  tx: EntityManager,
  secrets: Secrets,
  { userId, cleApiId, now }: Pick<Actor, 'userId' | 'cleApiId' | 'now'>,
  emails: readonly string[],
): Promise<void> {
  // A machine that sends too many must not keep its maker from sending theirs.
  const sender = cleApiId === null ? `user ${userId}` : `cle_api ${cleApiId}`;
  const buckets: Buckets = new Map([
    [name(secrets, 'inviteur', sender), 'inviteur'],
    ...emails.map((email) => [name(secrets, 'invite', email.toLowerCase()), 'invite'] as const),
  ]);
  await requireRoom(tx, buckets, now, false);
  await fill(tx, buckets, now, { inviteur: emails.length });
}

async function requireRoom(
  executor: Executor,
  buckets: Buckets,
  now: Date,
  knownAddress: boolean,
): Promise<void> {
  const rows = await query<{ cle: string; vide_le: Date; dernier: Date }>(
    executor,
    sql`SELECT cle, vide_le, dernier FROM echecs_connexion WHERE cle = ANY(${[...buckets.keys()]})`,
  );
  const waits = rows.map(({ cle, vide_le: videLe, dernier }) => {
    const portee = buckets.get(cle)!;
    // What others do to an account elsewhere must not keep its owner out of their usual place.
    return portee === 'compte' && knownAddress ? 0 : waitAt(portee, { videLe, dernier }, now);
  });
  const wait = Math.max(0, ...waits);
  if (wait > 0) throw tooMany(wait);
}

/** @param wait in milliseconds. */
function tooMany(wait: number): RegieError {
  return new RegieError('TROP_DE_REQUETES', {
    detail: { fr: 'Trop d’essais ; réessayez plus tard', en: 'Too many tries; try again later' },
    retryAfter: Math.max(1, Math.ceil(wait / 1_000)),
  });
}

/**
 * One more in each bucket, or as many as `counts` says; in one order, so that two who fill the same ones do not wait for
 * each other in a circle.
 */
async function fill(
  executor: Executor,
  buckets: Buckets,
  now: Date,
  counts: Partial<Record<Portee, number>> = {},
): Promise<void> {
  const rows = [...buckets].sort().map(([cle, portee]) => {
    const { videLe } = afterFailure(portee, null, now, counts[portee]);
    return { cle, vide_le: videLe, dernier: now };
  });
  await query(
    executor,
    // As `afterFailure` has it: the time that they take to leak, on top of what is still in there.
    sql`INSERT INTO echecs_connexion AS e (cle, vide_le, dernier)
        SELECT cle, vide_le, dernier FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS r (cle text, vide_le timestamptz, dernier timestamptz)
        ON CONFLICT (cle) DO UPDATE SET
          vide_le = greatest(e.vide_le, excluded.dernier) + (excluded.vide_le - excluded.dernier),
          dernier = excluded.dernier`,
  );
}

/** Whether somebody has signed in to this account from this address before. */
async function isKnownAddress(executor: Executor, { compte, adresse }: Attempt): Promise<boolean> {
  const sessions = await query(
    executor,
    sql`SELECT id FROM sessions WHERE user_id = ${typeof compte === 'number' ? compte : null}::integer AND adresse = ${adresse} LIMIT 1`,
  );
  return sessions.length > 0;
}

function bucketsOf(secrets: Secrets, { compte, adresse }: Attempt): Buckets {
  const network = networkOf(adresse);
  const account = typeof compte === 'number' ? String(compte) : compte.trim().toLowerCase();
  return new Map<string, Portee>([
    [name(secrets, 'couple', `${account} ${network}`), 'couple'],
    [name(secrets, 'compte', account), 'compte'],
    [name(secrets, 'adresse', network), 'adresse'],
  ]);
}

/** Neither addresses typed nor addresses of the network stand in the table: they are nobody's business there. */
function name(secrets: Secrets, portee: Portee, of: string): string {
  return secrets.sign('tentatives', `${portee} ${of}`);
}
