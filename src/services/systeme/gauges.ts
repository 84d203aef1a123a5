import sql from 'sql-template-tag';
import { type Executor, queryOne } from '../../db/sql';

/** What is measured of the business itself, each from an index that holds nothing but the rows counted. */
export interface Gauges {
  /** Interventions that are neither finished nor cancelled. */
  interventionsActives: number;
  /** Messages in the outbox, those that are held back included. */
  messagesEnAttente: number;
  /** Seconds since the one that waits longest could have left; 0 where all are held back. */
  ageMessages: number;
  /** Emails and reports that were given up: somebody has to look at them. */
  messagesAbandonnes: number;
  rapportsAbandonnes: number;
}

export async function readGauges(executor: Executor): Promise<Gauges> {
  const row = await queryOne<Gauges>(
    executor,
    sql`SELECT (SELECT count(*) FROM interventions WHERE statut NOT IN ('terminee', 'annulee')) AS "interventionsActives",
               (SELECT count(*) FROM messages WHERE statut = 'abandonne') AS "messagesAbandonnes",
               (SELECT count(*) FROM rapports WHERE statut = 'abandonne') AS "rapportsAbandonnes",
               count(*) AS "messagesEnAttente",
               greatest(extract(epoch FROM now() - min(a_envoyer_apres)), 0)::double precision AS "ageMessages"
        FROM messages WHERE statut = 'a_envoyer'`,
  );
  return row!;
}
