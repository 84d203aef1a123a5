import { DEFAULT_TRAJETS, distance, trajetBetween } from '../../../src/domain/planification/trajets';

const KHOURIBGA = { latitude: 32.8811, longitude: -6.9063 };
const CASABLANCA = { latitude: 33.5731, longitude: -7.5898 };

describe('travel', () => {
  it('follows the great circle: a degree of the equator, a quarter of a meridian, the way round the earth', () => {
    expect(distance({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 })).toBeCloseTo(111.195, 2);
    expect(distance({ latitude: 0, longitude: 0 }, { latitude: 90, longitude: 0 })).toBeCloseTo(
      10_007.557,
      2,
    );
    expect(distance({ latitude: 0, longitude: -90 }, { latitude: 0, longitude: 90 })).toBeCloseTo(
      20_015.115,
      2,
    );
  });

  it('is as long there as back, and nothing within one place', () => {
    expect(distance(KHOURIBGA, CASABLANCA)).toBe(distance(CASABLANCA, KHOURIBGA));
    expect(distance(KHOURIBGA, KHOURIBGA)).toBe(0);
  });

  it('crosses the line of the date by the short way', () => {
    expect(distance({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(
      111.195,
      2,
    );
  });

  it('takes its time from the length of the road: 100 km of great circle are 130 km and 195 minutes', () => {
    const north = { latitude: 100 / 111.19508, longitude: 0 };
    const { km, minutes } = trajetBetween({ latitude: 0, longitude: 0 }, north, DEFAULT_TRAJETS);
    expect(km).toBeCloseTo(130, 2);
    expect(minutes).toBeCloseTo(195, 2);
  });

  it('is nothing where a place is not known', () => {
    expect(trajetBetween(null, KHOURIBGA, DEFAULT_TRAJETS)).toEqual({ km: 0, minutes: 0 });
  });
});
