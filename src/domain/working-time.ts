import { invalid } from './errors';
import { instantOfWallClock } from './local-time';

/**
 * Arithmetic on working time: the hours of a week, in the time zone of a site, without the days on which it is closed. Instants are milliseconds since the epoch,
 * durations milliseconds. Days of 23 or 25 hours follow the zone data that the running Node.js carries; workflows
 * therefore never call this: they receive its results as data.
 */

/**
 * One stretch of work in a day, in minutes since local midnight; `[480, 720]` is 08:00–12:00. One that ends at 24:00, 1440,
 * goes on where the next day begins with one from 0: so is a night written.
 */
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

export const DEMI_JOURNEES = ['matin', 'apres_midi'] as const;
export type DemiJournee = (typeof DEMI_JOURNEES)[number];

/** Days on which nobody works, both included; of each its morning or its afternoon alone where `demi_journee` says so. */
export interface Closing {
  /** A day, `2026-12-19`. */
  debut: string;
  fin: string;
  demi_journee?: DemiJournee | null;
}

/** Where work is done: by which clocks, and when not. */
export interface Place {
  zone: string;
  /** In any order; they may overlap. */
  closings?: readonly Closing[];
}

/** When somebody, or some place, works. */
export interface Calendar extends Place {
  hours: WorkingHours;
  /** Days, `2026-12-19`, on which other stretches hold than the week's, closed or not; none at all is a day off. */
  exceptions?: ReadonlyMap<string, readonly Stretch[]>;
}

/** Work is looked for this far ahead: hours that hold none, or that are closed for years, would be searched without end. */
const HORIZON_DAYS = 366 * 3;
const DAY = 24 * 3_600_000;

/**
 * The instant at which `duration` of working time has passed since `start`.
 * @throws {RegieError} `VALIDATION` when there is less than that within three years.
 */
export function addWorkingTime(start: number, duration: number, calendar: Calendar): number {
  let left = duration;
  for (const [from, to] of stretchesFrom(start, calendar)) {
    if (left <= to - from) return from + left;
    left -= to - from;
  }
  throw invalid({
    champ: 'horaires',
    message: {
      fr: 'Trop peu de temps ouvré dans les trois ans à venir : horaires, jours fériés et fermetures n’en laissent pas assez',
      en: 'Too little working time within the next three years: hours, public holidays and closings leave not enough of it',
    },
  });
}

/** Working time between two instants; 0 when `end` is not after `start`. */
export function workingTimeBetween(start: number, end: number, calendar: Calendar): number {
  let total = 0;
  const days = Math.ceil((end - start) / DAY) + 3;
  for (const [from, to] of stretchesFrom(start, calendar, days)) {
    if (from >= end) return total;
    total += Math.min(to, end) - from;
  }
  return total;
}

/** Whether somebody works from `start` to `end` without a break; stretches that touch are one. */
export function worksThrough(start: number, end: number, calendar: Calendar): boolean {
  let reached = start;
  for (const [from, to] of stretchesFrom(start, calendar)) {
    if (from > reached) return false;
    reached = to;
    if (reached >= end) return true;
  }
  return false;
}

/** Whether any of the time between two instants lies on a closed day, at whatever hour. */
export function isClosedWithin(start: number, end: number, place: Place): boolean {
  return closedBetween(start, end, place).length > 0;
}

