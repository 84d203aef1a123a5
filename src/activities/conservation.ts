import { type SuiviDemande, suivreDemande } from '../services/cabinet/demandes-droits';
import { suivrePurge } from '../services/cabinet/purges';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflows of purges and of what patients ask by right may do. They know ids, and nothing of whom they are. */
export interface ConservationActivities {
  /**
   * Does what is due of a purge.
   * @param now milliseconds. @returns milliseconds until something is due; null when nothing is any more
   */
  suivrePurge(cabinetId: number, purgeId: number, now: number): Promise<number | null>;
  /** How it stands by now. @param now milliseconds. @returns null once it is answered */
  suivreDemandeDroits(cabinetId: number, demandeId: number, now: number): Promise<SuiviDemande | null>;
}

export function conservationActivities({
  medical,
  store,
  logger,
}: Pick<ActivityContext, 'medical' | 'store' | 'logger'>): ConservationActivities {
  return withoutSecrets(logger, {
    suivrePurge: (cabinetId, purgeId, now) =>
      suivrePurge({ medical, store }, { cabinet_id: cabinetId, id: purgeId }, new Date(now)),
    suivreDemandeDroits: (cabinetId, demandeId, now) =>
      suivreDemande(medical, { cabinet_id: cabinetId, id: demandeId }, new Date(now)),
  });
}
