import { randomUUID } from 'node:crypto';
import sql, { type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import {
  ACCESS_TOKEN_LIFETIME,
  hashRefreshToken,
  newRefreshToken,
  type TokenService,
} from '../../auth/tokens';
import { RefreshToken, Session } from '../../db/identite/sessions';
import { User } from '../../db/identite/users';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, notFound, RegieError } from '../../domain/errors';
import type { Actor } from '../actor';
import { record } from '../historique';
import { warn } from './avis';

/**
 * A sign-in is a session; its refresh tokens follow one another, each serving once; its end, whatever brings it,
 * is the end of its access tokens too.
 */

const DAY = 24 * 3_600_000;

/** A refresh token that is not used ends after this, in milliseconds (seed 004 §5). */
const REFRESH_TOKEN_LIFETIME = 7 * DAY;

/** However often it is refreshed, a session ends after this. */
const SESSION_LIFETIME = 30 * DAY;

/** Within this time a refresh whose answer was lost may be asked for again, in milliseconds. */
const RETRY_PERIOD = 10_000;

/** What is kept of a `User-Agent`, in characters. */
const AGENT_LENGTH = 200;

export interface TokenPair {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  /** Life of the access token, in seconds. */
  expires_in: number;
}

interface LockedSession {
  id: string;
  user_id: number;
  date_expiration: Date;
}

/** Opens a session for somebody who has shown who they are. `agent` is what they use, as it calls itself. */
export async function openSession(
  tx: EntityManager,
  tokens: TokenService,
  actor: Actor,
  account: Pick<User, 'id' | 'email' | 'role' | 'is_active'>,
  agent: string,
): Promise<TokenPair> {
  const session: LockedSession = {
    id: randomUUID(),
    user_id: account.id,
    date_expiration: new Date(actor.now.getTime() + SESSION_LIFETIME),
  };
  await tx.insert(Session, {
    ...session,
    adresse: actor.adresse,
    agent: agent.slice(0, AGENT_LENGTH) || null,
    date_creation: actor.now,
    derniere_activite: actor.now,
  });
  const refreshToken = newRefreshToken();
  await storeRefreshToken(tx, session, refreshToken, actor.now);
  await record(
    tx,
    { ...actor, userId: account.id },
    { entite: 'user', entiteId: account.id, action: 'connexion', apres: { session_id: session.id } },
  );
  return tokenPair(tokens, account, session.id, refreshToken, actor.now);
}

/**
 * Exchanges a refresh token for new tokens. It serves once: whoever presents it again later has stolen it,
 * or was stolen from, and the session ends. But the same exchange may be asked for again for a moment, by a
 * client that did not get the answer or by two of its windows at once, and is answered with the same successor.
 * @throws {RegieError} `NON_AUTHENTIFIE`
 */
export async function refresh(
  db: DataSource,
  tokens: TokenService,
  actor: Actor,
  refreshToken: string,
): Promise<TokenPair> {
  // The transaction commits in every case: that a reused token ends its session must last.
  const pair = await db.transaction((tx) => exchange(tx, tokens, actor, refreshToken));
  if (pair === null) throw new RegieError('NON_AUTHENTIFIE');
  return pair;
}

async function exchange(
  tx: EntityManager,
  tokens: TokenService,
  actor: Actor,
  refreshToken: string,
): Promise<TokenPair | null> {
  const session = await lockSessionOf(tx, refreshToken, actor.now);
  if (session === null) return null;
  const successor = tokens.successor(refreshToken);
  const presented = await findRefreshToken(tx, refreshToken);

  if (presented!.date_utilisation === null) {
    if (presented!.date_expiration <= actor.now) return null;
    await tx.update(RefreshToken, { empreinte: presented!.empreinte }, { date_utilisation: actor.now });
    await tx.update(Session, { id: session.id }, { derniere_activite: actor.now });
    await storeRefreshToken(tx, session, successor, actor.now);
  } else if (!(await mayBeAskedAgain(tx, presented!.date_utilisation, successor, actor.now))) {
    await endSession(tx, session.id, actor.now);
    await record(tx, actor, {
      entite: 'user',
      entiteId: session.user_id,
      action: 'jeton_reutilise',
      apres: { session_id: session.id },
    });
    await warn(tx, actor, session.user_id, { modele: 'session_compromise', sessionId: session.id });
    return null;
  }

  const account = await tx.findOneByOrFail(User, { id: session.user_id });
  return tokenPair(tokens, account, session.id, successor, actor.now);
}

/**
 * The session that a refresh token belongs to, while it lasts. Its row is locked: of refreshes at once, one
 * exchanges the token and the others, coming after, see that it has been.
 */
function lockSessionOf(tx: EntityManager, refreshToken: string, now: Date): Promise<LockedSession | null> {
  return queryOne<LockedSession>(
    tx,
    sql`SELECT s.id, s.user_id, s.date_expiration FROM sessions s
        WHERE s.id = (SELECT session_id FROM refresh_tokens WHERE empreinte = ${hashRefreshToken(refreshToken)})
          AND s.date_revocation IS NULL AND s.date_expiration > ${now}
          AND EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id AND u.is_active)
        FOR NO KEY UPDATE`,
  );
}

/** True shortly after the exchange, as long as nobody has used what came of it. */
async function mayBeAskedAgain(
  tx: EntityManager,
  exchangedAt: Date,
  successor: string,
  now: Date,
): Promise<boolean> {
  if (now.getTime() - exchangedAt.getTime() > RETRY_PERIOD) return false;
  const found = await findRefreshToken(tx, successor);
  return found !== null && found.date_utilisation === null;
}

