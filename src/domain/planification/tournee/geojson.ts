import type { Point } from '../trajets';

/**
 * A day to look at on a map, in GeoJSON (RFC 7946): a point where it begins, one for each stop, and a line for each of the
 * two ways. Positions are written longitude first; what has none is left out.
 */

export interface ArretSurCarte {
  intervention: number;
  /** Instants in ISO 8601. */
  debut: string;
  /** Null where nobody knows. */
  lieu: Point | null;
}

export interface Feature {
  type: 'Feature';
  geometry:
    | { type: 'Point'; coordinates: [longitude: number, latitude: number] }
    | { type: 'LineString'; coordinates: [longitude: number, latitude: number][] };
  properties: Record<string, string | number | null>;
}

export interface FeatureCollection {
  type: 'FeatureCollection';
  features: Feature[];
}

/** @param propose null when there is no other way. */
export function toGeojson(
  base: Point | null,
  actuel: readonly ArretSurCarte[],
  propose: readonly ArretSurCarte[] | null,
): FeatureCollection {
  const features: Feature[] = [];
  if (base !== null) features.push(pointOf(base, { genre: 'base' }));
  for (const { intervention, debut, lieu } of actuel) {
    if (lieu === null) continue;
    const rang = (arrets: readonly ArretSurCarte[] | null) => {
      const index = arrets?.findIndex((arret) => arret.intervention === intervention) ?? -1;
      return index < 0 ? null : index + 1;
    };
    const other = propose?.find((arret) => arret.intervention === intervention);
    features.push(
      pointOf(lieu, {
        genre: 'visite',
        intervention_id: intervention,
        rang_actuel: rang(actuel),
        rang_propose: rang(propose),
        date_planifiee: debut,
        date_proposee: other?.debut ?? null,
      }),
    );
  }
  features.push(...lineOf('actuel', base, actuel), ...lineOf('propose', base, propose ?? []));
  return { type: 'FeatureCollection', features };
}

function pointOf(at: Point, properties: Feature['properties']): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: positionOf(at) }, properties };
}

/** From the base and back to it, where it is known; a line has two positions at least. */
function lineOf(plan: string, base: Point | null, arrets: readonly ArretSurCarte[]): Feature[] {
  const stops = arrets.flatMap(({ lieu }) => lieu ?? []);
  if (stops.length === 0) return [];
  const way = base === null ? stops : [base, ...stops, base];
  if (way.length < 2) return [];
  const coordinates = way.map(positionOf);
  return [
    { type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { genre: 'trajet', plan } },
  ];
}

function positionOf({ latitude, longitude }: Point): [longitude: number, latitude: number] {
  return [longitude, latitude];
}
