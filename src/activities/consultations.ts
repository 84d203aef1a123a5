import { suivreConsultation } from '../services/cabinet/consultations-suivi';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflow of a draft may do. Instants are milliseconds, `now` that of the workflow's clock. */
export interface ConsultationActivities {
  /** Tells whoever is due, and says when somebody is again; null when nobody will be. */
  suivreConsultation(cabinetId: number, consultationId: number, now: number): Promise<number | null>;
}

export function consultationActivities({
  db,
  medical,
  logger,
}: Pick<ActivityContext, 'db' | 'medical' | 'logger'>): ConsultationActivities {
  return withoutSecrets(logger, {
    suivreConsultation: (cabinetId, consultationId, now) =>
      suivreConsultation({ db, medical }, cabinetId, consultationId, new Date(now)),
  });
}
