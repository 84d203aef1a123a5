import { IANAZone } from 'luxon';

/**
 * What local time means: the one place that turns days and wall clocks of a zone into instants and back, by the zone data
 * of this Node.js. PostgreSQL and Temporal have data of their own and are told instants only (docs/decisions/019).
 *
 * Instants are milliseconds since the epoch. A wall clock is written as the instant at which a clock in UTC would show
 * the same, a day as `2026-12-19`.
 */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Clocks that go forward at midnight skip no more than this. */
const LONGEST_SKIP = 3 * 60 * MINUTE;

/** What the clocks of a zone show at an instant. */
export function wallClockAt(instant: number, zone: string): number {
  return instant + offsetAt(instant, zone);
}

/**
 * The first instant at which the clocks of a zone show a time, or, where they skip it, at which they have gone past it:
 * 02:30 in the night in which 02:00 is followed by 03:00 is the moment of that change.
 */
export function instantOfWallClock(wall: number, zone: string): number {
  // No clock is further from UTC than 14 hours, and no zone changes its clocks twice in two days.
  const before = offsetAt(wall - DAY, zone);
  const after = offsetAt(wall + DAY, zone);
  if (before === after) return wall - before;
  const shown = [wall - before, wall - after].filter((instant) => wallClockAt(instant, zone) === wall);
  if (shown.length > 0) return Math.min(...shown);

  let [skippedTo, notYet] = [wall - before, wall - after];
  while (skippedTo - notYet > 1) {
    const middle = Math.floor((skippedTo + notYet) / 2);
    if (wallClockAt(middle, zone) >= wall) skippedTo = middle;
    else notYet = middle;
  }
  return skippedTo;
}

/** An instant as the clocks of a zone show it, with how far they are from UTC: `2026-12-01T09:00:00+01:00`. */
export function withOffset(instant: number, zone: string): string {
  return written(instant, offsetAt(instant, zone));
}

/**
 * What {@link withOffset} does, for lists of many instants: to ask a zone is most of what each costs. A day at whose beginning
 * and end clocks show the same is one on which they do not change, since no zone changes its clocks twice in two days.
 */
export function writerWithOffset(zone: string): (instant: number) => string {
  const known = new Map<number, number | null>();
  const dates = new Map<number, string>();
  const offsets = new Map<number, string>();
  return (instant) => {
    const day = Math.floor(instant / DAY);
    let ahead = known.get(day);
    if (ahead === undefined) {
      const first = offsetAt(day * DAY, zone);
      ahead = first === offsetAt((day + 1) * DAY, zone) ? first : null;
      known.set(day, ahead);
    }
    ahead ??= offsetAt(instant, zone);
    const wall = instant + ahead;
    const date = Math.floor(wall / DAY);
    const clock = CLOCKS[(wall - date * DAY) / MINUTE];
    // Of a whole minute nothing is left to be worked out but what others of the day have in common with it.
    if (clock === undefined) return written(instant, ahead);
    const on = remembered(dates, date, () => new Date(date * DAY).toISOString().slice(0, 10));
    const minutes = ahead / MINUTE;
    return `${on}T${clock}:00${remembered(offsets, minutes, () => offsetText(minutes))}`;
  };
}

/** Each minute of a day as clocks show it. */
const CLOCKS: readonly string[] = Array.from(
  { length: DAY / MINUTE },
  (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`,
);

function remembered(known: Map<number, string>, key: number, make: () => string): string {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}

function written(instant: number, ahead: number): string {
  return `${new Date(instant + ahead).toISOString().slice(0, 19)}${offsetText(ahead / MINUTE)}`;
}

/** @param offset in minutes. */
function offsetText(offset: number): string {
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** The day that the calendar of a zone shows at an instant. */
export function dayAt(instant: number, zone: string): string {
  return new Date(wallClockAt(instant, zone)).toISOString().slice(0, 10);
}

/** The day so many days later, or earlier when the number is negative. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
}

/** The first instant of a day: midnight, or what comes in its place where the clocks go forward at midnight. */
export function startOfDay(day: string, zone: string): number {
  return instantOfWallClock(Date.parse(day), zone);
}

/** The first instant of the next day: a day holds what comes before it. */
export function endOfDay(day: string, zone: string): number {
  return startOfDay(dayAfter(day, 1), zone);
}

/** The first instant of the week, which begins on Monday, in which an instant lies. */
export function startOfWeek(instant: number, zone: string): number {
  const day = dayAt(instant, zone);
  const daysSinceMonday = (new Date(day).getUTCDay() + 6) % 7;
  return startOfDay(dayAfter(day, -daysSinceMonday), zone);
}

/**
 * The same time of the day so many days later by the calendar of a zone, however long those days are. The first instant
 * of a day becomes the first instant of another, also where one of them has no midnight.
 */
export function addDays(instant: number, days: number, zone: string): number {
  const wall = wallClockAt(instant, zone);
  const sinceMidnight = wall - Math.floor(wall / DAY) * DAY;
  const isFirst =
    sinceMidnight > 0 &&
    sinceMidnight < LONGEST_SKIP &&
    instant === instantOfWallClock(wall - sinceMidnight, zone);
  return instantOfWallClock(wall - (isFirst ? sinceMidnight : 0) + days * DAY, zone);
}

/** The instant that a person named: itself, or of a day its first instant in the zone. */
export function startOf(value: string, zone: string): Date {
  return new Date(isDay(value) ? startOfDay(value, zone) : Date.parse(value));
}

/** The instant that a person named: itself, or of a day the next day's first instant, since it includes that day. */
export function endOf(value: string, zone: string): Date {
  return new Date(isDay(value) ? endOfDay(value, zone) : Date.parse(value));
}

function isDay(value: string): boolean {
  return !value.includes('T');
}

/** Whether there is a zone of this name. */
export function isZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** How far a zone's clocks are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  return Math.round(IANAZone.create(zone).offset(instant) * MINUTE);
}
