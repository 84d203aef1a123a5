import sql, { type Sql } from 'sql-template-tag';

/** Stops whatever still runs on an intervention that is over; what was forgotten for more than a day counts as a day. */
export function endTempsSql(interventionId: number, now: Date): Sql {
  return sql`UPDATE temps
    SET fin = least(greatest(${now}::timestamptz, debut + interval '1 second'), debut + interval '24 hours'),
      version = version + 1, date_modification = now()
    WHERE intervention_id = ${interventionId} AND fin IS NULL`;
}
