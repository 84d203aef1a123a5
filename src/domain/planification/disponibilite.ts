import {
  isClosedWithin,
  longestWork,
  type Place,
  stretchesFrom,
  type WorkingHours,
  worksThrough,
} from '../working-time';
import { type Presence, type Segment, segmentsOf } from './segments';

export type { Presence } from './segments';

/**
 * Whether somebody is there to do something at a time: the one rule, for a time that a person names and for one that is
 * looked for. Instants and durations are milliseconds.
 */

/** Why somebody is not there, in the order in which they are told. */
export const RAISONS = ['hors_horaires', 'ferie', 'absent'] as const;
export type Raison = (typeof RAISONS)[number];

/** Everything that stands against a visit that begins at this time; nothing when it can be done. */
export function unavailability(
  { hours, absences }: Presence,
  start: number,
  duration: number,
  place: Place,
): Raison[] {
  const raisons: Raison[] = [];
  const longest = longestWork(hours);
  // Of longer work only where it begins counts: it goes round everything else.
  const judged = duration <= longest ? duration : 1;
  if (!isWithinHours(hours, start, duration, place.zone, longest)) raisons.push('hors_horaires');
  if (isClosedWithin(start, start + judged, place)) raisons.push('ferie');
  if (isAway(absences, start, start + judged)) raisons.push('absent');
  if (raisons.length > 0 || judged === duration) return raisons;
  return whyEndless({ hours, absences }, start, duration, place);
}

/** Why work that can begin would take longer than a visit may; nothing when it does not. */
function whyEndless(presence: Presence, start: number, duration: number, place: Place): Raison[] {
  if (segmentsOf(start, duration, presence, place) !== null) return [];
  const present = { ...presence, absences: [] };
  if (segmentsOf(start, duration, present, place) !== null) return ['absent'];
  const open = { ...place, closings: [] };
  return segmentsOf(start, duration, present, open) === null ? ['hors_horaires'] : ['ferie'];
}

/** Everything that stands against work in these very stretches, as they were planned; nothing when somebody is there. */
export function unavailabilityDuring(
  { hours, absences }: Presence,
  segments: readonly Segment[],
  place: Place,
): Raison[] {
  const { zone } = place;
  const raisons: Raison[] = [];
  if (!segments.every(([from, to]) => worksThrough(from, to, { hours, zone }))) raisons.push('hors_horaires');
  if (segments.some(([from, to]) => isClosedWithin(from, to, place))) raisons.push('ferie');
  if (segments.some(([from, to]) => isAway(absences, from, to))) raisons.push('absent');
  return raisons;
}

function isAway(absences: Presence['absences'], from: number, to: number): boolean {
  return absences.some(({ debut, fin }) => Date.parse(debut) < to && Date.parse(fin) > from);
}

/**
 * Whether a visit lies within working hours. Work longer than any stretch of the week begins inside one and goes on in the
 * next (`segments.ts`).
 * @param longest work without a break of these hours, where it has been worked out already.
 */
function isWithinHours(
  hours: WorkingHours,
  start: number,
  duration: number,
  zone: string,
  longest = longestWork(hours),
): boolean {
  if (duration <= longest) return worksThrough(start, start + duration, { hours, zone });
  const next = stretchesFrom(start, { hours, zone }).next();
  return !next.done && next.value[0] === start;
}
