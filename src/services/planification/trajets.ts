import { refuseInTransaction } from '../../db/transaction';
import type { SourceTrajets } from '../../domain/planification/propositions';
import { type Point, type TrajetSettings, trajetBetween } from '../../domain/planification/trajets';

/**
 * How long travel takes between places: along great circles, or as a road service with the table interface of OSRM says
 * (`/table/v1/driving/{lon,lat;…}`, project-osrm.org/docs/v5.24.0/api). Planning never waits for a road service that does
 * not answer, and never fails for it: then it counts along great circles, and says that it did.
 */

/** From each place to each, in the order of the places. */
export interface MatriceTrajets {
  source: SourceTrajets;
  minutes: number[][];
  km: number[][];
}

export interface Trajets {
  /**
   * Never inside a transaction: a service is asked.
   * @returns the journeys from each of the points to each; of equal points none.
   */
  matrix(points: readonly Point[]): Promise<MatriceTrajets>;
}

export interface RoadService extends TrajetSettings {
  /** Base of the service, without a trailing slash; null for none. */
  url: string | null;
}

/** Milliseconds for one answer, and for all of them together: after that great circles will do. */
const ANSWER_TIMEOUT = 5_000;
const TIMEOUT = 20_000;
/** Coordinates in one request at most: half of them to travel from, half to. OSRM takes a hundred unless told otherwise. */
const COORDINATES = 100;
/** Requests under way at once. */
const CONCURRENCY = 4;
/** Characters of an answer at most: a number of every pair twice, and some words. */
const MAX_ANSWER = 1_000_000;
/** Matrices kept, and for how long, in milliseconds: a proposal that is changed line by line asks for the same again. */
const KEPT = 2;
const KEPT_FOR = 10 * 60_000;

/** @param warn is told, without any coordinates, why a service was not used. */
export function createTrajets(service: RoadService, warn: (error: unknown) => void): Trajets {
  const kept = new Map<string, { at: number; matrix: MatriceTrajets }>();
  return {
    matrix: async (points) => {
      const { url } = service;
      if (url === null) return alongCircles(points, service, 'grand_cercle');
      refuseInTransaction('a road service');
      const names = points.map(nameOf);
      const key = names.join(';');
      const known = kept.get(key);
      if (known !== undefined && Date.now() - known.at < KEPT_FOR) return known.matrix;
      try {
        const matrix = await alongRoads(url, names, alongCircles(points, service, 'service'));
        kept.delete(key);
        kept.set(key, { at: Date.now(), matrix });
        if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
        return matrix;
      } catch (error) {
        warn(error);
        return alongCircles(points, service, 'service_injoignable');
      }
    },
  };
}

function alongCircles(
  points: readonly Point[],
  settings: TrajetSettings,
  source: SourceTrajets,
): MatriceTrajets {
  const journeys = points.map((from) => points.map((to) => trajetBetween(from, to, settings)));
  return {
    source,
    minutes: journeys.map((row) => row.map(({ minutes }) => minutes)),
    km: journeys.map((row) => row.map(({ km }) => km)),
  };
}

/** As the service reads it, longitude first; a metre is near enough, and the same place twice is one. */
function nameOf({ latitude, longitude }: Point): string {
  return `${longitude.toFixed(5)},${latitude.toFixed(5)}`;
}

/** @param circles for the pairs between which the service knows no road. */
async function alongRoads(
  url: string,
  names: readonly string[],
  circles: MatriceTrajets,
): Promise<MatriceTrajets> {
  const places = [...new Set(names)];
  const overall = AbortSignal.timeout(TIMEOUT);
  const half = COORDINATES / 2;
  const starts = Array.from({ length: Math.ceil(places.length / half) }, (_, index) => index * half);
  const blocks = starts.flatMap((from) => starts.map((to) => ({ from, to })));
  const byName = new Map<string, { minutes: number; km: number } | null>();
  const askAll = async () => {
    for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
      const sources = places.slice(block.from, block.from + half);
      const destinations = places.slice(block.to, block.to + half);
      const { durations, distances } = await ask(url, sources, destinations, overall);
      for (const [row, from] of sources.entries()) {
        for (const [column, to] of destinations.entries()) {
          const seconds = durations[row]![column]!;
          const metres = distances[row]![column]!;
          const isRoad = seconds !== null && metres !== null;
          byName.set(`${from};${to}`, isRoad ? { minutes: seconds / 60, km: metres / 1_000 } : null);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, askAll));
  const minutes = circles.minutes.map((row) => [...row]);
  const km = circles.km.map((row) => [...row]);
  for (const [row, from] of names.entries()) {
    for (const [column, to] of names.entries()) {
      const journey = from === to ? { minutes: 0, km: 0 } : byName.get(`${from};${to}`);
      if (journey == null) continue;
      minutes[row]![column] = journey.minutes;
      km[row]![column] = journey.km;
    }
  }
  return { source: 'service', minutes, km };
}

interface Table {
  durations: (number | null)[][];
  distances: (number | null)[][];
}

/** @throws when the service does not answer in time, or not with a table of what was asked. */
async function ask(
  url: string,
  sources: readonly string[],
  destinations: readonly string[],
  overall: AbortSignal,
): Promise<Table> {
  const coordinates = [...sources, ...destinations];
  const indexes = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => from + index).join(';');
  const query = new URLSearchParams({
    annotations: 'duration,distance',
    sources: indexes(0, sources.length),
    destinations: indexes(sources.length, destinations.length),
  });
  const response = await fetch(`${url}/table/v1/driving/${coordinates.join(';')}?${query}`, {
    signal: AbortSignal.any([overall, AbortSignal.timeout(ANSWER_TIMEOUT)]),
    redirect: 'error',
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`The road service answered ${response.status}`);
  const answer = JSON.parse(await read(response)) as { code?: unknown } & Partial<Table>;
  const { code, durations, distances } = answer;
  if (code !== 'Ok') throw new Error(`The road service answered ${JSON.stringify(code)}`);
  const isTable = (table: unknown): table is (number | null)[][] =>
    Array.isArray(table) &&
    table.length === sources.length &&
    table.every(
      (row) => Array.isArray(row) && row.length === destinations.length && row.every(isLengthOrNothing),
    );
  if (!isTable(durations) || !isTable(distances)) throw new Error('The road service answered no such table');
  return { durations, distances };
}

function isLengthOrNothing(value: unknown): boolean {
  return value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0);
}

/** The text of an answer, as far as it may be long. */
async function read(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new Error('The road service answered more than it was asked for');
  }
  return text + decoder.decode();
}
