import { DateTime } from 'luxon';

/**
 * Arithmetic on working hours, in the time zone of a site. Instants are milliseconds since the epoch,
 * durations milliseconds. Daylight saving (and Morocco's change for Ramadan) follows the IANA rules that
 * the running Node.js carries; workflows therefore never call this: they receive its results as data.
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

/** The stretches of work after `start` in order, the first one cut to begin no earlier than `start`. */
export function* stretchesFrom(
  start: number,
  hours: WorkingHours,
  zone: string,
): Generator<[from: number, to: number]> {
  const first = DateTime.fromMillis(start, { zone }).startOf('day');
  for (let day = 0; day < HORIZON_DAYS; day++) {
    const date = first.plus({ days: day });
    for (const [fromMinute, toMinute] of hours[date.weekday] ?? []) {
      const from = Math.max(start, localMinute(date, fromMinute));
      const to = localMinute(date, toMinute);
      if (to > from) yield [from, to];
    }
  }
}

/** Wall-clock minutes, not elapsed ones: 08:00 stays 08:00 on the day the clocks change. */
function localMinute(day: DateTime, minute: number): number {
  return day
    .set({ hour: 0 })
    .plus({ days: Math.floor(minute / 1440) })
    .set({ hour: Math.floor((minute % 1440) / 60), minute: minute % 60 })
    .toMillis();
}
