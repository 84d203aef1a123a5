import { type Agenda, averageLoad, endOfWorkingDays } from '../../../src/domain/planification/charge';
import { DEFAULT_HOURS } from '../../../src/domain/working-time';

const zone = 'UTC';
const hour = 3_600_000;
const at = (date: string) => Date.parse(`${date}Z`);

describe('the coming days of work', () => {
  it.each([
    ['Monday morning', '2026-06-15T07:00', '2026-06-20T00:00'],
    ['Wednesday afternoon', '2026-06-17T16:00', '2026-06-24T00:00'],
    ['Wednesday evening, when the work of the day is over', '2026-06-17T18:00', '2026-06-25T00:00'],
    ['Saturday', '2026-06-20T12:00', '2026-06-27T00:00'],
  ])('seen on %s end with the fifth one', (_, now, end) => {
    expect(endOfWorkingDays(at(now), 5, { hours: DEFAULT_HOURS, zone })).toBe(at(end));
  });
});

describe('the load', () => {
  /** Five days of eight hours. */
  const [monday, saturday] = [at('2026-06-15T00:00'), at('2026-06-20T00:00')];
  const load = (...agendas: Partial<Agenda>[]) =>
    averageLoad(
      agendas.map((agenda) => ({ hours: DEFAULT_HOURS, absences: [], booked: 0, ...agenda })),
      monday,
      saturday,
      { zone },
    );

  it('is the booked share of the working time, in percent, and the mean over people', () => {
    expect(load({ booked: 10 * hour })).toBe(25);
    expect(load({ booked: 10 * hour }, { booked: 30 * hour })).toBe(50);
    expect(load({ booked: 60 * hour })).toBe(150);
  });

  it('follows the hours of each person', () => {
    const mornings = { 1: [[480, 720]], 2: [[480, 720]] } as const;
    expect(load({ hours: mornings, booked: 2 * hour })).toBe(25);
  });

  it('leaves absences out of the time worked, those that overlap once', () => {
    const absences = [
      { debut: '2026-06-16T10:00:00Z', fin: '2026-06-17T12:00:00Z' },
      { debut: '2026-06-01T00:00:00Z', fin: '2026-06-16T00:00:00Z' },
      { debut: '2026-06-15T00:00:00Z', fin: '2026-06-16T12:00:00Z' },
    ];
    // Left: Wednesday afternoon, Thursday and Friday.
    expect(load({ absences, booked: 5 * hour })).toBe(25);
  });

  it('counts nobody who does not work in the period, and is null when nobody does', () => {
    const absences = [{ debut: '2026-06-01T00:00:00Z', fin: '2026-07-01T00:00:00Z' }];
    expect(load({ absences, booked: hour }, { booked: 10 * hour })).toBe(25);
    expect(load({ absences }, { hours: {} })).toBeNull();
    expect(load()).toBeNull();
  });
});
