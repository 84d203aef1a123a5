import { dayAfter, dayAt, wallClockAt } from '../../src/domain/local-time';
import {
  addWorkingTime,
  type Calendar,
  type Closing,
  DEFAULT_HOURS,
  DEMI_JOURNEES,
  isClosedWithin,
  type Stretch,
  WORKING_DAY,
  type WorkingHours,
  workingTimeBetween,
  worksThrough,
} from '../../src/domain/working-time';
import { createRandom, type Random } from '../../tools/lib/random';

const HOUR = 3_600_000;
const PARIS = 'Europe/Paris';
const OFFICE = { hours: DEFAULT_HOURS, zone: PARIS };
const at = (iso: string) => Date.parse(iso);
const add = (start: string, duration: number, zone = PARIS) =>
  new Date(addWorkingTime(at(start), duration, { hours: DEFAULT_HOURS, zone })).toISOString();

describe('working time', () => {
  it('passes over lunch, nights and week-ends', () => {
    // Friday 11:00 in Paris: one hour before lunch, four after, three on Monday.
    expect(add('2026-12-04T10:00:00Z', WORKING_DAY)).toBe('2026-12-07T10:00:00.000Z');
    expect(add('2026-12-04T10:00:00Z', 2 * HOUR)).toBe('2026-12-04T14:00:00.000Z');
  });

  it('begins with the next stretch when it starts outside of one', () => {
    expect(add('2026-12-05T03:00:00Z', HOUR)).toBe('2026-12-07T08:00:00.000Z');
    expect(add('2026-12-04T05:00:00Z', HOUR)).toBe('2026-12-04T08:00:00.000Z');
  });

  it('ends at the end of a stretch rather than at the beginning of the next', () => {
    expect(add('2026-12-04T07:00:00Z', 4 * HOUR)).toBe('2026-12-04T11:00:00.000Z');
  });

  it('keeps to the clock on the wall when it changes', () => {
    // In Paris clocks go forward on Sunday 2027-03-28: Friday is UTC+1, Monday UTC+2.
    expect(add('2027-03-26T16:00:00Z', 2 * HOUR)).toBe('2027-03-29T07:00:00.000Z');
    // At Lord Howe by half an hour, on Sunday 2026-10-04: Friday is UTC+10:30, Monday UTC+11.
    expect(add('2026-10-02T06:30:00Z', 2 * HOUR, 'Australia/Lord_Howe')).toBe('2026-10-04T22:00:00.000Z');
    // In Cairo on Friday 2027-04-30, at midnight: Thursday is UTC+2, Friday UTC+3.
    expect(add('2027-04-29T15:00:00Z', 2 * HOUR, 'Africa/Cairo')).toBe('2027-04-30T06:00:00.000Z');
  });

  it('is at UTC+0 in Casablanca since 2026-09-20, all year, in Ramadan too', () => {
    const casablanca = (start: string) => add(start, 2 * HOUR, 'Africa/Casablanca');
    expect(casablanca('2026-12-04T17:00:00Z')).toBe('2026-12-07T09:00:00.000Z');
    // Ramadan of 2027 begins on 8 February.
    expect(casablanca('2027-02-05T17:00:00Z')).toBe('2027-02-08T09:00:00.000Z');
    expect(casablanca('2027-07-02T17:00:00Z')).toBe('2027-07-05T09:00:00.000Z');
    // Friday is at UTC+1, Monday at UTC+0.
    expect(casablanca('2026-09-18T16:00:00Z')).toBe('2026-09-21T09:00:00.000Z');
  });

  it('around the clock is as long as the night is, when the clocks change in it', () => {
    const always = { 7: [[0, 24 * 60]] } as const;
    const sunday = (date: string) => {
      const start = at(`${date}T12:00:00Z`);
      return workingTimeBetween(start, start + 48 * HOUR, { hours: always, zone: PARIS }) / HOUR;
    };
    expect([sunday('2027-03-27'), sunday('2026-10-24'), sunday('2026-12-05')]).toEqual([23, 25, 24]);
    const night = { 7: [[2 * 60 + 15, 2 * 60 + 45]] } as const;
    expect(
      workingTimeBetween(at('2027-03-27T12:00:00Z'), at('2027-03-29T12:00:00Z'), {
        hours: night,
        zone: PARIS,
      }),
    ).toBe(0);
  });

  it('measures what it adds, wherever it starts', () => {
    for (let hour = 0; hour < 24 * 9; hour += 1.7) {
      const start = at('2026-12-01T00:00:00Z') + hour * HOUR;
      const end = addWorkingTime(start, 11 * HOUR, OFFICE);
      expect(workingTimeBetween(start, end, OFFICE)).toBe(11 * HOUR);
    }
    expect(workingTimeBetween(5, 4, OFFICE)).toBe(0);
  });

  it('gives up on hours that hold no work', () => {
    expect(() => addWorkingTime(0, 1, { hours: {}, zone: PARIS })).toThrow(
      expect.objectContaining({ code: 'VALIDATION' }),
    );
  });
});

