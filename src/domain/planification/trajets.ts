/** Travel between two places, when no road service says better: along a great circle, stretched, at one speed. */

export interface Point {
  /** Degrees, north and east positive. */
  latitude: number;
  longitude: number;
}

export interface TrajetSettings {
  /** Kilometres an hour of a whole journey, with its stops. */
  kmh: number;
  /** How much longer the road is than the great circle. */
  detour: number;
}

export interface Trajet {
  km: number;
  minutes: number;
}

export const DEFAULT_TRAJETS: TrajetSettings = { kmh: 40, detour: 1.3 };

/** Mean radius of the earth (IUGG), in kilometres. */
const EARTH_RADIUS = 6371.0088;

/** Great-circle distance in kilometres, by the haversine formula (R. W. Sinnott, Sky & Telescope 68, 1984). */
export function distance(from: Point, to: Point): number {
  const latitudes = radians(to.latitude - from.latitude);
  const longitudes = radians(to.longitude - from.longitude);
  const h =
    Math.sin(latitudes / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(longitudes / 2) ** 2;
  // Rounding may carry the root above 1 for two places that are opposite.
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The journey between two places; none at all when either is not known. */
export function trajetBetween(from: Point | null, to: Point | null, settings: TrajetSettings): Trajet {
  if (from === null || to === null) return { km: 0, minutes: 0 };
  const km = distance(from, to) * settings.detour;
  return { km, minutes: (60 * km) / settings.kmh };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
