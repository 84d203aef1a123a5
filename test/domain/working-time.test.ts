import {
  addWorkingTime,
  DEFAULT_HOURS,
  WORKING_DAY,
  workingTimeBetween,
} from '../../src/domain/working-time';

const HOUR = 3_600_000;
const PARIS = 'Europe/Paris';
const at = (iso: string) => Date.parse(iso);
const add = (start: string, duration: number, zone = PARIS) =>
  new Date(addWorkingTime(at(start), duration, DEFAULT_HOURS, zone)).toISOString();

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
      return workingTimeBetween(start, start + 48 * HOUR, always, PARIS) / HOUR;
    };
    expect([sunday('2027-03-27'), sunday('2026-10-24'), sunday('2026-12-05')]).toEqual([23, 25, 24]);
    const night = { 7: [[2 * 60 + 15, 2 * 60 + 45]] } as const;
    expect(workingTimeBetween(at('2027-03-27T12:00:00Z'), at('2027-03-29T12:00:00Z'), night, PARIS)).toBe(0);
  });

  it('measures what it adds, wherever it starts', () => {
    for (let hour = 0; hour < 24 * 9; hour += 1.7) {
      const start = at('2026-12-01T00:00:00Z') + hour * HOUR;
      const end = addWorkingTime(start, 11 * HOUR, DEFAULT_HOURS, PARIS);
      expect(workingTimeBetween(start, end, DEFAULT_HOURS, PARIS)).toBe(11 * HOUR);
    }
    expect(workingTimeBetween(5, 4, DEFAULT_HOURS, PARIS)).toBe(0);
  });

  it('gives up on hours that hold no work', () => {
    expect(() => addWorkingTime(0, 1, {}, PARIS)).toThrow(RangeError);
  });
});
