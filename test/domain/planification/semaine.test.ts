import { dayAfter, startOfDay } from '../../../src/domain/local-time';
import {
  daysOfWeek,
  retardOf,
  segmentsShown,
  type VisiteVecue,
  weekAt,
} from '../../../src/domain/planification/semaine';

const HOUR = 3_600_000;

describe('a week', () => {
  it.each([
    ['2026-W51', '2026-12-14'],
    ['2026-W53', '2026-12-28'],
    ['2027-W01', '2027-01-04'],
    ['2025-W01', '2024-12-30'],
    ['2020-W53', '2020-12-28'],
    ['2026-W09', '2026-02-23'],
  ])('%s begins on %s', (semaine, monday) => {
    const days = daysOfWeek(semaine);
    expect(days).toEqual(Array.from({ length: 7 }, (_, n) => dayAfter(monday, n)));
    for (const day of days)
      expect(weekAt(startOfDay(day, 'Africa/Casablanca'), 'Africa/Casablanca')).toBe(semaine);
  });

  it.each(['2025-W53', '2027-W53', '2026-W00'])('%s is none', (semaine) => {
    expect(() => daysOfWeek(semaine)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION',
        details: { erreurs: [expect.objectContaining({ champ: 'semaine' })] },
      }),
    );
  });

  it('begins with Monday of the zone, not of UTC', () => {
    const instant = Date.parse('2026-12-13T23:30:00Z');
    expect(weekAt(instant, 'UTC')).toBe('2026-W50');
    expect(weekAt(instant, 'Europe/Paris')).toBe('2026-W51');
  });
});

describe('when a visit takes place, as far as is known', () => {
  const at = (text: string) => Date.parse(`${text}:00Z`);
  const planned = (...segments: [from: string, to: string][]) =>
    segments.map(([from, to]): [number, number] => [at(from), at(to)]);
  const visite = (given: Partial<VisiteVecue> = {}): VisiteVecue => ({
    statut: 'planifiee',
    segments: planned(['2026-12-14T09:00', '2026-12-14T11:00']),
    duration: 2 * HOUR,
    began: null,
    ended: null,
    ...given,
  });
  const now = at('2026-12-14T12:00');
  const shown = (given: Partial<VisiteVecue>) => segmentsShown(visite(given), now, 'UTC');

  it('is as planned while it is to come, or where nobody knows better', () => {
    expect(shown({})).toEqual(visite().segments);
    expect(shown({ statut: 'realisee' })).toEqual(visite().segments);
  });

  it('is as it goes on while it is under way: from when it began, until now when it takes longer', () => {
    expect(shown({ statut: 'en_cours', began: at('2026-12-14T09:30') })).toEqual(
      planned(['2026-12-14T09:30', '2026-12-14T12:00']),
    );
    expect(shown({ statut: 'en_cours', began: at('2026-12-14T11:00') })).toEqual(
      planned(['2026-12-14T11:00', '2026-12-14T13:00']),
    );
  });

  it('is as it was once it is done on one day, and as planned when it was not', () => {
    const began = at('2026-12-14T10:00');
    expect(shown({ statut: 'realisee', began, ended: at('2026-12-14T10:20') })).toEqual(
      planned(['2026-12-14T10:00', '2026-12-14T10:20']),
    );
    expect(shown({ statut: 'realisee', began, ended: at('2026-12-15T10:20') })).toEqual(visite().segments);
    const segments = planned(
      ['2026-12-14T16:00', '2026-12-14T18:00'],
      ['2026-12-15T08:00', '2026-12-15T10:00'],
    );
    expect(shown({ statut: 'realisee', segments, began, ended: at('2026-12-14T12:00') })).toEqual(segments);
  });
});

describe('how late a visit is', () => {
  it.each([
    ['not at all without a deadline', null, 0],
    ['not at all when it ends by then', 2 * HOUR, 0],
    ['what it ends after it', HOUR, HOUR],
    ['all of it and more when it begins after it', -HOUR, 3 * HOUR],
  ])('is %s', (_, dateLimite, retard) => {
    expect(
      retardOf(
        [
          [0, HOUR],
          [HOUR, 2 * HOUR],
        ],
        dateLimite,
      ),
    ).toBe(retard);
  });
});
