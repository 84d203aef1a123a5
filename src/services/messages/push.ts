import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Access } from '../../auth/access';
import type { Secrets } from '../../auth/secrets';
import { type Executor, query, queryOne } from '../../db/sql';
import { forbidden, invalid } from '../../domain/errors';
import { areSubscriptionKeys, newVapidKeys, type Subscription, type Vapid } from '../../net/push';
import type { Actor } from '../actor';
import { SansObjet } from './outbox';

/** Browsers that somebody wants to be told in, and the keys that say who tells them. */

/** Browsers of one person; the one that subscribed first makes room for another. */
const MAX_SUBSCRIPTIONS = 10;

/**
 * The pair of keys by which push services know us, made when it is first asked for and kept for ever: browsers subscribe
 * to messages of these keys alone.
 */
export async function vapidKeys(
  executor: Executor,
  secrets: Secrets,
): Promise<Pick<Vapid, 'publicKey' | 'privateKey'>> {
  const known = await readKeys(executor, secrets);
  if (known !== null) return known;
  const { publicKey, privateKey } = newVapidKeys();
  const sealed = secrets.seal('cle push', publicKey, Buffer.from(privateKey));
  await query(
    executor,
    sql`INSERT INTO cles_push (id, publique, privee) VALUES (1, ${publicKey}, ${sealed}) ON CONFLICT DO NOTHING`,
  );
  // Somebody else may have made them at the same time.
  return (await readKeys(executor, secrets))!;
}

async function readKeys(executor: Executor, secrets: Secrets) {
  const row = await queryOne<{ publique: string; privee: Buffer }>(
    executor,
    sql`SELECT publique, privee FROM cles_push`,
  );
  if (row === null) return null;
  const { publique: publicKey, privee } = row;
  return { publicKey, privateKey: secrets.open('cle push', publicKey, privee).toString() };
}

/**
 * Has a browser told what its person is told by web push, as long as they are signed in there. One that somebody else was
 * told in is theirs from now on.
 * @throws {RegieError} `VALIDATION`, and `INTERDIT` for whoever is not signed in by a session
 */
export async function subscribe(
  tx: EntityManager,
  access: Access,
  actor: Actor,
  subscription: Subscription,
): Promise<void> {
  await access.confirm(tx);
  const { userId, sessionId } = access.principal;
  if (sessionId === null) throw forbidden();
  if (!areSubscriptionKeys(subscription)) throw invalid({ champ: 'keys', message: NO_KEYS });
  const { endpoint, p256dh, auth } = subscription;
  await query(
    tx,
    sql`INSERT INTO abonnements_push (user_id, session_id, endpoint, p256dh, auth, date_creation)
        VALUES (${userId}, ${sessionId}, ${endpoint}, ${p256dh}, ${auth}, ${actor.now}::timestamptz)
        ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id,
          p256dh = excluded.p256dh, auth = excluded.auth, date_creation = excluded.date_creation`,
  );
  await query(
    tx,
    sql`DELETE FROM abonnements_push WHERE id IN (
          SELECT id FROM abonnements_push WHERE user_id = ${userId}
          ORDER BY date_creation DESC, id DESC OFFSET ${MAX_SUBSCRIPTIONS})`,
  );
}

/** Ends a subscription of one's own; one that is none is none already. */
export async function unsubscribe(tx: EntityManager, access: Access, endpoint: string): Promise<void> {
  await access.confirm(tx);
  const { userId } = access.principal;
  await query(tx, sql`DELETE FROM abonnements_push WHERE endpoint = ${endpoint} AND user_id = ${userId}`);
}

export type KnownSubscription = Subscription & { id: number };

/**
 * Where a message is still to be sent: the browsers of its person that do not have it yet and where they are signed in.
 * @throws {SansObjet} when there is none, and never was.
 */
export async function destinationsOf(executor: Executor, messageId: number): Promise<KnownSubscription[]> {
  const rows = await query<KnownSubscription & { servi: boolean }>(
    executor,
    sql`SELECT a.id, a.endpoint, a.p256dh, a.auth, a.id = ANY(m.abonnements_servis) AS servi
        FROM messages m JOIN users u ON u.id = m.destinataire_id AND u.is_active
          JOIN abonnements_push a ON a.user_id = u.id
          JOIN sessions s ON s.id = a.session_id AND s.date_revocation IS NULL AND s.date_expiration > now()
        WHERE m.id = ${messageId} ORDER BY a.id`,
  );
  if (rows.length === 0) throw new SansObjet('The person is told in no browser');
  return rows.filter(({ servi }) => !servi);
}

/** Writes down which browsers have a message, and forgets those that are no more. */
export async function markServed(
  executor: Executor,
  messageId: number,
  served: readonly number[],
  gone: readonly number[],
): Promise<void> {
  if (served.length > 0) {
    await query(
      executor,
      sql`UPDATE messages SET abonnements_servis = abonnements_servis || ${served}::integer[] WHERE id = ${messageId}`,
    );
  }
  if (gone.length > 0) {
    await query(executor, sql`DELETE FROM abonnements_push WHERE id = ANY(${gone}::integer[])`);
  }
}

const NO_KEYS = {
  fr: 'Ce ne sont pas les clés d’un navigateur',
  en: 'These are not the keys of a browser',
};
