import { invalid, type Texte } from './errors';

/**
 * The part of RFC 5545's recurrence rules by which preventive work and appointments come back, on days alone: the time of
 * the day is said beside it (docs/decisions/037). `FREQ` DAILY to YEARLY, `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY` with
 * ordinals, and of RFC 7529 `SKIP=BACKWARD`: a day that a month does not have is its last one.
 */

const FREQUENCES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
type Frequence = (typeof FREQUENCES)[number];

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export interface Regle {
  freq: Frequence;
  interval: number;
  byMonth: readonly number[];
  /** From the end of the month when negative. */
  byMonthDay: readonly number[];
  /** Of an ordinal, 0 where there is none; the weekday is 1 for Monday. */
  byDay: readonly (readonly [ordinal: number, weekday: number])[];
  /** `SKIP=BACKWARD`. */
  backward: boolean;
}

/** Characters of a rule, at most: each part names each of its values once. */
export const MAX_REGLE = 300;
const MAX_INTERVAL = 1_000;

/** Days are looked for this far ahead: rules may name days that never come. */
const YEARS_AHEAD = 12;
const DAY = 86_400_000;

/**
 * Reads a rule.
 * @throws {RegieError} `VALIDATION` of `regle`, saying what is wrong with it
 */
export function parseRegle(text: string): Regle {
  const parts = new Map<string, string>();
  for (const part of text.replace(/^RRULE:/, '').split(';')) {
    const [name, value, ...more] = part.split('=');
    if (!name || !value || more.length > 0) throw fault(`« ${part} » illisible`, `"${part}" cannot be read`);
    if (!KNOWN.includes(name)) throw fault(`${name} n’est pas accepté`, `${name} is not accepted`);
    if (parts.has(name)) throw fault(`${name} deux fois`, `${name} twice`);
    parts.set(name, value);
  }
  const freq = parts.get('FREQ') as Frequence | undefined;
  if (freq === undefined || !FREQUENCES.includes(freq)) {
    throw fault(`FREQ attendu : ${FREQUENCES.join(', ')}`, `FREQ is expected: ${FREQUENCES.join(', ')}`);
  }
  const regle: Regle = {
    freq,
    interval: numbers(parts, 'INTERVAL', 1, MAX_INTERVAL)[0] ?? 1,
    byMonth: numbers(parts, 'BYMONTH', 1, 12),
    byMonthDay: numbers(parts, 'BYMONTHDAY', -31, 31),
    byDay: weekdays(parts.get('BYDAY')),
    backward: parts.get('SKIP') === 'BACKWARD',
  };
  requireSense(regle, parts);
  return regle;
}

const KNOWN = ['FREQ', 'INTERVAL', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'SKIP', 'RSCALE'];

function numbers(parts: ReadonlyMap<string, string>, name: string, min: number, max: number): number[] {
  const values = parts.get(name)?.split(',') ?? [];
  const read = values.map((value) => (/^[+-]?\d{1,4}$/.test(value) ? Number(value) : Number.NaN));
  const fits = read.every((value) => value >= min && value <= max && value !== 0);
  const single = name !== 'INTERVAL' || read.length <= 1;
  if (!fits || !single || new Set(read).size !== read.length) {
    throw fault(`${name} : de ${min} à ${max}, sans répétition`, `${name}: from ${min} to ${max}, each once`);
  }
  return read;
}

function weekdays(value: string | undefined): [number, number][] {
  if (value === undefined) return [];
  const read = value.split(',').map((word): [number, number] => {
    const [, ordinal, name] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(word) ?? [];
    const number = ordinal === undefined ? 0 : Number(ordinal);
    if (name === undefined || (ordinal !== undefined && (number === 0 || Math.abs(number) > 53))) {
      throw fault(`BYDAY : « ${word} » n’est pas un jour`, `BYDAY: "${word}" is not a day`);
    }
    return [number, WEEKDAYS.indexOf(name) + 1];
  });
  if (new Set(read.map(String)).size !== read.length)
    throw fault('BYDAY : un jour deux fois', 'BYDAY: a day twice');
  return read;
}

