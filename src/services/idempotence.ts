import sql from 'sql-template-tag';
import { type Executor, queryOne } from '../db/sql';
import { RegieError } from '../domain/errors';

/**
 * `Idempotency-Key`: the same key and body give the same answer and act once, also after a crash and from
 * two connections at once (contract §1).
 *
 * A request that is one transaction claims the key inside it: the row appears together with what it did,
 * and a second connection waits on the primary key until the first has committed or rolled back. A request
 * that goes through a workflow is an order: whoever carries it out claims the key in the transaction that does so. What
 * was answered is kept afterwards; a key without an answer therefore tells of an order that has been carried out.
 */

/** Keys live this long. */
export const KEY_LIFETIME = 24 * 3_600_000;

export interface IdempotencyKey {
  userId: number;
  cle: string;
  /** Of method, path and body. */
  empreinte: Buffer;
}

/** What was answered under a key. */
export interface StoredAnswer {
  statut: number;
  entetes: Record<string, string>;
  reponse: string;
}

export interface Claim {
  /** False when somebody had claimed the key before. */
  fresh: boolean;
  answer: StoredAnswer | null;
  /** The order that was carried out under it, if it was one. */
  ordreId: string | null;
}

/**
 * Claims a key, waiting for a transaction that is claiming it at this moment.
 * @throws {RegieError} `CLE_REUTILISEE` when it was used for another request.
 */
export async function claim(
  executor: Executor,
  key: IdempotencyKey,
  ordreId: string | null = null,
): Promise<Claim> {
  const inserted = await queryOne(
    executor,
    sql`INSERT INTO idempotence (user_id, cle, empreinte, ordre_id)
        VALUES (${key.userId}, ${key.cle}, ${key.empreinte}, ${ordreId})
        ON CONFLICT (user_id, cle) DO NOTHING RETURNING cle`,
  );
  if (inserted !== null) return { fresh: true, answer: null, ordreId };

  const found = await findClaim(executor, key);
  // Given back between the two statements: it is free again.
  if (found === null) return claim(executor, key, ordreId);
  return { fresh: false, ...found };
}

/**
 * What was answered under a key, or null when nothing has been yet.
 * @throws {RegieError} `CLE_REUTILISEE` when it was used for another request.
 */
export async function findAnswer(executor: Executor, key: IdempotencyKey): Promise<StoredAnswer | null> {
  return (await findClaim(executor, key))?.answer ?? null;
}

/**
 * What has become of a key, or null when nobody has claimed it.
 * @throws {RegieError} `CLE_REUTILISEE` when it was used for another request.
 */
export async function findClaim(
  executor: Executor,
  key: IdempotencyKey,
): Promise<Omit<Claim, 'fresh'> | null> {
  const found = await queryOne<{ empreinte: Buffer; ordre_id: string | null } & Partial<StoredAnswer>>(
    executor,
    sql`SELECT empreinte, ordre_id, statut, entetes, reponse FROM idempotence
        WHERE user_id = ${key.userId} AND cle = ${key.cle}`,
  );
  if (found === null) return null;
  if (!found.empreinte.equals(key.empreinte)) throw reused();
  const { statut, entetes, reponse } = found;
  const answer = statut == null ? null : { statut, entetes: entetes ?? {}, reponse: reponse ?? '' };
  return { answer, ordreId: found.ordre_id };
}

function reused(): RegieError {
  return new RegieError('CLE_REUTILISEE', {
    detail: {
      fr: 'Cette Idempotency-Key a déjà servi à une autre requête',
      en: 'This Idempotency-Key has served for another request',
    },
  });
}

/** Keeps the answer; the first one kept is the one that is given ever after. */
export async function keepAnswer(
  executor: Executor,
  key: IdempotencyKey,
  answer: StoredAnswer,
): Promise<StoredAnswer> {
  const kept = await queryOne<StoredAnswer>(
    executor,
    sql`UPDATE idempotence SET
          statut = coalesce(statut, ${answer.statut}),
          entetes = coalesce(entetes, ${JSON.stringify(answer.entetes)}::jsonb),
          reponse = coalesce(reponse, ${answer.reponse})
        WHERE user_id = ${key.userId} AND cle = ${key.cle}
        RETURNING statut, entetes, reponse`,
  );
  return kept ?? answer;
}
