import { type Prochain, suivreBris } from '../services/cabinet/bris-suivi';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';
import { prevenirPatient } from './patients';

/** What the workflow of a break-glass may do. Instants are milliseconds, `now` that of the workflow's clock. */
export interface BrisDeGlaceActivities {
  /** Does what is due, and says what comes next; null when nothing does any more. */
  suivreBrisDeGlace(cabinetId: number, brisId: number, now: number): Promise<Prochain | null>;
}

export function brisDeGlaceActivities(context: ActivityContext): BrisDeGlaceActivities {
  const { db, medical, secrets, logger } = context;
  const prevenir = prevenirPatient(context);
  return withoutSecrets(logger, {
    suivreBrisDeGlace: (cabinetId, brisId, now) =>
      suivreBris({ db, medical, secrets, prevenir }, cabinetId, brisId, new Date(now)),
  });
}
