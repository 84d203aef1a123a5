import sql from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { query } from '../../../db/sql';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import { settleDeparture } from './depart';
import { refresh } from './derivation';
import { lockAndRead, snapshotOf } from './locked';

/**
 * What a workflow does first: learns how its intervention stands, and leaves word that it has started.
 * A technicien who has left meanwhile is written down, and deadlines are worked out afresh, so a workflow that is rebuilt from the row waits for the right things.
 * @returns null when there is no such intervention.
 */
export async function adopt(
  tx: EntityManager,
  interventionId: number,
  now: Date,
  timeZone: string,
): Promise<Snapshot | null> {
  const locked = await lockAndRead(tx, interventionId, timeZone);
  if (locked === null) return null;
  await settleDeparture(tx, locked, now);
  await refresh(tx, locked, now);
  // Not a change that a person made: the version stays, and with it every ETag that was handed out.
  await query(
    tx,
    sql`UPDATE interventions SET workflow_demarre = true WHERE id = ${interventionId} AND NOT workflow_demarre`,
  );
  return snapshotOf(tx, locked);
}