function requireSense(
  { freq, byMonth, byMonthDay, byDay, interval }: Regle,
  parts: ReadonlyMap<string, string>,
): void {
  const ordinals = byDay.some(([ordinal]) => ordinal !== 0);
  if (ordinals && (freq === 'DAILY' || freq === 'WEEKLY')) {
    throw fault(
      'BYDAY : un rang n’a de sens que par mois ou par an',
      'BYDAY: ordinals are for months and years',
    );
  }
  if (
    ordinals &&
    (freq === 'MONTHLY' || byMonth.length > 0) &&
    byDay.some(([ordinal]) => Math.abs(ordinal) > 5)
  ) {
    throw fault(
      'BYDAY : un mois n’a pas plus de cinq fois un jour',
      'BYDAY: a month has no day more than five times',
    );
  }
  if (freq === 'WEEKLY' && byMonthDay.length > 0) {
    throw fault('BYMONTHDAY n’a pas de sens par semaine', 'BYMONTHDAY is not for weeks');
  }
  const skip = parts.get('SKIP');
  if (skip !== undefined && skip !== 'BACKWARD') throw fault('SKIP : BACKWARD seul', 'SKIP: BACKWARD alone');
  const rscale = parts.get('RSCALE');
  if (rscale !== undefined && rscale !== 'GREGORIAN')
    throw fault('RSCALE : GREGORIAN seul', 'RSCALE: GREGORIAN alone');
  if (freq === 'YEARLY' && interval > YEARS_AHEAD) {
    throw fault(`Au plus ${YEARS_AHEAD} ans`, `At most ${YEARS_AHEAD} years`);
  }
}

function fault(fr: string, en: string) {
  return invalid({ champ: 'regle', message: { fr, en } satisfies Texte });
}

/** A day on which a rule falls. */
export interface Jour {
  /** `2026-12-19`. */
  jour: string;
  /** The day of the month that the rule names, where the month has none such. */
  voulu: number | null;
}

/**
 * The days of a rule in their order.
 * @param debut the day from which the rule counts, whether or not it falls on it.
 * @param from the first day that is asked for; days before `debut` are none.
 */
export function* joursFrom(regle: Regle, debut: string, from: string): Generator<Jour> {
  const origin = toDay(debut);
  const first = Math.max(origin, toDay(from));
  const last = first + YEARS_AHEAD * 366;
  for (let period = periodOf(regle, origin, first); ; period += regle.interval) {
    const begin = beginOf(regle.freq, origin, period);
    if (begin > last) return;
    const days = [...daysOf(regle, origin, begin)].sort((a, b) => a[0] - b[0]);
    let before = Number.NEGATIVE_INFINITY;
    for (const [day, voulu] of days) {
      if (day >= first && day <= last && day !== before) yield { jour: fromDay(day), voulu };
      before = day;
    }
  }
}

/** Days since 1970-01-01. */
function toDay(day: string): number {
  return Date.parse(day) / DAY;
}

function fromDay(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month, day) / DAY;
}

/** 1 for Monday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** The number of the last period of a rule, counted from that of its beginning, that does not begin after a day. */
function periodOf({ freq, interval }: Regle, origin: number, day: number): number {
  const [a, b] = [new Date(origin * DAY), new Date(day * DAY)];
  const years = b.getUTCFullYear() - a.getUTCFullYear();
  const periods = {
    DAILY: day - origin,
    WEEKLY: Math.floor((day - (origin - weekdayOf(origin) + 1)) / 7),
    MONTHLY: years * 12 + b.getUTCMonth() - a.getUTCMonth(),
    YEARLY: years,
  }[freq];
  return Math.floor(periods / interval) * interval;
}

function beginOf(freq: Frequence, origin: number, period: number): number {
  const begin = new Date(origin * DAY);
  switch (freq) {
    case 'DAILY':
      return origin + period;
    case 'WEEKLY':
      return origin - weekdayOf(origin) + 1 + 7 * period;
    case 'MONTHLY':
      return dayOf(begin.getUTCFullYear(), begin.getUTCMonth() + period, 1);
    case 'YEARLY':
      return dayOf(begin.getUTCFullYear() + period, 0, 1);
  }
}

