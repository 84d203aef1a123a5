import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../../auth/principal';
import type { Secrets } from '../../auth/secrets';
import { isDeadlock } from '../../db/errors';
import type { Executor } from '../../db/sql';
import { invalid } from '../../domain/errors';
import {
  claim,
  findAnswer,
  type IdempotencyKey,
  keepAnswer,
  type StoredAnswer,
} from '../../services/idempotence';
import type { AppContext } from '../context';
import { callerOf, PRECEDENCE } from '../places';
import { requireSight } from '../sight';
import { withoutTrailingSlash } from './paths';
import type { Answer, Call, Route } from './route';

/** `Idempotency-Key` as requests carry it; what it means stands in `services/idempotence.ts`. */

/** @throws {RegieError} `VALIDATION` */
export function readIdempotencyKey(
  app: AppContext,
  route: Route,
  ctx: Context,
  { userId, cleApiId }: Principal,
  body: unknown,
): IdempotencyKey | null {
  if (route.method !== 'post' && route.method !== 'put') return null;
  const cle = ctx.headers['idempotency-key'];
  if (cle === undefined) return null;
  // An empty one too: whoever sends it believes to be safe from acting twice.
  if (typeof cle !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(cle)) {
    throw invalid({
      champ: 'Idempotency-Key',
      message: { fr: '1 à 255 caractères imprimables', en: '1 to 255 printable characters' },
    });
  }
  const empreinte = app.tokens.fingerprint(
    `${ctx.method} ${withoutTrailingSlash(ctx.path)}${ctx.search} ${JSON.stringify(body ?? null)}`,
  );
  // A machine has keys of its own beside those of the person it acts for; no key of a person holds a space.
  return { userId, cle: cleApiId === null ? cle : `cle_api ${cleApiId} ${cle}`, empreinte };
}

/** What a handler is given in its transaction, beside what it has of its call. */
interface Inside<Prepared> {
  tx: EntityManager;
  prepared: Prepared;
  /** Has something done once the transaction has committed. */
  afterCommit(task: () => void): void;
}

/** A call of any route, as far as its key is concerned. */
type KeyedCall = Pick<
  Call<unknown, unknown, unknown>,
  'app' | 'access' | 'actor' | 'route' | 'params' | 'idempotencyKey'
>;

/**
 * Runs a handler in one transaction, unless its key has been answered before; the claim of the key and all
 * that the handler does commit together. What it wants done afterwards happens once they have. It waits for its turn
 * before it has a connection, but for an answer that has been given before nobody waits.
 * @param prepare what takes its time, before the transaction; not done for a key that has been answered.
 * @throws {RegieError} `SERVICE_INDISPONIBLE` when too many wait already
 */
export async function inTransaction<Prepared = undefined>(
  call: KeyedCall,
  handle: (inside: Inside<Prepared>) => Promise<Answer> | Answer,
  prepare?: () => Promise<Prepared>,
): Promise<Answer> {
  const { app } = call;
  const preparation = await beforehand(call, prepare);
  if ('replayed' in preparation) return preparation.replayed;
  const { writes, readers } = app.places;
  if (writes.full) {
    const before = await answeredBefore(call);
    if (before !== null) return before;
  }
  const take = async () => {
    await readers.calm(PRECEDENCE);
    return unlessDeadlocked(() => transact(call, handle, preparation.prepared));
  };
  return writes.run(take, callerOf(call.actor));
}

/** A circle of those who wait for each other is undone by the database at one of them: that one begins anew. */
const ATTEMPTS = 5;

export async function unlessDeadlocked(run: () => Promise<Answer>, attempts = ATTEMPTS): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!isDeadlock(error) || attempts === 1) throw error;
    return unlessDeadlocked(run, attempts - 1);
  }
}

async function transact<Prepared>(
  call: KeyedCall,
  handle: (inside: Inside<Prepared>) => Promise<Answer> | Answer,
  prepared: Prepared,
): Promise<Answer> {
  const { app, idempotencyKey: key } = call;
  const tasks: (() => void)[] = [];
  const answer = await app.db.transaction(async (tx) => {
    const inside = {
      tx,
      prepared,
      afterCommit: (task: () => void) => void tasks.push(task),
    };
    if (key === null) return handle(inside);
    const claimed = await claim(tx, key);
    if (claimed.answer !== null) {
      await call.access.confirm(tx);
      return replay(call, tx, claimed.answer);
    }
    const fresh = await handle(inside);
    const stored = toStored(fresh);
    await keepAnswer(tx, key, isSecret(call) ? sealed(app.secrets, key, stored) : stored);
    return fresh;
  });
  for (const task of tasks) task();
  return answer;
}

/**
 * What is prepared for a handler. A repeat under a key may find things as the first one left them, a password changed,
 * and must not fail for it: the answer that was given comes first.
 */
async function beforehand<Prepared>(
  call: KeyedCall,
  prepare: (() => Promise<Prepared>) | undefined,
): Promise<{ prepared: Prepared } | { replayed: Answer }> {
  if (prepare === undefined) return { prepared: undefined as Prepared };
  const before = await answeredBefore(call);
  if (before !== null) return { replayed: before };
  try {
    return { prepared: await prepare() };
  } catch (error) {
    const meanwhile = await answeredBefore(call);
    if (meanwhile !== null) return { replayed: meanwhile };
    throw error;
  }
}

/** What was answered under the caller's key before, for calls that look around before they claim it. */
export async function answeredBefore(call: KeyedCall): Promise<Answer | null> {
  const { app, idempotencyKey: key } = call;
  const stored = key === null ? null : await findAnswer(app.reads, key);
  return stored === null ? null : replay(call, app.reads, stored);
}

/**
 * The answer that was given before, to somebody who may still see what it is about.
 * @param executor inside a transaction, one in which the access has been confirmed.
 * @throws {RegieError} `INTROUVABLE`
 */
export async function replay(call: KeyedCall, executor: Executor, stored: StoredAnswer): Promise<Answer> {
  const { app, idempotencyKey: key } = call;
  const answer = isSecret(call) ? opened(app.secrets, key!, stored) : stored;
  const body = answer.reponse === '' ? undefined : JSON.parse(answer.reponse);
  await requireSight(call, executor, body);
  return { status: answer.statut, headers: { ...answer.entetes, 'Idempotency-Replayed': 'true' }, body };
}

/** Whether answers are to be kept encrypted. */
function isSecret({ route }: KeyedCall): boolean {
  return route.answer.secret === true;
}

/** An answer as it is kept under an idempotency key. */
export function toStored(answer: Answer): StoredAnswer {
  return {
    statut: answer.status ?? 200,
    entetes: answer.headers ?? {},
    reponse: answer.body === undefined ? '' : JSON.stringify(answer.body),
  };
}

const PURPOSE = 'reponse';

/** An answer that holds a secret, as it may lie in the database. */
function sealed(secrets: Secrets, key: IdempotencyKey, answer: StoredAnswer): StoredAnswer {
  const encrypted = secrets.seal(PURPOSE, contextOf(key), Buffer.from(answer.reponse));
  return { ...answer, reponse: encrypted.toString('base64') };
}

function opened(secrets: Secrets, key: IdempotencyKey, answer: StoredAnswer): StoredAnswer {
  const reponse = secrets.open(PURPOSE, contextOf(key), Buffer.from(answer.reponse, 'base64'));
  return { ...answer, reponse: reponse.toString() };
}

function contextOf({ userId, cle }: IdempotencyKey): string {
  return `${userId} ${cle}`;
}
