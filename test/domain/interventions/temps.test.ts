import { PAST_TOLERANCE } from '../../../src/domain/interventions/interventions';
import { faultsOfTemps, MAX_SEGMENT_TEMPS, sommesOf } from '../../../src/domain/interventions/temps';

const NOW = Date.UTC(2026, 11, 21, 12);
const HOUR = 3_600_000;
const faults = (debut: number, fin: number | null) =>
  faultsOfTemps({ debut, fin }, NOW).map(({ champ }) => champ);

describe('a segment of time', () => {
  it('has passed, or begins now, give or take what clocks differ by', () => {
    expect(faults(NOW - HOUR, NOW)).toEqual([]);
    expect(faults(NOW - HOUR, NOW + PAST_TOLERANCE)).toEqual([]);
    expect(faults(NOW - HOUR, NOW + PAST_TOLERANCE + 1)).toEqual(['fin']);
    expect(faults(NOW + PAST_TOLERANCE, null)).toEqual([]);
    expect(faults(NOW + PAST_TOLERANCE + 1, null)).toEqual(['debut']);
  });

  it('ends after its start, within a day', () => {
    expect(faults(NOW, NOW)).toEqual(['fin']);
    expect(faults(NOW, NOW - 1)).toEqual(['fin']);
    expect(faults(NOW - MAX_SEGMENT_TEMPS, NOW)).toEqual([]);
    expect(faults(NOW - MAX_SEGMENT_TEMPS - 1, NOW)).toEqual(['fin']);
    expect(faults(NOW - MAX_SEGMENT_TEMPS, null)).toEqual(['debut']);
  });

  it('counts by its nature, until now while it runs', () => {
    expect(
      sommesOf(
        [
          { nature: 'trajet', debut: NOW - 3 * HOUR, fin: NOW - 2.5 * HOUR },
          { nature: 'travail', debut: NOW - 2.5 * HOUR, fin: NOW - 2 * HOUR },
          { nature: 'travail', debut: NOW - HOUR, fin: null },
          { nature: 'attente', debut: NOW + 1, fin: null },
        ],
        NOW,
      ),
    ).toEqual({ trajet: 30, travail: 90, attente: 0 });
  });
});
