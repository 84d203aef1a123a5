import sql from 'sql-template-tag';
import { type Executor, queryOne } from '../../db/sql';

/** What is measured of the business itself, each from an index that holds nothing but the rows counted. */
export interface Gauges {
  /** Interventions that are neither finished nor cancelled. */
  interventionsActives: number;
  /** Emails in the outbox. */
  messagesEnAttente: number;
  /** Seconds that the oldest of them has been there. */
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
               coalesce(extract(epoch FROM now() - min(date_creation)), 0)::double precision AS "ageMessages"
        FROM messages WHERE statut = 'a_envoyer'`,
  );
  return row!;
}
