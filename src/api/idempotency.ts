import type { Context } from 'koa';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../auth/principal';
import type { Secrets } from '../auth/secrets';
import { invalid } from '../domain/errors';
import { claim, type IdempotencyKey, keepAnswer, type StoredAnswer } from '../services/idempotence';
import type { AppContext } from './context';
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

/**
 * Runs a handler in one transaction, unless its key has been answered before; the claim of the key and all
 * that the handler does commit together. What it wants done afterwards happens once they have.
 * @param secret whether the answer is to be kept encrypted
 */
export async function inTransaction(
  { app, idempotencyKey: key }: Pick<Call<unknown, unknown, unknown>, 'app' | 'idempotencyKey'>,
  handle: (tx: EntityManager, afterCommit: (task: () => void) => void) => Promise<Answer> | Answer,
  secret = false,
): Promise<Answer> {
  const tasks: (() => void)[] = [];
  const answer = await app.db.transaction(async (tx) => {
    const afterCommit = (task: () => void) => void tasks.push(task);
    if (key === null) return handle(tx, afterCommit);
    const claimed = await claim(tx, key);
    if (claimed.answer !== null) {
      return replayed(secret ? opened(app.secrets, key, claimed.answer) : claimed.answer);
    }
    const fresh = await handle(tx, afterCommit);
    const stored = toStored(fresh);
    await keepAnswer(tx, key, secret ? sealed(app.secrets, key, stored) : stored);
    return fresh;
  });
  for (const task of tasks) task();
  return answer;
}

/** An answer as it is kept under an idempotency key. */
export function toStored(answer: Answer): StoredAnswer {
  return {
    statut: answer.status ?? 200,
    entetes: answer.headers ?? {},
    reponse: answer.body === undefined ? '' : JSON.stringify(answer.body),
  };
}

/** The answer that was given before. */
export function replayed(answer: StoredAnswer): Answer {
  return {
    status: answer.statut,
    headers: { ...answer.entetes, 'Idempotency-Replayed': 'true' },
    body: answer.reponse === '' ? undefined : JSON.parse(answer.reponse),
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