describe('closed days', () => {
  const closed = (...closings: Closing[]): Calendar => ({ ...OFFICE, closings });
  const later = (start: string, duration: number, calendar: Calendar) =>
    new Date(addWorkingTime(at(start), duration, calendar)).toISOString();

  it('do not count, whole or by half', () => {
    // Christmas of 2026 is a Friday: Thursday 17:00, one hour before the evening, goes on on Monday.
    const start = '2026-12-24T16:00:00Z';
    expect(later(start, 2 * HOUR, OFFICE)).toBe('2026-12-25T08:00:00.000Z');
    expect(later(start, 2 * HOUR, closed({ debut: '2026-12-25', fin: '2026-12-25' }))).toBe(
      '2026-12-28T08:00:00.000Z',
    );
    const morning = { debut: '2026-12-25', fin: '2026-12-25', demi_journee: 'matin' as const };
    expect(later(start, 2 * HOUR, closed(morning))).toBe('2026-12-25T14:00:00.000Z');
    expect(later(start, 2 * HOUR, closed({ ...morning, demi_journee: 'apres_midi' }))).toBe(
      '2026-12-25T08:00:00.000Z',
    );
    const halves = DEMI_JOURNEES.map((demi_journee) => ({ ...morning, demi_journee }));
    expect(later(start, 2 * HOUR, closed(...halves))).toBe('2026-12-28T08:00:00.000Z');
  });

  it('last as long as they say, wherever they overlap', () => {
    const august = [
      { debut: '2027-08-02', fin: '2027-08-20' },
      { debut: '2027-08-16', fin: '2027-08-22' },
    ];
    expect(later('2027-07-30T15:00:00Z', 2 * HOUR, closed(...august))).toBe('2027-08-23T07:00:00.000Z');
  });

  it('cut a night in two at midnight', () => {
    const nights: WorkingHours = { 1: [[22 * 60, 1_440]], 2: [[0, 6 * 60]] };
    const night: Calendar = { hours: nights, zone: PARIS };
    const [from, to] = [at('2026-12-07T21:00:00Z'), at('2026-12-08T05:00:00Z')];
    expect(worksThrough(from, to, night)).toBe(true);
    expect(workingTimeBetween(from, to, night)).toBe(8 * HOUR);
    const tuesday = { ...night, closings: [{ debut: '2026-12-08', fin: '2026-12-08' }] };
    expect(worksThrough(from, to, tuesday)).toBe(false);
    expect(workingTimeBetween(from, to, tuesday)).toBe(2 * HOUR);
  });

  it('begin and end with the day of the zone, also where it has no midnight', () => {
    // Friday 2027-04-30 has no midnight in Cairo: it begins at 01:00, which is 22:00 of Thursday in UTC.
    const cairo = { zone: 'Africa/Cairo', closings: [{ debut: '2027-04-30', fin: '2027-04-30' }] };
    const isClosed = (from: string, to: string) => isClosedWithin(at(from), at(to), cairo);
    expect(isClosed('2027-04-29T10:00:00Z', '2027-04-29T22:00:00Z')).toBe(false);
    expect(isClosed('2027-04-29T10:00:00Z', '2027-04-29T22:00:01Z')).toBe(true);
    expect(isClosed('2027-04-30T20:59:59Z', '2027-05-01T10:00:00Z')).toBe(true);
    expect(isClosed('2027-04-30T21:00:00Z', '2027-05-01T10:00:00Z')).toBe(false);
  });

  it('for years leave nothing to be found, which is said', () => {
    const years = closed({ debut: '2026-01-01', fin: '2031-12-31' });
    expect(() => later('2026-12-24T16:00:00Z', HOUR, years)).toThrow(
      expect.objectContaining({ code: 'VALIDATION' }),
    );
    expect(workingTimeBetween(at('2026-12-24T16:00:00Z'), at('2032-01-01T23:00:00Z'), years)).toBe(8 * HOUR);
  });
});

