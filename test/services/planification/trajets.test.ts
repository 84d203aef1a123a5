import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_TRAJETS, type Point, trajetBetween } from '../../../src/domain/planification/trajets';
import { createTrajets, type Trajets } from '../../../src/services/planification/trajets';

/** A road service with the table interface of OSRM, which the test tells what to answer. */

type Answerer = (url: URL, request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let asked: URL[];
let answer: Answerer;
let warnings: unknown[];
beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://road');
    asked.push(url);
    answer(url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked = [];
  warnings = [];
  answer = roads;
});

const KHOURIBGA: Point = { latitude: 32.881, longitude: -6.906 };
const CASABLANCA: Point = { latitude: 33.573, longitude: -7.589 };
const BENGUERIR: Point = { latitude: 32.236, longitude: -7.954 };

const trajets = (
  url: string | null = `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
): Trajets => createTrajets({ ...DEFAULT_TRAJETS, url }, (error) => warnings.push(error));

const coordinatesOf = (url: URL) =>
  url.pathname
    .split('/')
    .at(-1)!
    .split(';')
    .map((pair) => pair.split(',').map(Number) as [number, number]);
const indexesOf = (url: URL, name: string) => url.searchParams.get(name)!.split(';').map(Number);

/** A kilometre for each thousandth of a degree of longitude that one has to go east, two to the west, at 60 km/h. */
function road(from: [number, number], to: [number, number]): number {
  const east = Math.round((to[0] - from[0]) * 1_000);
  return east >= 0 ? east : -2 * east;
}

const roads: Answerer = (url, _, response) => {
  const points = coordinatesOf(url);
  const table = indexesOf(url, 'sources').map((from) =>
    indexesOf(url, 'destinations').map((to) => road(points[from]!, points[to]!)),
  );
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      code: 'Ok',
      durations: table.map((row) => row.map((km) => km * 60)),
      distances: table.map((row) => row.map((km) => km * 1_000)),
    }),
  );
};

const json = (body: unknown, status = 200): Answerer => {
  return (_, __, response) => {
    response.statusCode = status;
    response.end(JSON.stringify(body));
  };
};

describe('Travel between places', () => {
  it('goes along great circles where no service is named, and nobody is asked', async () => {
    const { source, minutes, km } = await trajets(null).matrix([KHOURIBGA, CASABLANCA]);
    const journey = trajetBetween(KHOURIBGA, CASABLANCA, DEFAULT_TRAJETS);
    expect(source).toBe('grand_cercle');
    expect(minutes[0]![1]).toBe(journey.minutes);
    expect(km).toEqual([
      [0, journey.km],
      [journey.km, 0],
    ]);
    expect(asked).toEqual([]);
  });

  it('is what the service says of each way, asked with the longitude first', async () => {
    const { source, minutes, km } = await trajets().matrix([KHOURIBGA, CASABLANCA, BENGUERIR]);
    expect(source).toBe('service');
    expect(km[0]).toEqual([0, 1_366, 2_096]);
    expect(km[1]).toEqual([683, 0, 730]);
    expect(minutes).toEqual(km);
    expect(asked[0]!.pathname).toMatch(/^\/table\/v1\/driving\/-6\.90600,32\.88100;/);
    expect(asked[0]!.searchParams.get('annotations')).toBe('duration,distance');
  });

  it('is asked for a hundred coordinates at a time, however many places there are, and puts them together', async () => {
    const points = Array.from({ length: 130 }, (_, index) => ({
      latitude: 32,
      longitude: -7 + index / 1_000,
    }));
    const { km } = await trajets().matrix(points);
    for (const [from, row] of km.entries()) {
      for (const [to, length] of row.entries()) {
        expect(length).toBe(to >= from ? to - from : 2 * (from - to));
      }
    }
    expect(asked).toHaveLength(9);
    for (const url of asked) expect(coordinatesOf(url).length).toBeLessThanOrEqual(100);
  });

  it('asks once for a place that stands there twice, and not again for the same places', async () => {
    const service = trajets();
    const { km } = await service.matrix([KHOURIBGA, CASABLANCA, KHOURIBGA]);
    expect(km[0]![2]).toBe(0);
    expect(km[2]![1]).toBe(km[0]![1]);
    expect(coordinatesOf(asked[0]!)).toHaveLength(4);
    await service.matrix([KHOURIBGA, CASABLANCA, KHOURIBGA]);
    expect(asked).toHaveLength(1);
  });

  it('takes the great circle between two places without a road', async () => {
    answer = json({
      code: 'Ok',
      durations: [
        [0, null],
        [60, 0],
      ],
      distances: [
        [0, null],
        [1_000, 0],
      ],
    });
    const { source, km, minutes } = await trajets().matrix([KHOURIBGA, CASABLANCA]);
    const circle = trajetBetween(KHOURIBGA, CASABLANCA, DEFAULT_TRAJETS);
    expect(source).toBe('service');
    expect([km[0]![1], minutes[0]![1]]).toEqual([circle.km, circle.minutes]);
    expect([km[1]![0], minutes[1]![0]]).toEqual([1, 1]);
  });

  it.each<[string, Answerer]>([
    ['an error', json({ code: 'NoTable' }, 400)],
    ['another code', json({ code: 'TooBig' })],
    ['half a table', json({ code: 'Ok', durations: [[0, 60]], distances: [[0, 1_000]] })],
    [
      'no numbers',
      json({
        code: 'Ok',
        durations: [
          [0, 'x'],
          [1, 0],
        ],
        distances: [
          [0, 1],
          [1, 0],
        ],
      }),
    ],
    [
      'lengths below zero',
      json({
        code: 'Ok',
        durations: [
          [0, -5],
          [1, 0],
        ],
        distances: [
          [0, 1],
          [1, 0],
        ],
      }),
    ],
    ['no JSON', (_, __, response) => response.end('<html>')],
    ['the way to somebody else', (_, __, response) => response.writeHead(302, { location: '/' }).end()],
    ['too much', (_, __, response) => response.end(`"${'x'.repeat(2_000_000)}"`)],
    ['nothing at all', (_, request) => request.socket.destroy()],
  ])('goes along great circles, and says so, where the service answers %s', async (_, answerer) => {
    answer = answerer;
    const { source, km } = await trajets().matrix([KHOURIBGA, CASABLANCA]);
    expect(source).toBe('service_injoignable');
    expect(km[0]![1]).toBe(trajetBetween(KHOURIBGA, CASABLANCA, DEFAULT_TRAJETS).km);
    expect(warnings).toHaveLength(1);
    expect(String(warnings[0])).not.toContain('32.881');
  });

  it('does not wait for a service that says nothing', async () => {
    answer = () => {};
    const begun = performance.now();
    expect((await trajets().matrix([KHOURIBGA, CASABLANCA])).source).toBe('service_injoignable');
    expect(performance.now() - begun).toBeLessThan(60_000);
  });

  it('asks a service that failed again the next time', async () => {
    const service = trajets();
    answer = json({}, 503);
    expect((await service.matrix([KHOURIBGA, CASABLANCA])).source).toBe('service_injoignable');
    answer = roads;
    expect((await service.matrix([KHOURIBGA, CASABLANCA])).source).toBe('service');
  });
});
