import { Context } from '@temporalio/activity';
import { RegieError } from '../domain/errors';
import type { Snapshot } from '../domain/interventions/snapshot';
import { adopt } from '../services/interventions/cycle/adopt';
import { applyDemande } from '../services/interventions/cycle/apply';
import { escalate } from '../services/interventions/cycle/escalade';
import { fileRapport, type Issue } from '../services/interventions/rapports';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/**
 * What the workflow of an intervention may do to the world, as local activities: each a short transaction inside the
 * workflow's own task. Instants are milliseconds of the workflow's clock.
 */
export interface InterventionActivities {
  /** Null when there is no such intervention. */
  adoptIntervention(interventionId: number): Promise<Snapshot | null>;
  applyDemande(demandeId: string, now: number): Promise<Snapshot>;
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
  timeZone,
  logger,
}: Pick<ActivityContext, 'db' | 'timeZone' | 'logger'>): InterventionActivities {
  return withoutSecrets(logger, {
    adoptIntervention: (interventionId) =>
      db.transaction((tx) => adopt(tx, interventionId, new Date(), timeZone)),
    applyDemande: (demandeId, now) =>
      db.transaction((tx) => applyDemande(tx, demandeId, new Date(now), timeZone)),
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
