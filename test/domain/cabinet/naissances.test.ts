import {
  decesFault,
  formatNaissance,
  isToCome,
  parseNaissance,
} from '../../../src/domain/cabinet/naissances';

describe('a birth date', () => {
  it.each([
    ['1962-03-14', { date: '1962-03-14', precision: 'jour' }],
    ['1962-03', { date: '1962-03-01', precision: 'mois' }],
    ['1962', { date: '1962-01-01', precision: 'annee' }],
    ['2000-02-29', { date: '2000-02-29', precision: 'jour' }],
    ['1900-02-29', null],
    ['1962-13-01', null],
    ['1962-00', null],
    ['1962-04-31', null],
    ['1849', null],
    ['62-03-14', null],
    ['1962-3-14', null],
    ['1962-03-14T00:00:00Z', null],
    ['', null],
  ] as const)('%s is %j', (text, expected) => {
    const parsed = parseNaissance(text);
    expect(parsed).toEqual(expected);
    if (parsed !== null) expect(formatNaissance(parsed)).toBe(text);
  });

  it('is to come once it is tomorrow everywhere, and so in no zone of the world too soon', () => {
    const noon = Date.UTC(2026, 10, 29, 12);
    const toCome = (text: string) => isToCome(parseNaissance(text)!, noon);
    // On Kiritimati it is the 30th already, in Niue still the 29th.
    expect(toCome('2026-11-30')).toBe(false);
    expect(toCome('2026-12-01')).toBe(true);
    expect(toCome('2026-11')).toBe(false);
    expect(toCome('2027')).toBe(true);
  });

  it.each(['Pacific/Pago_Pago', 'America/Anchorage', 'UTC', 'Africa/Casablanca', 'Pacific/Kiritimati'])(
    'is the same day to whoever is in %s',
    (zone) => {
      const before = process.env.TZ;
      process.env.TZ = zone;
      try {
        expect(formatNaissance(parseNaissance('1962-03-14')!)).toBe('1962-03-14');
        expect(formatNaissance(parseNaissance('1962-03')!)).toBe('1962-03');
      } finally {
        process.env.TZ = before;
      }
    },
  );
});

describe('the day of a death', () => {
  const born = (text: string) => parseNaissance(text)!;

  it('is not before the first day on which somebody may have been born, nor after today', () => {
    const today = '2026-11-29';
    expect(decesFault('2026-11-29', born('1962-03-14'), today)).toBeNull();
    expect(decesFault('2026-11-30', born('1962-03-14'), today)).toMatchObject({
      fr: 'Cette date est à venir',
    });
    expect(decesFault('1962-03-14', born('1962-03-14'), today)).toBeNull();
    expect(decesFault('1962-03-13', born('1962-03-14'), today)).not.toBeNull();
    expect(decesFault('1962-01-01', born('1962'), today)).toBeNull();
    expect(decesFault('1961-12-31', born('1962'), today)).not.toBeNull();
  });
});
