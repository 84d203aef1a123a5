import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import { filledPath } from '../support/filled-paths';
import { nameOf, whoMayAsk } from './routes';

/** Bodies that are small on the wire. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const MEGABYTE = 1_000_000;
/** A gigabyte in a megabyte: members of gzip may follow one another. */
const gigabyte = () => {
  const member = gzipSync(Buffer.alloc(10 * MEGABYTE, '['));
  return Buffer.concat(Array.from({ length: 100 }, () => member));
};
/** As much as a body may have and a little more, then nonsense: the inflating stream breaks after the parser gave up. */
const brokenLate = (inflated: number) => {
  const whole = gzipSync(Buffer.alloc(inflated, '['), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([whole, Buffer.alloc(70_000, 0xff)]);
};

const BODIES: [string, string, () => Buffer][] = [
  ['a gigabyte', 'gzip', gigabyte],
  ['a gigabyte under an old name', 'x-gzip', gigabyte],
  ['a gigabyte', 'deflate', () => deflateSync(Buffer.alloc(100 * MEGABYTE, '['))],
  ['raw', 'deflate', () => deflateRawSync(Buffer.alloc(10 * MEGABYTE, '['))],
  ['a bomb', 'br', () => brotliCompressSync(Buffer.alloc(20 * MEGABYTE, '['))],
  ['a bomb in a bomb', 'gzip, gzip', () => gzipSync(gzipSync(Buffer.alloc(10 * MEGABYTE, '[')))],
  ['something honest', 'gzip', () => gzipSync('{"email":"a@exemple.ma","password":"x"}')],
  ['something cut short', 'gzip', () => gzipSync('{"email":"a@exemple.ma"}').subarray(0, 20)],
  ['no gzip at all', 'gzip', () => Buffer.from('{"email":"a@exemple.ma","password":"x"}')],
  ['nothing', 'gzip', () => Buffer.alloc(0)],
  ...[MEGABYTE - 10_000, MEGABYTE + 1, MEGABYTE + 16_384, MEGABYTE + 30_000].map(
    (inflated): [string, string, () => Buffer] => [
      `${inflated} bytes, then nonsense`,
      'gzip',
      () => brokenLate(inflated),
    ],
  ),
  ['something unknown', 'zstd', () => Buffer.from('{}')],
  ['something unknown', 'IDENTITY', () => Buffer.from('{}')],
];

describe('a compressed body', () => {
  it.each(BODIES)('is refused before it is opened: %s as %s', async (_, encoding, make) => {
    const body = make();
    const before = process.memoryUsage().rss;
    const reply = await api.anonymous.send('POST', '/auth/login', {
      body,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    });
    expect([reply.status, reply.headers.get('accept-encoding')]).toEqual([415, 'identity']);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
    // Long enough for a stream that was left behind to break.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await api.anonymous.get('/health')).status).toBe(200);
  });

  it('is refused by every route that takes a body, of whatever type', async () => {
    const admin = (await api.newPerson('admin')).client;
    const customer = (await api.newPerson('client')).client;
    for (const route of ROUTES.filter(({ body }) => body !== undefined)) {
      const client = whoMayAsk(route) === 'client' ? customer : admin;
      const path = filledPath(route.path);
      for (const type of [
        'application/json',
        'application/x-www-form-urlencoded',
        'text/csv',
        'multipart/form-data; boundary=x',
      ]) {
        const { status } = await client.send(route.method.toUpperCase(), path, {
          body: gzipSync('{}'),
          headers: { 'content-type': type, 'content-encoding': 'gzip' },
        });
        expect({ route: nameOf(route), type, status }).toEqual({ route: nameOf(route), type, status: 415 });
      }
    }
  });
});
