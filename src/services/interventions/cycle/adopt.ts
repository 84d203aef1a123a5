import type { EntityManager } from 'typeorm';
import type { Snapshot } from '../../../domain/interventions/snapshot';
import { settleDeparture } from './depart';
import { CANDIDATS, type Candidats, refresh } from './derivation';
import { lockAndRead, snapshotOf } from './locked';
import { settleParts } from './pieces';
import { markStarted } from './started';

/**
 * What a workflow does first: learns how its intervention stands, and leaves word that it has started.
 * A technicien who has left meanwhile is written down, what became of parts is taken note of, and deadlines are worked out afresh, so a workflow that is rebuilt from the row waits for the right things.
 * @returns null when there is no such intervention.
 */
export async function adopt(
  tx: EntityManager,
  interventionId: number,
  now: Date,
  timeZone: string,
): Promise<Snapshot | null> {
  const locked = await lockAndRead<Candidats>(tx, interventionId, timeZone, CANDIDATS);
  if (locked === null) return null;
  await settleDeparture(tx, locked, now);
  await settleParts(tx, locked, now);
  await refresh(tx, locked, now);
  if (!locked.intervention.workflow_demarre) await markStarted(tx, [interventionId]);
  return snapshotOf(tx, locked);
}
