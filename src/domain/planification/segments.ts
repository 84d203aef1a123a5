import type { Absence } from '../identite/techniciens';
import {
  type Calendar,
  longestWork,
  type Place,
  type Stretch,
  stretchesFrom,
  type WorkingHours,
} from '../working-time';

/**
 * In which stretches work is done that begins at a time: the one rule, for planning a visit, for looking for a free time,
 * and for drawing a week. Instants and durations are milliseconds.
 *
 * Work that fits into the longest stretch of somebody's week lies within one. Longer work begins inside one and goes on in
 * the next ones that are open: after the night, the weekend, a public holiday, a closing, an absence, never through them.
 */

/** From one instant to another, which is not part of it any more. */
export type Segment = readonly [from: number, to: number];

/** When somebody is there: at work, and not away. */
export interface Presence {
  hours: WorkingHours;
  absences: readonly Absence[];
}

const DAY = 24 * 3_600_000;

/** A visit ends at most so long after its beginning: work that does not is more than one visit. */
export const MAX_SPAN = 60 * DAY;

const SPAN_DAYS = 63;

/**
 * The segments of work that begins at `start`, in order, none touching the next; null when it cannot begin then, or would
 * not be done within {@link MAX_SPAN}.
 * @param longest work without a break of these hours, where it has been worked out already.
 */
export function segmentsOf(
  start: number,
  duration: number,
  presence: Presence,
  place: Place,
  longest = longestWork(presence.hours),
): Segment[] | null {
  return segmentsWithin(openStretches(start, presence, place), start, duration, duration <= longest);
}

/**
 * The same, where it has been worked out when somebody is there.
 * @param open stretches in which somebody is at work and not away, in order, the first of them that ends after `start` before
 *   all others.
 * @param inOne whether the work has to lie within one stretch without a break.
 */
export function segmentsWithin(
  open: Iterable<Segment>,
  start: number,
  duration: number,
  inOne: boolean,
): Segment[] | null {
  const segments: [from: number, to: number][] = [];
  let left = duration;
  for (const [begin, to] of open) {
    const last = segments.at(-1);
    if (last === undefined && begin > start) return null;
    const from = Math.max(begin, start);
    const end = Math.min(to, from + left);
    if (last !== undefined && last[1] === from) last[1] = end;
    else if (last !== undefined && inOne) return null;
    else segments.push([from, end]);
    left -= end - from;
    if (end - start > MAX_SPAN) return null;
    if (left <= 0) return segments;
  }
  return null;
}

/**
 * When somebody is at work after `start` and not away, in order, for so many days; stretches that touch are not joined.
 */
function* openStretches(
  start: number,
  { hours, absences }: Presence,
  place: Place,
  days = SPAN_DAYS,
): Generator<Segment> {
  const calendar: Calendar = { ...place, hours };
  const away = absences
    .map(({ debut, fin }): Segment => [Date.parse(debut), Date.parse(fin)])
    .filter(([, back]) => back > start)
    .sort((a, b) => a[0] - b[0]);
  for (const stretch of stretchesFrom(start, calendar, days)) yield* leftOf(stretch, away);
}

/** What is left of a stretch without what is taken, which begins in order and may overlap. */
function* leftOf([from, to]: Segment, taken: readonly Segment[]): Generator<Segment> {
  let reached = from;
  for (const [begin, end] of taken) {
    if (begin >= to) break;
    if (end <= reached) continue;
    if (begin > reached) yield [reached, begin];
    reached = end;
  }
  if (reached < to) yield [reached, to];
}

/**
 * When somebody is free in a period: at work, not away and not taken; in order, stretches that touch are one.
 * @param taken in any order; they may overlap.
 */
export function* freeStretches(
  presence: Presence,
  taken: readonly Segment[],
  [start, end]: Segment,
  place: Place,
): Generator<Segment> {
  const sorted = taken.toSorted((a, b) => a[0] - b[0]);
  const days = Math.ceil((end - start) / DAY) + 3;
  let current: Segment | null = null;
  for (const [from, to] of openStretches(start, presence, place, days)) {
    if (from >= end) break;
    for (const [begin, over] of leftOf([from, Math.min(to, end)], sorted)) {
      if (current !== null && current[1] === begin) current = [current[0], over];
      else {
        if (current !== null) yield current;
        current = [begin, over];
      }
    }
  }
  if (current !== null) yield current;
}

/** The presence of several people at once: when all of them are at work and none is away. */
export function together(first: Presence, ...others: readonly Presence[]): Presence {
  return others.reduce(
    (all, one) => ({
      hours: commonHours(all.hours, one.hours),
      absences: [...all.absences, ...one.absences],
    }),
    first,
  );
}

function commonHours(one: WorkingHours, other: WorkingHours): WorkingHours {
  if (one === other) return one;
  const days = Object.keys(one).map((day) => {
    const stretches = (one[Number(day)] ?? []).flatMap(([from, to]) =>
      (other[Number(day)] ?? []).flatMap(([open, close]): Stretch[] => {
        const [begin, end] = [Math.max(from, open), Math.min(to, close)];
        return begin < end ? [[begin, end]] : [];
      }),
    );
    return [day, stretches] as const;
  });
  return Object.fromEntries(days);
}

/** Whether two lists of segments share any time. */
export function overlap(some: readonly Segment[], others: readonly Segment[]): boolean {
  return some.some(([from, to]) => others.some(([begin, end]) => begin < to && end > from));
}
