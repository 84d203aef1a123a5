import { formatDuration, formatInstant } from '../../src/domain/writing';

describe('dates and durations', () => {
  test.each([
    ['fr', '2026-12-21T09:00:00Z', 'lundi 21 décembre 2026 à 09:00'],
    ['en', '2026-12-20T08:00:00Z', 'Sunday 20 December 2026 at 08:00'],
    ['fr', '2026-05-01T10:05:00+01:00', 'vendredi 1er mai 2026 à 10:05'],
    ['en', '2026-05-01T10:05:00+01:00', 'Friday 1 May 2026 at 10:05'],
    ['fr', '2026-06-14T23:30:00Z', 'lundi 15 juin 2026 à 00:30'],
  ] as const)('an instant in %s: %s is %s in Casablanca', (langue, value, written) => {
    expect(formatInstant(value, langue, 'Africa/Casablanca')).toBe(written);
  });

  test.each([
    [45, '45 min', '45 min'],
    [60, '1 h', '1 h'],
    [65, '1 h 05', '1 h 5 min'],
    [90, '1 h 30', '1 h 30 min'],
    [1500, '25 h', '25 h'],
  ])('%i minutes are written %s, and %s in English', (minutes, french, english) => {
    expect(formatDuration(minutes, 'fr')).toBe(french);
    expect(formatDuration(minutes, 'en')).toBe(english);
  });
});