type Found = readonly [day: number, voulu: number | null];

/** The days of one period; some may come twice. */
function* daysOf(regle: Regle, origin: number, begin: number): Generator<Found> {
  const { freq, byDay, byMonth, byMonthDay } = regle;
  const weekdays = byDay.map(([, weekday]) => weekday);
  switch (freq) {
    case 'DAILY': {
      const falls = weekdays.length === 0 || weekdays.includes(weekdayOf(begin));
      if (falls && isInMonths(begin, byMonth) && isOnMonthDays(begin, byMonthDay)) yield [begin, null];
      return;
    }
    case 'WEEKLY':
      for (const weekday of weekdays.length > 0 ? weekdays : [weekdayOf(origin)]) {
        const day = begin + weekday - 1;
        if (isInMonths(day, byMonth)) yield [day, null];
      }
      return;
    case 'MONTHLY':
      if (isInMonths(begin, byMonth)) yield* daysOfMonth(regle, origin, begin);
      return;
    case 'YEARLY': {
      const year = new Date(begin * DAY).getUTCFullYear();
      // Weekdays of the whole year, where nothing else says which days.
      if (byDay.length > 0 && byMonth.length === 0 && byMonthDay.length === 0) {
        yield* weekdaysWithin(byDay, begin, dayOf(year + 1, 0, 1) - 1);
        return;
      }
      const own = byMonthDay.length > 0 ? ALL_MONTHS : [new Date(origin * DAY).getUTCMonth() + 1];
      for (const month of byMonth.length > 0 ? byMonth : own) {
        yield* daysOfMonth(regle, origin, dayOf(year, month - 1, 1));
      }
    }
  }
}

const ALL_MONTHS = Array.from({ length: 12 }, (_, month) => month + 1);

function* daysOfMonth(
  { byDay, byMonthDay, backward }: Regle,
  origin: number,
  begin: number,
): Generator<Found> {
  const length = lengthOfMonth(begin);
  if (byDay.length > 0 && byMonthDay.length === 0) {
    yield* weekdaysWithin(byDay, begin, begin + length - 1);
    return;
  }
  const own = [new Date(origin * DAY).getUTCDate()];
  for (const wanted of byMonthDay.length > 0 ? byMonthDay : own) {
    const missing = wanted > length;
    if (missing && !backward) continue;
    const number = wanted < 0 ? length + 1 + wanted : Math.min(wanted, length);
    if (number < 1) continue;
    const day = begin + number - 1;
    const falls = byDay.length === 0 || byDay.some(([, weekday]) => weekday === weekdayOf(day));
    if (falls) yield [day, missing ? wanted : null];
  }
}

/** Each weekday named, or of it the one at its ordinal, from one day to another. */
function* weekdaysWithin(byDay: Regle['byDay'], first: number, last: number): Generator<Found> {
  for (const [ordinal, weekday] of byDay) {
    const earliest = first + ((weekday - weekdayOf(first) + 7) % 7);
    const latest = last - ((weekdayOf(last) - weekday + 7) % 7);
    if (ordinal === 0) {
      for (let day = earliest; day <= last; day += 7) yield [day, null];
    } else {
      const day = ordinal > 0 ? earliest + 7 * (ordinal - 1) : latest + 7 * (ordinal + 1);
      if (day >= first && day <= last) yield [day, null];
    }
  }
}

function lengthOfMonth(begin: number): number {
  const date = new Date(begin * DAY);
  return dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) - begin;
}

function isInMonths(day: number, months: readonly number[]): boolean {
  return months.length === 0 || months.includes(new Date(day * DAY).getUTCMonth() + 1);
}

function isOnMonthDays(day: number, monthDays: readonly number[]): boolean {
  if (monthDays.length === 0) return true;
  const number = new Date(day * DAY).getUTCDate();
  const length = lengthOfMonth(day - number + 1);
  return monthDays.some((wanted) => (wanted > 0 ? wanted : length + 1 + wanted) === number);
}
