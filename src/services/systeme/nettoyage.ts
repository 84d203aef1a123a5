import sql from 'sql-template-tag';
import { type Executor, query } from '../../db/sql';
import { removeOldLivraisons } from '../echanges/livraisons';
import { KEY_LIFETIME } from '../idempotence';
import { removeOldEvenements } from '../messages/evenements';

/**
 * Removes what has served its time: answered idempotency keys, orders taken back, ended sessions, links that are over,
 * counts of callers, proposals of long ago, events that nobody follows any more, what became of deliveries. What became of those stands in the history.
 */
export async function removeExpired(executor: Executor): Promise<void> {
  const age = KEY_LIFETIME / 1000;
  await query(
    executor,
    sql`DELETE FROM idempotence WHERE date_creation < now() - make_interval(secs => ${age})`,
  );
  // None lives longer than seconds.
  await query(executor, sql`DELETE FROM ordres_retires WHERE date_retrait < now() - interval '1 hour'`);
  await query(executor, sql`DELETE FROM echecs_connexion WHERE vide_le < now() - interval '1 hour'`);
  // Beyond the time for which a signature is believed; what they told is harmless to tell again.
  await query(executor, sql`DELETE FROM rappels_sms WHERE date_creation < now() - interval '1 day'`);
  await query(executor, sql`DELETE FROM debits WHERE fenetre < now() - interval '1 hour'`);
  await query(executor, sql`DELETE FROM liens_mot_de_passe WHERE date_expiration < now() - interval '1 day'`);
  await query(
    executor,
    sql`DELETE FROM propositions WHERE date_creation < now() - interval '90 days' AND statut <> 'en_cours'
          AND (application_debut IS NULL OR application_fin IS NOT NULL)`,
  );
  await query(executor, sql`DELETE FROM sessions WHERE date_expiration < now() - interval '1 day'`);
  await removeOldEvenements(executor);
  await removeOldLivraisons(executor);
}
