import type { Snapshot } from '../domain/snapshot';
import { adopt } from '../services/lifecycle/adopt';
import { applyDemande } from '../services/lifecycle/apply';
import { escalate } from '../services/lifecycle/escalade';
import { fileRapport } from '../services/rapports';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/**
 * What the workflow of an intervention may do to the world. All but the report run as local activities: a
 * short transaction inside the workflow's own task. Instants are milliseconds of the workflow's clock.
 */
export interface InterventionActivities {
  /** Null when there is no such intervention. */
  adoptIntervention(interventionId: number): Promise<Snapshot | null>;
  applyDemande(demandeId: string, now: number): Promise<Snapshot>;
  escalateIntervention(interventionId: number, cle: string, now: number): Promise<Snapshot | null>;
  fileRapport(interventionId: number, cle: string): Promise<void>;
}

export function interventionActivities({
  db,
  store,
  timeZone,
  logger,
}: Pick<ActivityContext, 'db' | 'store' | 'timeZone' | 'logger'>): InterventionActivities {
  return withoutSecrets(logger, {
    adoptIntervention: (interventionId) =>
      db.transaction((tx) => adopt(tx, interventionId, new Date(), timeZone)),
    applyDemande: (demandeId, now) =>
      db.transaction((tx) => applyDemande(tx, demandeId, new Date(now), timeZone)),
    escalateIntervention: (interventionId, cle, now) =>
      db.transaction((tx) => escalate(tx, interventionId, cle, new Date(now), timeZone)),
    fileRapport: (interventionId, cle) => fileRapport(db, store, interventionId, cle, timeZone),
  });
}
