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
    // Morocco keeps UTC+1 but for Ramadan: 2027-02-08 begins it at UTC+0.
    expect(add('2026-12-04T16:00:00Z', 2 * HOUR, 'Africa/Casablanca')).toBe('2026-12-07T08:00:00.000Z');
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
