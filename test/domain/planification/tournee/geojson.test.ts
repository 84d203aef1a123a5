import { toGeojson } from '../../../../src/domain/planification/tournee/geojson';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const stop = (intervention: number, lieu: ReturnType<typeof at> | null) => ({
  intervention,
  debut: `2026-12-14T0${intervention}:00:00.000Z`,
  lieu,
});
const BASE = at(32.9, -6.9);

describe('A day on a map', () => {
  it('has its stops with their places in both orders, and a line for each, the longitude first', () => {
    const [one, two] = [stop(1, at(33, -7)), stop(2, at(34, -8))];
    const { type, features } = toGeojson(BASE, [one, two], [two, one]);
    expect(type).toBe('FeatureCollection');
    expect(features.map(({ geometry }) => geometry.coordinates)).toEqual([
      [-6.9, 32.9],
      [-7, 33],
      [-8, 34],
      [
        [-6.9, 32.9],
        [-7, 33],
        [-8, 34],
        [-6.9, 32.9],
      ],
      [
        [-6.9, 32.9],
        [-8, 34],
        [-7, 33],
        [-6.9, 32.9],
      ],
    ]);
    expect(features[1]!.properties).toEqual({
      genre: 'visite',
      intervention_id: 1,
      rang_actuel: 1,
      rang_propose: 2,
      date_planifiee: one.debut,
      date_proposee: one.debut,
    });
  });

  it('leaves out whatever nobody knows the place of, and lines of a single position', () => {
    expect(toGeojson(null, [stop(1, null), stop(2, at(33, -7))], null).features).toEqual([
      {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [-7, 33] },
        properties: {
          genre: 'visite',
          intervention_id: 2,
          rang_actuel: 2,
          rang_propose: null,
          date_planifiee: '2026-12-14T02:00:00.000Z',
          date_proposee: null,
        },
      },
    ]);
    expect(toGeojson(BASE, [], []).features).toHaveLength(1);
  });
});
