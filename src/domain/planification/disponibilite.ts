import type { Absence } from '../identite/techniciens';
import { longestWork, stretchesFrom, type WorkingHours, worksThrough } from '../working-time';

/**
 * Whether somebody is there to do something at a time: the one rule, for a time that a person names and for one that is
 * looked for. Instants and durations are milliseconds.
 */

/** When somebody is there: at work, and not away. */
export interface Presence {
  hours: WorkingHours;
  absences: readonly Absence[];
}

/** Why somebody is not there, in the order in which they are told. */
export const RAISONS = ['hors_horaires', 'absent'] as const;
export type Raison = (typeof RAISONS)[number];

/** Everything that stands against a visit at this time; nothing when the person is there. */
export function unavailability(
  { hours, absences }: Presence,
  start: number,
  duration: number,
  zone: string,
): Raison[] {
  const raisons: Raison[] = [];
  if (!isWithinHours(hours, start, duration, zone)) raisons.push('hors_horaires');
  const end = start + duration;
  if (absences.some(({ debut, fin }) => Date.parse(debut) < end && Date.parse(fin) > start)) {
    raisons.push('absent');
  }
  return raisons;
}

/**
 * Whether a visit lies within working hours. Work longer than any stretch of the week begins inside one and goes on after
 * it.
 * @param longest work without a break of these hours, where it has been worked out already.
 */
export function isWithinHours(
  hours: WorkingHours,
  start: number,
  duration: number,
  zone: string,
  longest = longestWork(hours),
): boolean {
  if (duration <= longest) return worksThrough(start, start + duration, hours, zone);
  const next = stretchesFrom(start, hours, zone).next();
  return !next.done && next.value[0] === start;
}
