import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import { createClient, type Reply } from '../support/client';
import { makePiece, makeUser, signIn } from '../support/factories';
import { filledPath } from '../support/filled-paths';
import { nameOf } from './routes';

/** What an answer says when something breaks inside: that it did, and under which number to ask. */

let api: TestApi;
let token: string;
let logged: string;
beforeAll(async () => {
  api = await startTestApi();
  token = await signIn(api.db, api.app.tokens, await makeUser(api.db));
  const lines = new PassThrough();
  lines.on('data', (line) => {
    logged += line;
  });
  api.app.logger = pino({ level: 'debug' }, lines);
});
beforeEach(() => {
  logged = '';
});
afterAll(() => api.close());

/** Nothing of how it is made. */
function expectBare({ body, headers }: Reply): void {
  const said = JSON.stringify(body) + JSON.stringify([...headers]);
  expect(said).not.toMatch(/node_modules|\/src\/|\.ts\b|\.js:|\bat [\w.]+ \(|\/home\/|\/work\/|file:\/\//);
  expect(said).not.toMatch(
    /SELECT |INSERT |relation "|column "|syntax error|pg_|typeorm|postgres|QueryFailed/i,
  );
  expect(said).not.toMatch(/ECONN|127\.0\.0\.1:\d|TypeError|RangeError/);
  expect(headers.get('server')).toBeNull();
  expect(headers.get('x-powered-by')).toBeNull();
}

const PROBLEM = ['type', 'title', 'status', 'detail', 'instance', 'code', 'correlation_id', 'erreurs'];

describe('a fault of ours', () => {
  it('says nothing but its number, on every route, while the log says all', async () => {
    const client = createClient(api.baseUrl, token);
    // A column that was renamed behind the application's back.
    const tables = [
      'users',
      'pieces',
      'interventions',
      'equipements',
      'documents',
      'notifications',
      'plannings',
    ];
    for (const table of tables)
      await api.database.owner.query(`ALTER TABLE ${table} RENAME version TO autre`);
    try {
      let faults = 0;
      for (const route of ROUTES.filter(({ method, path }) => method === 'get' && path !== '/audit/export')) {
        const reply = await client.get(filledPath(route.path));
        expectBare(reply);
        if (reply.status !== 500) continue;
        faults++;
        expect({ route: nameOf(route), code: reply.body.code }).toEqual({
          route: nameOf(route),
          code: 'ERREUR_INTERNE',
        });
        expect(PROBLEM).toEqual(expect.arrayContaining(Object.keys(reply.body)));
        expect(logged).toContain(reply.body.correlation_id);
      }
      expect(faults).toBeGreaterThan(10);
      expect(logged).toMatch(/version/);
    } finally {
      for (const table of tables)
        await api.database.owner.query(`ALTER TABLE ${table} RENAME autre TO version`);
    }
  });

  it('says nothing of the row that stands in the way', async () => {
    const client = createClient(api.baseUrl, token);
    const { reference } = await makePiece(api.db);
    const reply = await client.post('/pieces', { reference, designation: 'Joint' });
    expect(reply.status).toBe(409);
    expectBare(reply);
  });
});

describe('a fault of the request', () => {
  it('is told without a word of ours, whatever is wrong with it', async () => {
    const client = createClient(api.baseUrl, token);
    const json = { 'content-type': 'application/json' };
    const replies = [
      await client.get('/nulle-part'),
      await client.get('/pieces/x'),
      await client.get('/pieces?sort=x&limit=x'),
      await client.get('/pieces?curseur=x'),
      await client.send('POST', '/pieces', { body: '{', headers: json }),
      await client.send('POST', '/pieces', { body: '{"__proto__":1}', headers: json }),
      await client.send('POST', '/pieces', { body: '{}', headers: { 'content-type': 'x' } }),
      await client.send('POST', '/pieces', { body: 'x'.repeat(2_000_000), headers: json }),
      await client.send('POST', '/documents/upload', {
        body: 'x',
        headers: { 'content-type': 'multipart/form-data' },
      }),
      await client.send('PATCH', '/pieces', { body: '{}', headers: json }),
      await client.get('/pieces', { authorization: 'Bearer a.b.c' }),
      await client.get('/auth/me', { authorization: 'Basic YTpi' }),
    ];
    for (const reply of replies) {
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
      expect(reply.headers.get('content-type')).toMatch('application/problem+json');
      expectBare(reply);
    }
  });
});
