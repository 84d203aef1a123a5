import { tellDesk } from '../services/cabinet/rappels';
import { type Situation, suivreRendezVous } from '../services/rendez-vous/suivi';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflow of an appointment may do. Instants are milliseconds, `now` that of the workflow's clock. */
export interface RendezVousActivities {
  /**
   * Does what is due, and says how it stands and what comes next; null when it is no more.
   * @param relu whether `verifierAgendas` has just been run, or has failed for as long as it may.
   */
  suivreRendezVous(rendezVousId: number, now: number, relu?: boolean): Promise<Situation | null>;
}

export function rendezVousActivities({
  db,
  medical,
  logger,
}: Pick<ActivityContext, 'db' | 'medical' | 'logger'>): RendezVousActivities {
  return withoutSecrets(logger, {
    suivreRendezVous: async (rendezVousId, milliseconds, relu = false) => {
      const now = new Date(milliseconds);
      const follow = (soirDit: boolean) =>
        db.transaction((tx) => suivreRendezVous(tx, rendezVousId, now, relu, soirDit));
      const situation = await follow(false);
      if (situation?.soirDeCabinet !== true) return situation;
      // Its desk is told before the appointment is done with; once, should this be run again.
      await tellDesk(db, medical, rendezVousId, now);
      return follow(true);
    },
  });
}
