import { type SituationExamen, suivreExamen } from '../services/cabinet/examens-suivi';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflow of an examen may do. Instants are milliseconds, `now` that of the workflow's clock. */
export interface ExamenActivities {
  /** Tells whoever is to be told by now, and says how it stands and what comes next; null when it is no more. */
  suivreExamen(examenId: number, now: number): Promise<SituationExamen | null>;
}

export function examenActivities({
  db,
  medical,
  logger,
}: Pick<ActivityContext, 'db' | 'medical' | 'logger'>): ExamenActivities {
  return withoutSecrets(logger, {
    suivreExamen: (examenId, now) => suivreExamen({ db, medical }, examenId, new Date(now)),
  });
}
