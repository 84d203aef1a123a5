import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { KEY_LIFETIME } from '../idempotence';

/**
 * Removes what has served its time: answered idempotency keys, applied demandes, ended sessions, links that are over,
 * counts of callers.
 */
export async function removeExpired(executor: Executor): Promise<void> {
  const age = KEY_LIFETIME / 1000;
  await query(
    executor,
    sql`DELETE FROM idempotence WHERE date_creation < now() - make_interval(secs => ${age})`,
  );
  await query(
    executor,
    sql`DELETE FROM demandes WHERE date_creation < now() - make_interval(secs => ${age})`,
  );
  await query(executor, sql`DELETE FROM echecs_connexion WHERE vide_le < now() - interval '1 hour'`);
  await query(executor, sql`DELETE FROM debits WHERE fenetre < now() - interval '1 hour'`);
  await query(executor, sql`DELETE FROM liens_mot_de_passe WHERE date_expiration < now() - interval '1 day'`);
  await query(executor, sql`DELETE FROM sessions WHERE date_expiration < now() - interval '1 day'`);
}