/** What of the time between two instants lies on closed days, at whatever hour, in order; none of it overlaps. */
export function closedBetween(start: number, end: number, place: Place): [from: number, to: number][] {
  const closed = closedDays(place.closings);
  if (closed.size === 0) return [];
  const found: [number, number][] = [];
  const first = Math.floor(start / DAY) - 1;
  for (let day = first; day * DAY < end + DAY; day++) {
    const ofDay = [...(closed.get(day) ?? [])].sort((a, b) => a[0] - b[0]);
    for (const [from, to] of ofDay) {
      const begin = Math.max(wallClock(day, from, place.zone), start, found.at(-1)?.[1] ?? start);
      const over = Math.min(wallClock(day, to, place.zone), end);
      if (begin < over) found.push([begin, over]);
    }
  }
  return found;
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

/** The stretches of work after `start` in order, within three years or so many days; the first one begins no earlier than `start`. */
export function* stretchesFrom(
  start: number,
  calendar: Calendar,
  days = HORIZON_DAYS,
): Generator<[from: number, to: number]> {
  // A zone is never more than 14 hours from UTC: the day before that of UTC is early enough everywhere.
  const first = Math.floor(start / DAY) - 1;
  const closed = closedDays(calendar.closings);
  for (let day = first; day < first + days; day++) {
    const exception = calendar.exceptions?.get(nameOf(day));
    for (const [from, to] of stretchesOn(day, calendar, closed.get(day), exception)) {
      if (to > start) yield [Math.max(start, from), to];
    }
  }
}

function nameOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

type ClosedDays = ReadonlyMap<number, readonly Stretch[]>;

const NEVER_CLOSED: ClosedDays = new Map();
const knownClosings = new WeakMap<readonly Closing[], ClosedDays>();

/** What is closed of each day, by the number of days from 1970-01-01 to it. */
function closedDays(closings: readonly Closing[] | undefined): ClosedDays {
  if (closings === undefined || closings.length === 0) return NEVER_CLOSED;
  const known = knownClosings.get(closings);
  if (known !== undefined) return known;
  const days = new Map<number, Stretch[]>();
  for (const { debut, fin, demi_journee } of closings) {
    const closed: Stretch = demi_journee ? HALVES[demi_journee] : [0, MINUTES_A_DAY];
    const last = Date.parse(fin) / DAY;
    for (let day = Date.parse(debut) / DAY; day <= last; day++) {
      days.set(day, [...(days.get(day) ?? []), closed]);
    }
  }
  knownClosings.set(closings, days);
  return days;
}

const HALVES: Readonly<Record<DemiJournee, Stretch>> = {
  matin: [0, MINUTES_A_DAY / 2],
  apres_midi: [MINUTES_A_DAY / 2, MINUTES_A_DAY],
};

type Instants = readonly (readonly [from: number, to: number])[];

/** Days worked out so far: time zones make each of them expensive, and all interventions ask for the same few. */
const knownDays = new WeakMap<WorkingHours, Map<string, Instants>>();
const MAX_KNOWN_DAYS = 5_000;

/** The stretches of one local date, named by the number of days from 1970-01-01 to it. */
function stretchesOn(
  day: number,
  { hours, zone }: Calendar,
  closed: readonly Stretch[] | undefined,
  exception: readonly Stretch[] | undefined,
): Instants {
  if (exception !== undefined) return computeStretches(day, exception, zone);
  if (closed !== undefined) return computeStretches(day, without(stretchesOf(day, hours), closed), zone);
  let known = knownDays.get(hours);
  if (known === undefined || known.size > MAX_KNOWN_DAYS) {
    known = new Map();
    knownDays.set(hours, known);
  }
  const name = `${zone} ${day}`;
  let stretches = known.get(name);
  if (stretches === undefined) {
    stretches = computeStretches(day, stretchesOf(day, hours), zone);
    known.set(name, stretches);
  }
  return stretches;
}

function stretchesOf(day: number, hours: WorkingHours): readonly Stretch[] {
  return hours[new Date(day * DAY).getUTCDay() || 7] ?? [];
}

function without(stretches: readonly Stretch[], closed: readonly Stretch[]): readonly Stretch[] {
  return closed.reduce<readonly Stretch[]>(
    (left, [close, open]) =>
      left.flatMap(([from, to]): Stretch[] =>
        [[from, Math.min(to, close)] as const, [Math.max(from, open), to] as const].filter(
          ([begin, end]) => begin < end,
        ),
      ),
    stretches,
  );
}

function computeStretches(day: number, stretches: readonly Stretch[], zone: string): Instants {
  return stretches.map(([from, to]) => [wallClock(day, from, zone), wallClock(day, to, zone)]);
}

/** The instant of a wall-clock minute: 08:00 stays 08:00 on the day the clocks change. */
function wallClock(day: number, minute: number, zone: string): number {
  return instantOfWallClock(day * DAY + minute * 60_000, zone);
}
