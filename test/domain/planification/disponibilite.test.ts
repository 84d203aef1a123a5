import { type Presence, unavailability } from '../../../src/domain/planification/disponibilite';
import { DEFAULT_HOURS, longestWork, type WorkingHours } from '../../../src/domain/working-time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = 'Africa/Casablanca';
const AROUND_THE_CLOCK: WorkingHours = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7].map((day) => [day, [[0, 1_440]]]),
);
/** From Monday 22:00 to Tuesday 06:00, and from Sunday 22:00 to Monday 02:00. */
const NIGHTS: WorkingHours = {
  1: [
    [0, 120],
    [1_320, 1_440],
  ],
  2: [[0, 360]],
  7: [[1_320, 1_440]],
};

const at = (iso: string) => Date.parse(iso);
const why = (given: Partial<Presence>, start: string, duration: number, zone = ZONE) =>
  unavailability({ hours: DEFAULT_HOURS, absences: [], ...given }, at(start), duration, { zone });

describe('whether somebody is there', () => {
  it('is a matter of their hours, on the clock of the site', () => {
    // A Tuesday.
    expect(why({}, '2026-12-01T09:00:00Z', 3 * HOUR)).toEqual([]);
    expect(why({}, '2026-12-01T09:15:00Z', 3 * HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T12:30:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T07:30:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({}, '2026-12-01T07:30:00Z', HOUR, 'Europe/Paris')).toEqual([]);
    // A Sunday, 03:00.
    expect(why({}, '2026-12-06T03:00:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(why({ hours: {} }, '2026-12-01T09:00:00Z', HOUR)).toEqual(['hors_horaires']);
  });

  it('and of their absences, whose end is back at work', () => {
    const absences = [{ debut: '2026-12-01T10:00:00Z', fin: '2026-12-02T10:00:00Z' }];
    expect(why({ absences }, '2026-12-01T09:00:00Z', HOUR)).toEqual([]);
    expect(why({ absences }, '2026-12-01T09:00:00Z', HOUR + MINUTE)).toEqual(['absent']);
    expect(why({ absences }, '2026-12-02T10:00:00Z', HOUR)).toEqual([]);
    expect(why({ absences }, '2026-12-02T03:00:00Z', HOUR)).toEqual(['hors_horaires', 'absent']);
  });

  it('and of the days on which the site is closed, at whatever hour', () => {
    const closings = [{ debut: '2026-12-25', fin: '2026-12-25', demi_journee: 'matin' as const }];
    const place = { zone: ZONE, closings };
    const office: Presence = { hours: DEFAULT_HOURS, absences: [] };
    const always: Presence = { hours: AROUND_THE_CLOCK, absences: [] };
    const asked = (presence: Presence, start: string, duration: number) =>
      unavailability(presence, at(start), duration, place);
    expect(asked(office, '2026-12-25T09:00:00Z', HOUR)).toEqual(['ferie']);
    expect(asked(office, '2026-12-25T15:00:00Z', HOUR)).toEqual([]);
    expect(asked(office, '2026-12-25T12:30:00Z', HOUR)).toEqual(['hors_horaires']);
    expect(asked(office, '2026-12-25T06:00:00Z', HOUR)).toEqual(['hors_horaires', 'ferie']);
    expect(asked(always, '2026-12-24T23:00:00Z', HOUR)).toEqual([]);
    expect(asked(always, '2026-12-24T23:00:00Z', HOUR + MINUTE)).toEqual(['ferie']);
    // Longer than any stretch: what of it lies in the night is not worked then.
    expect(asked(office, '2026-12-24T16:00:00Z', 10 * HOUR)).toEqual([]);
  });

  it('lets work longer than any stretch begin inside one and go on after it', () => {
    expect(why({}, '2026-12-01T11:45:00Z', 4 * HOUR + MINUTE)).toEqual([]);
    expect(why({}, '2026-12-01T12:15:00Z', 10 * HOUR)).toEqual(['hors_horaires']);
  });

  it('takes stretches that touch for one, also over midnight and over the week', () => {
    expect(longestWork(DEFAULT_HOURS)).toBe(4 * HOUR);
    expect(longestWork(NIGHTS)).toBe(8 * HOUR);
    expect(longestWork(AROUND_THE_CLOCK)).toBe(Number.POSITIVE_INFINITY);
    expect(longestWork({})).toBe(0);
    expect(why({ hours: NIGHTS }, '2026-11-30T22:00:00Z', 8 * HOUR)).toEqual([]);
    expect(why({ hours: NIGHTS }, '2026-11-30T23:00:00Z', 8 * HOUR)).toEqual(['hors_horaires']);
    expect(why({ hours: NIGHTS }, '2026-12-06T22:30:00Z', 3 * HOUR)).toEqual([]);
    expect(why({ hours: AROUND_THE_CLOCK }, '2026-12-06T23:30:00Z', 7 * 24 * HOUR)).toEqual([]);
  });

  it('keeps to the clock on the wall through a change of the clocks', () => {
    // In Paris 02:00 is followed by 03:00 in the night to Sunday 2027-03-28.
    expect(why({ hours: AROUND_THE_CLOCK }, '2027-03-27T22:30:00Z', 6 * HOUR, 'Europe/Paris')).toEqual([]);
    expect(why({}, '2027-03-29T06:00:00Z', HOUR, 'Europe/Paris')).toEqual([]);
    expect(why({}, '2027-03-26T06:00:00Z', HOUR, 'Europe/Paris')).toEqual(['hors_horaires']);
  });
});
