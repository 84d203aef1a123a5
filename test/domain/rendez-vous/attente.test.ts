import { convient, offreJusqua, periodeAttendue } from '../../../src/domain/rendez-vous/attente';

const MINUTE = 60_000;
const wish = (given: object = {}) => ({
  date_debut: '2026-10-24',
  date_fin: '2026-10-26',
  heure_debut: null,
  heure_fin: null,
  ...given,
});
const fits = (given: object, debut: string, minutes = 30, zone = 'Europe/Paris') => {
  const at = Date.parse(debut);
  return convient(wish(given), { debut: at, fin: at + minutes * MINUTE }, zone);
};

describe('what somebody waits for', () => {
  it('are whole days of the place, also that on which the clocks change', () => {
    const [from, to] = periodeAttendue(wish(), 'Europe/Paris');
    expect((to - from) / 3_600_000).toBe(73);
    expect(fits({}, '2026-10-23T23:59:00+02:00')).toBe(false);
    expect(fits({}, '2026-10-24T00:00:00+02:00')).toBe(true);
    expect(fits({}, '2026-10-26T23:30:00+01:00')).toBe(true);
    expect(fits({}, '2026-10-27T00:00:00+01:00')).toBe(false);
  });

  it('are hours by its clocks, from which it may begin and by which it has to end', () => {
    const afternoon = { heure_debut: '14:00', heure_fin: '16:00' };
    expect(fits(afternoon, '2026-10-24T13:59:00+02:00')).toBe(false);
    expect(fits(afternoon, '2026-10-24T14:00:00+02:00')).toBe(true);
    expect(fits(afternoon, '2026-10-26T15:30:00+01:00')).toBe(true);
    expect(fits(afternoon, '2026-10-26T15:30:00+01:00', 31)).toBe(false);
    // The same instant is another hour elsewhere.
    expect(fits(afternoon, '2026-10-24T14:00:00+02:00', 30, 'America/New_York')).toBe(false);
  });

  it('is held for half an hour, and not beyond its beginning', () => {
    const now = Date.parse('2026-10-24T09:00:00Z');
    expect(offreJusqua(now, now + 60 * MINUTE)).toBe(now + 30 * MINUTE);
    expect(offreJusqua(now, now + 10 * MINUTE)).toBe(now + 10 * MINUTE);
  });
});
