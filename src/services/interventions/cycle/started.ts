import sql from 'sql-template-tag';
import { type Executor, query } from '../../../db/sql';

/** Leaves word that the workflows of these interventions run; no change that a person made, so their versions stay. */
export async function markStarted(executor: Executor, interventionIds: readonly number[]): Promise<void> {
  await query(
    executor,
    sql`UPDATE interventions SET workflow_demarre = true
        WHERE id = ANY(${interventionIds}::integer[]) AND NOT workflow_demarre`,
  );
}
