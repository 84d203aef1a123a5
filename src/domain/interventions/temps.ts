import type { FieldFault } from '../errors';
import { PAST_TOLERANCE } from './interventions';

/** Time that people spend on an intervention, in segments. */

export const NATURES_TEMPS = ['trajet', 'travail', 'attente'] as const;
export type NatureTemps = (typeof NATURES_TEMPS)[number];

/** Of one segment, in milliseconds: longer than a day is a clock that somebody forgot. */
export const MAX_SEGMENT_TEMPS = 24 * 3_600_000;

/** In milliseconds; without an end it still runs. */
export interface Intervalle {
  debut: number;
  fin: number | null;
}

/** What is wrong with a segment: it lies in the past, ends after its start, and is no longer than a day. */
export function faultsOfTemps({ debut, fin }: Intervalle, now: number): FieldFault[] {
  const future = { fr: 'Dans l’avenir', en: 'In the future' };
  if (debut > now + PAST_TOLERANCE) return [{ champ: 'debut', message: future }];
  if (fin === null) {
    if (now - debut < MAX_SEGMENT_TEMPS) return [];
    return [{ champ: 'debut', message: TOO_LONG }];
  }
  if (fin > now + PAST_TOLERANCE) return [{ champ: 'fin', message: future }];
  if (fin <= debut) {
    return [{ champ: 'fin', message: { fr: 'Doit venir après le début', en: 'Must come after the start' } }];
  }
  return fin - debut > MAX_SEGMENT_TEMPS ? [{ champ: 'fin', message: TOO_LONG }] : [];
}

const TOO_LONG = { fr: 'Un segment dure au plus 24 heures', en: 'A segment is of 24 hours at most' };

/** Whole minutes by nature; what still runs counts until now. */
export function sommesOf(
  segments: readonly (Intervalle & { nature: NatureTemps })[],
  now: number,
): Record<NatureTemps, number> {
  const sums = { trajet: 0, travail: 0, attente: 0 };
  for (const { nature, debut, fin } of segments) sums[nature] += Math.max((fin ?? now) - debut, 0);
  return {
    trajet: minutes(sums.trajet),
    travail: minutes(sums.travail),
    attente: minutes(sums.attente),
  };
}

const minutes = (duration: number) => Math.round(duration / 60_000);
