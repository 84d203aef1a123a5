import type { Intervention } from '../../db/interventions';
import { addCounted, countedBetween } from '../../domain/escalade';
import type { Statut } from '../../domain/interventions';
import { countingOf, type Dossier } from './dossier';

type Counted = Pick<Intervention, 'resolution_compte_depuis' | 'resolution_duree'>;

/** What a deadline that follows from a delay is made of, to be made again when zone data or hours change. */
export function countedFrom(since: Date, duration: number): Counted {
  return { resolution_compte_depuis: since, resolution_duree: duration };
}

/** A deadline that a person named follows from nothing. */
export const UNCOUNTED: Counted = { resolution_compte_depuis: null, resolution_duree: null };

/** The resolution clock stops while parts are awaited; what was left of it then runs on from the resumption. */
export function clock(dossier: Dossier, to: Statut, now: Date): Partial<Intervention> {
  const { intervention } = dossier;
  const counting = countingOf(dossier);
  if (to === 'attente_pieces') {
    const reste = countedBetween(counting, now.getTime(), intervention.date_limite.getTime());
    return { horloge_arretee_le: now, reste_resolution: reste };
  }
  if (intervention.horloge_arretee_le === null) return {};
  const stopped = { horloge_arretee_le: null, reste_resolution: null };
  const wasLate = intervention.date_limite <= intervention.horloge_arretee_le;
  if (to !== 'en_cours' || wasLate) return stopped;
  return {
    ...stopped,
    ...(intervention.date_limite_imposee ? UNCOUNTED : countedFrom(now, intervention.reste_resolution!)),
    date_limite: new Date(addCounted(counting, now.getTime(), intervention.reste_resolution!)),
  };
}
