import { Context } from '@temporalio/activity';
import { isDeadlock } from '../db/errors';
import { RegieError } from '../domain/errors';
import type { SealedOrdre } from '../domain/interventions/ordres';
import type { Snapshot } from '../domain/interventions/snapshot';
import { adopt } from '../services/interventions/cycle/adopt';
import { applyOrdre } from '../services/interventions/cycle/apply';
import { escalate } from '../services/interventions/cycle/escalade';
import { fileRapport, type Issue } from '../services/interventions/rapports';
import { openOrdre } from '../services/interventions/scelles';
import { INTERVENTION_WORKFLOW, interventionWake } from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/**
 * What the workflow of an intervention may do to the world, as local activities: each a short transaction inside the
 * workflow's own task. Instants are milliseconds of the workflow's clock.
 */
export interface InterventionActivities {
  /** Null when there is no such intervention. */
  adoptIntervention(interventionId: number): Promise<Snapshot | null>;
  /** Under the name that histories of 0.1.0 and 0.2.0 know it by. */
  applyDemande(interventionId: number, ordre: SealedOrdre, now: number): Promise<Snapshot>;
  escalateIntervention(interventionId: number, cle: string, now: number): Promise<Snapshot | null>;
}

/** What takes longer than a transaction. It has a task queue of its own, so that however many wait nothing else does. */
export interface RapportActivities {
  /**
   * Fails as long as another try makes sense; how many there were is written down beside the row.
   * @returns what became of it; histories of 0.1.0 hold nothing here.
   */
  fileRapport(interventionId: number, cle: string): Promise<Issue>;
}

export function interventionActivities({
  db,
  secrets,
  client,
  people,
  taskQueue,
  timeZone,
  logger,
}: Pick<
  ActivityContext,
  'db' | 'secrets' | 'client' | 'people' | 'taskQueue' | 'timeZone' | 'logger'
>): InterventionActivities {
  /** Nobody waits for it: an intervention that is not woken is found by the reconciler. */
  const wake = async (interventionIds: readonly number[]): Promise<void> => {
    for (const id of interventionIds) {
      try {
        await client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(id, taskQueue));
      } catch (err) {
        logger.warn({ err, interventionId: id }, 'workflow not told; the reconciler will');
      }
    }
  };
  return withoutSecrets(logger, {
    adoptIntervention: (interventionId) =>
      db.transaction((tx) => adopt(tx, interventionId, new Date(), timeZone)),
    // Somebody waits for the answer.
    applyDemande: (interventionId, ordre, now) =>
      people.during(async () => {
        const asked = openOrdre(secrets, interventionId, ordre);
        const carryOut = async () => {
          const toWake: number[] = [];
          const snapshot = await db.transaction((tx) =>
            applyOrdre(tx, interventionId, asked, new Date(now), timeZone, toWake),
          );
          void wake(toWake);
          return snapshot;
        };
        try {
          return await carryOut();
        } catch (error) {
          // Orders lock people in one order, but they are not the only ones to lock.
          if (isDeadlock(error)) return carryOut();
          throw error;
        }
      }),
    escalateIntervention: (interventionId, cle, now) =>
      db.transaction((tx) => escalate(tx, interventionId, cle, new Date(now), timeZone)),
  });
}

export function rapportActivities({
  logger,
  ...tools
}: Pick<ActivityContext, 'db' | 'store' | 'rapports' | 'timeZone' | 'logger'>): RapportActivities {
  return withoutSecrets(logger, {
    fileRapport: async (interventionId, cle) => {
      const { currentAttemptScheduledTimestampMs: now } = Context.current().info;
      try {
        return await fileRapport(tools, interventionId, cle, new Date(now));
      } catch (error) {
        // To the engine a refusal is for good; too many reports at once is for now.
        throw error instanceof RegieError ? new Error(error.code, { cause: error }) : error;
      }
    },
  });
}
