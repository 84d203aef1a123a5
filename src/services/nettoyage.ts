import sql from 'sql-template-tag';
import { type Executor, query } from '../db/sql';
import { KEY_LIFETIME } from './idempotence';

/** Removes what has served its time: answered idempotency keys, applied demandes, ended sessions. */
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
  await query(executor, sql`DELETE FROM sessions WHERE date_expiration < now() - interval '1 day'`);
}