function findRefreshToken(tx: EntityManager, refreshToken: string): Promise<RefreshToken | null> {
  return tx.findOneBy(RefreshToken, { empreinte: hashRefreshToken(refreshToken) });
}

async function storeRefreshToken(
  tx: EntityManager,
  session: LockedSession,
  refreshToken: string,
  now: Date,
): Promise<void> {
  const expiration = Math.min(now.getTime() + REFRESH_TOKEN_LIFETIME, session.date_expiration.getTime());
  await tx.insert(RefreshToken, {
    empreinte: hashRefreshToken(refreshToken),
    session_id: session.id,
    date_creation: now,
    date_expiration: new Date(expiration),
  });
}

function tokenPair(
  tokens: TokenService,
  account: Pick<User, 'id' | 'email' | 'role' | 'is_active'>,
  sessionId: string,
  refreshToken: string,
  now: Date,
): TokenPair {
  const { id: userId, email, role, is_active: isActive } = account;
  return {
    access_token: tokens.sign({ userId, email, role, isActive, sessionId }, now),
    refresh_token: refreshToken,
    token_type: 'bearer',
    expires_in: ACCESS_TOKEN_LIFETIME,
  };
}

/** Ends the session of the request, with its access tokens. */
export async function signOut(tx: EntityManager, access: Access, actor: Actor): Promise<void> {
  await access.confirm(tx);
  const { userId } = access.principal;
  const sessionId = sessionOf(access);
  await endSession(tx, sessionId, actor.now);
  await record(tx, actor, {
    entite: 'user',
    entiteId: userId,
    action: 'deconnexion',
    apres: { session_id: sessionId },
  });
}

/**
 * The session of whoever asks.
 * @throws {RegieError} `INTERDIT` for a machine, which has none.
 */
export function sessionOf({ principal }: Access): string {
  if (principal.sessionId === null) throw forbidden();
  return principal.sessionId;
}

/** A session as its owner sees it. */
export type SessionRow = Pick<
  Session,
  'id' | 'date_creation' | 'derniere_activite' | 'date_expiration' | 'adresse' | 'agent'
> & {
  /** Whether it is the one that asks. */
  courante: boolean;
};

/** Sessions shown at most: the other ones are those that were used least recently. */
const SHOWN_SESSIONS = 100;

/** The caller's sessions that go on, the most recently used first. */
export function listSessions(executor: Executor, access: Access, now: Date): Promise<SessionRow[]> {
  return query<SessionRow>(
    executor,
    sql`SELECT s.id, s.date_creation, s.derniere_activite, s.date_expiration, s.adresse, s.agent,
               s.id = ${sessionOf(access)} AS courante
        FROM sessions s WHERE ${isLive(access, now)} ORDER BY s.derniere_activite DESC, s.date_creation DESC, s.id
        LIMIT ${SHOWN_SESSIONS}`,
  );
}

/**
 * Ends one of the caller's sessions, be it the one that asks.
 * @throws {RegieError} `INTROUVABLE` for one that is somebody else's, or has ended
 */
export async function closeSession(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  sessionId: string,
): Promise<void> {
  await access.confirm(tx);
  const ended = await queryOne(
    tx,
    sql`UPDATE sessions s SET date_revocation = ${actor.now}
        WHERE s.id = ${sessionId} AND ${isLive(access, actor.now)} RETURNING s.id`,
  );
  if (ended === null) throw notFound();
  await recordClosed(tx, actor, [sessionId]);
}

/** Ends the caller's sessions other than the one that asks. */
export async function closeOtherSessions(tx: EntityManager, access: Access, actor: Actor): Promise<void> {
  await access.confirm(tx);
  const ended = await endSessionsOf(tx, access.principal.userId, actor.now, sessionOf(access));
  if (ended.length > 0) await recordClosed(tx, actor, ended);
}

/** Neither ended, nor past its end, nor left alone for so long that no token of it is valid any more. */
function isLive({ principal }: Access, now: Date): Sql {
  const lastActivity = new Date(now.getTime() - REFRESH_TOKEN_LIFETIME);
  return sql`s.user_id = ${principal.userId} AND s.date_revocation IS NULL AND s.date_expiration > ${now}
             AND s.derniere_activite > ${lastActivity}`;
}

async function recordClosed(tx: EntityManager, actor: Actor, sessions: string[]): Promise<void> {
  await record(tx, actor, {
    entite: 'user',
    entiteId: actor.userId,
    action: 'fin_sessions',
    apres: { sessions },
  });
}

/**
 * Ends every session of a person, except the one named.
 * @returns the ids of those that it ended
 */
export async function endSessionsOf(
  tx: EntityManager,
  userId: number,
  now: Date,
  exceptSessionId: string | null = null,
): Promise<string[]> {
  const ended = await query<{ id: string }>(
    tx,
    sql`UPDATE sessions SET date_revocation = ${now}
        WHERE user_id = ${userId} AND date_revocation IS NULL AND id IS DISTINCT FROM ${exceptSessionId}::uuid
        RETURNING id`,
  );
  return ended.map(({ id }) => id);
}

async function endSession(tx: EntityManager, sessionId: string, now: Date): Promise<void> {
  await tx.update(Session, { id: sessionId }, { date_revocation: now });
}
