import type { Place, WorkingHours } from '../working-time';
import { RAISONS, type Raison, unavailabilityDuring } from './disponibilite';
import { overlap, type Presence, type Segment } from './segments';

/**
 * Why a visit that was planned cannot take place as it was: what changed since, or what reality did. Instants and durations
 * are milliseconds.
 */

export const RAISONS_CONFLIT = [...RAISONS, 'inactif', 'chevauchement'] as const;
export type RaisonConflit = (typeof RAISONS_CONFLIT)[number];

/** When a visit is planned, and what became of it. */
export interface Course {
  segments: readonly Segment[];
  duration: number;
  /** When the work on it began; null while it has not, or where nobody knows. */
  began: number | null;
}

/** Somebody who goes. */
export interface Participant extends Omit<Presence, 'hours'> {
  /** Null for those of the site. */
  hours: WorkingHours | null;
  canWork: boolean;
}

/**
 * Everything that stands against a visit by now, other than what was accepted when it was planned.
 * @param place where it is, with the hours of the site.
 */
export function conflictsWith(
  segments: readonly Segment[],
  people: readonly Participant[],
  place: Place & { hours: WorkingHours },
  accepted: readonly Raison[],
): RaisonConflit[] {
  const found = new Set<RaisonConflit>();
  for (const { hours, absences, canWork } of people) {
    const presence = { hours: hours ?? place.hours, absences };
    for (const raison of unavailabilityDuring(presence, segments, place)) {
      if (!accepted.includes(raison)) found.add(raison);
    }
    if (!canWork) found.add('inactif');
  }
  return RAISONS_CONFLIT.filter((raison) => found.has(raison));
}

/**
 * When work that is in progress takes somebody's time, as it is and not as it was planned: from when it began, for as long
 * as it takes, and until now where it goes on. What is done over several days keeps to the days that were planned.
 */
export function realityOf({ segments, duration, began }: Course, now: number): Segment[] {
  const [first, last] = [segments[0]!, segments.at(-1)!];
  const start = began ?? first[0];
  if (segments.length === 1) return [[start, Math.max(start + duration, now)]];
  const before: Segment[] = start < first[0] ? [[start, Math.min(first[0], Math.max(now, start + 1))]] : [];
  const after: Segment[] = now > last[1] ? [[last[1], now]] : [];
  return [...before, ...segments, ...after];
}

/**
 * Whether work in progress keeps somebody from a visit: that one is in progress too, or the time that it was planned for is
 * taken by now.
 */
export function keepsFrom(busy: Course, visit: Course & { inProgress: boolean }, now: number): boolean {
  return visit.inProgress || overlap(realityOf(busy, now), visit.segments);
}