/** Where clocks change soon after the day from which calendars are made up. */
const CHANGES = [
  ['Europe/Paris', '2027-03-20'],
  ['Europe/Paris', '2026-10-17'],
  ['Africa/Cairo', '2027-04-24'],
  ['Africa/Cairo', '2026-10-24'],
  ['Africa/Casablanca', '2026-09-14'],
  ['Australia/Lord_Howe', '2026-09-28'],
  ['UTC', '2026-12-20'],
] as const;

/** Hours at which days are cut: none that a change of clocks shows twice. */
const CUTS = [0, 4, 8, 12, 14, 18, 22, 24];

function hoursBy(random: Random): WorkingHours {
  const day = (): Stretch[] => {
    const cuts = CUTS.filter(() => random.int(0, 1) === 1);
    return cuts.flatMap((cut, index): Stretch[] =>
      index % 2 === 1 ? [[cuts[index - 1]! * 60, cut * 60]] : [],
    );
  };
  return { 1: day(), 2: day(), 3: [[480, 720]], 4: day(), 5: day(), 6: day(), 7: day() };
}

function closingBy(random: Random, first: string): Closing {
  const debut = dayAfter(first, random.int(0, 20));
  const fin = dayAfter(debut, random.int(0, 3));
  return { debut, fin, demi_journee: random.pick([null, null, ...DEMI_JOURNEES]) };
}

/** By what clocks and calendars show, minute by minute: nothing of how working time is counted. */
function isOpenAt(instant: number, { hours, zone, closings = [] }: Calendar): boolean {
  const day = dayAt(instant, zone);
  const minute = (wallClockAt(instant, zone) - Date.parse(day)) / 60_000;
  const isClosed = closings.some(
    ({ debut, fin, demi_journee }) =>
      debut <= day && day <= fin && (!demi_journee || (demi_journee === 'matin') === minute < 720),
  );
  const stretches = hours[new Date(day).getUTCDay() || 7] ?? [];
  return !isClosed && stretches.some(([from, to]) => from <= minute && minute < to);
}

it.each(CHANGES)('keeps its promises around changes of clocks in %s from %s', (zone, first) => {
  const random = createRandom(20_261_128);
  for (let n = 0; n < 250; n++) {
    const closings = Array.from({ length: random.int(0, 4) }, () => closingBy(random, first));
    const calendar: Calendar = { hours: hoursBy(random), zone, closings };
    const start = at(`${first}T00:00:00Z`) + random.int(0, 14 * 24 * 12) * 300_000;
    const [one, two] = [random.int(1, 2_000) * 60_000, random.int(1, 2_000) * 60_000];
    const end = addWorkingTime(start, one, calendar);

    expect(isOpenAt(end - 1, calendar)).toBe(true);
    expect(workingTimeBetween(start, end, calendar)).toBe(one);
    expect(addWorkingTime(end, two, calendar)).toBe(addWorkingTime(start, one + two, calendar));
    expect(addWorkingTime(start, one + two, calendar)).toBeGreaterThan(end);
    expect(addWorkingTime(start + two, one, calendar)).toBeGreaterThanOrEqual(end);

    const until = start + random.int(0, 3 * 24 * 12) * 300_000;
    let open = 0;
    for (let instant = start; instant < until; instant += 300_000) {
      if (isOpenAt(instant, calendar)) open += 300_000;
    }
    expect(workingTimeBetween(start, until, calendar)).toBe(open);
  }
});
