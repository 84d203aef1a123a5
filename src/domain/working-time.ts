import { instantOfWallClock } from './local-time';

/**
 * Arithmetic on working hours, in the time zone of a site. Instants are milliseconds since the epoch,
 * durations milliseconds. Days of 23 or 25 hours follow the zone data that the running Node.js carries; workflows
 * therefore never call this: they receive its results as data.
 */

/** One stretch of work in a day, in minutes since local midnight; `[480, 720]` is 08:00–12:00. */
export type Stretch = readonly [from: number, to: number];

/** Stretches by ISO weekday, 1 (Monday) to 7 (Sunday); a missing day is a day off. */
export type WorkingHours = Readonly<Record<number, readonly Stretch[]>>;

const OFFICE_DAY: readonly Stretch[] = [
  [8 * 60, 12 * 60],
  [14 * 60, 18 * 60],
];

/** Monday to Friday, 08:00–12:00 and 14:00–18:00: what a site keeps unless it says otherwise. */
export const DEFAULT_HOURS: WorkingHours = {
  1: OFFICE_DAY,
  2: OFFICE_DAY,
  3: OFFICE_DAY,
  4: OFFICE_DAY,
  5: OFFICE_DAY,
};

/** Length of a working day in the delays of the contract: "1 day" counted in working hours is this long. */
export const WORKING_DAY = 8 * 3_600_000;

/** A calendar without any stretch would never end; past this many days the search gives up. */
const HORIZON_DAYS = 366 * 3;
const DAY = 24 * 3_600_000;

/**
 * The instant at which `duration` of working time has passed since `start`.
 * @throws {RangeError} when the hours hold no work within three years.
 */
export function addWorkingTime(start: number, duration: number, hours: WorkingHours, zone: string): number {
  let left = duration;
  for (const [from, to] of stretchesFrom(start, hours, zone)) {
    if (left <= to - from) return from + left;
    left -= to - from;
  }
  throw new RangeError('These working hours hold no working time');
}

/** Working time between two instants; 0 when `end` is not after `start`. */
export function workingTimeBetween(start: number, end: number, hours: WorkingHours, zone: string): number {
  let total = 0;
  for (const [from, to] of stretchesFrom(start, hours, zone)) {
    if (from >= end) return total;
    total += Math.min(to, end) - from;
  }
  return total;
}

/** Whether somebody with these hours works from `start` to `end` without a break; stretches that touch are one. */
export function worksThrough(start: number, end: number, hours: WorkingHours, zone: string): boolean {
  let reached = start;
  for (const [from, to] of stretchesFrom(start, hours, zone)) {
    if (from > reached) return false;
    reached = to;
    if (reached >= end) return true;
  }
  return false;
}

const MINUTES_A_DAY = 1_440;
const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

/** The longest work without a break of a week with these hours, in milliseconds; endless when there is no break at all. */
export function longestWork(hours: WorkingHours): number {
  const ofWeek = Object.entries(hours)
    .flatMap(([day, stretches]) =>
      stretches.map(([from, to]) => {
        const midnight = (Number(day) - 1) * MINUTES_A_DAY;
        return [midnight + from, midnight + to] as const;
      }),
    )
    .sort((a, b) => a[0] - b[0]);
  let [longest, begin, reached] = [0, 0, -1];
  // Twice over, since what ends with Sunday goes on on Monday.
  for (const week of [0, MINUTES_A_WEEK]) {
    for (const [from, to] of ofWeek) {
      if (week + from !== reached) begin = week + from;
      reached = week + to;
      longest = Math.max(longest, reached - begin);
    }
  }
  return longest > MINUTES_A_WEEK ? Number.POSITIVE_INFINITY : longest * 60_000;
}

/** The stretches of work after `start` in order, the first one cut to begin no earlier than `start`. */
export function* stretchesFrom(
  start: number,
  hours: WorkingHours,
  zone: string,
): Generator<[from: number, to: number]> {
  // A zone is never more than 14 hours from UTC: the day before that of UTC is early enough everywhere.
  const first = Math.floor(start / DAY) - 1;
  for (let day = first; day < first + HORIZON_DAYS; day++) {
    for (const [from, to] of stretchesOn(day, hours, zone)) {
      if (to > start) yield [Math.max(start, from), to];
    }
  }
}

/** Days worked out so far: time zones make each of them expensive, and all interventions ask for the same few. */
const knownDays = new WeakMap<WorkingHours, Map<string, readonly (readonly [number, number])[]>>();
const MAX_KNOWN_DAYS = 5_000;

/** The stretches of one local date, named by the number of days from 1970-01-01 to it. */
function stretchesOn(day: number, hours: WorkingHours, zone: string): readonly (readonly [number, number])[] {
  let known = knownDays.get(hours);
  if (known === undefined || known.size > MAX_KNOWN_DAYS) {
    known = new Map();
    knownDays.set(hours, known);
  }
  const name = `${zone} ${day}`;
  let stretches = known.get(name);
  if (stretches === undefined) {
    stretches = computeStretches(day, hours, zone);
    known.set(name, stretches);
  }
  return stretches;
}

function computeStretches(day: number, hours: WorkingHours, zone: string): [number, number][] {
  const weekday = new Date(day * DAY).getUTCDay() || 7;
  return (hours[weekday] ?? []).map(([from, to]) => [wallClock(day, from, zone), wallClock(day, to, zone)]);
}

/** The instant of a wall-clock minute: 08:00 stays 08:00 on the day the clocks change. */
function wallClock(day: number, minute: number, zone: string): number {
  return instantOfWallClock(day * DAY + minute * 60_000, zone);
}
