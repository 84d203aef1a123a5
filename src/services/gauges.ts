import sql from 'sql-template-tag';
import { type Executor, queryOne } from '../db/sql';

/** What is measured of the business itself, each from an index that holds nothing but the rows counted. */
export interface Gauges {
  /** Interventions that are neither finished nor cancelled. */
  interventionsActives: number;
  /** Emails in the outbox. */
  messagesEnAttente: number;
  /** Seconds that the oldest of them has been there. */
  ageMessages: number;
}

export async function readGauges(executor: Executor): Promise<Gauges> {
  const row = await queryOne<Gauges>(
    executor,
    sql`SELECT (SELECT count(*) FROM interventions WHERE statut NOT IN ('terminee', 'annulee')) AS "interventionsActives",
               count(*) AS "messagesEnAttente",
               coalesce(extract(epoch FROM now() - min(date_creation)), 0)::double precision AS "ageMessages"
        FROM messages WHERE statut = 'a_envoyer'`,
  );
  return row!;
}
