import { METHODS } from 'node:http';
import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makePiece } from '../support/factories';
import { filledPath } from '../support/filled-paths';
import { request, sendRaw, statuses } from './wire';

/** Addresses and methods that proxies and servers have been known to read in two ways. */

let api: TestApi;
let admin: Client;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  const { user, client } = await api.newPerson('admin');
  admin = client;
  const signIn = await api.anonymous.post('/auth/login', { email: user.email, password: 'Atelier-Sud-47!' });
  token = signIn.body.access_token;
});
afterAll(() => api.close());

/** As it is: clients of HTTP put most of these in order before they send them. */
async function statusOf(target: string, method = 'GET'): Promise<number | undefined> {
  const answer = await sendRaw(
    api.baseUrl,
    request(
      `${method} ${target} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${token}`,
      'Connection: close',
      '',
      '',
    ),
    // The server closes the connection: only one that never answers is given up.
    20_000,
  );
  return statuses(answer)[0];
}

describe('a path', () => {
  it.each([
    '/api/v1//pieces',
    '//api/v1/pieces',
    '/api//v1/pieces',
    '/api/v1/pieces//',
    '/api/v1/./pieces',
    '/api/v1/../v1/pieces',
    '/api/v1/health/../pieces',
    '/api/v1/%2e/pieces',
    '/api/v1/%2e%2e/v1/pieces',
    '/api/v1%2fpieces',
    '/api/v1/pieces%2f',
    '/api/v1/pieces%2f1',
    '/api/v1/pieces%5c1',
    '/api/v1\\pieces',
    '/api/v1/pieces%00',
    '/api/v1/pieces%20',
    '/api/v1/pieces.',
    '/api/v1/pieces.json',
    '/api/v1/pieces;a=b',
    '/api/v1/;/pieces',
    '/api/v1/PIECES',
    '/API/V1/pieces',
    '/api/v1/p%69eces',
    '/api/v1/health/METRICS',
    '/api/v1/health/metric%73',
    '/api/v1/*',
    '/api/v1/:id',
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/docs/..%2fpackage.json',
    '/mot-de-passe/../../package.json',
    '/.env',
    '/.git/config',
    '/',
    '*',
  ])('%s leads nowhere: each place has one way to be written', async (target) => {
    expect(await statusOf(target)).toBe(404);
  });

  it.each([
    '%00',
    '1%00',
    '1%20',
    '%201',
    '+1',
    '-1',
    '0',
    '01',
    '1e0',
    '1.0',
    '1.',
    '1;',
    '1,2',
    '0x1',
    '%31/..',
    '%ff',
    '%',
    '%2',
    '%25',
    '%EF%BC%91',
    '..',
    '.',
    'undefined',
    'null',
    'NaN',
    '9'.repeat(4_000),
    '2147483648',
  ])('ending in %s names no row', async (id) => {
    const { id: known } = await makePiece(api.db);
    expect(await statusOf(`/api/v1/pieces/${known}`)).toBe(200);
    expect(await statusOf(`/api/v1/pieces/${id}`)).toBe(404);
  });

  it('of any length harms nobody', async () => {
    for (const filler of ['/', 'a', 'a/', '%2f', '.', ';', '%', ':', '*', '(', '1/']) {
      const target = `/api/v1/${filler.repeat(15_000 / filler.length)}x`;
      expect({ filler, status: await statusOf(target) }).toEqual({ filler, status: 404 });
    }
    expect(await statusOf(`/api/v1/${'a'.repeat(20_000)}`)).toBe(431);
    expect((await admin.get('/health')).status).toBe(200);
  });

  it('in the absolute form is the path alone, wherever it points', async () => {
    expect(await statusOf('http://ailleurs.exemple/api/v1/pieces')).toBe(200);
    expect(await statusOf('http://169.254.169.254/latest/meta-data/')).toBe(404);
    expect(await statusOf('http://user:pw@ailleurs.exemple:1/api/v1/pieces/../users')).not.toBe(500);
  });
});

describe('a method', () => {
  it('that a route does not have is 405 and names those that it has', async () => {
    const byPath = new Map<string, Set<string>>();
    for (const { method, path } of ROUTES) {
      const methods = byPath.get(path) ?? new Set(['HEAD', 'OPTIONS']);
      byPath.set(path, methods.add(method.toUpperCase()));
    }
    for (const [path, known] of byPath) {
      const target = `/api/v1${filledPath(path)}`;
      if (!known.has('GET')) known.delete('HEAD');
      for (const method of METHODS) {
        if (known.has(method) || method === 'CONNECT') continue;
        expect({ target, method, status: await statusOf(target, method) }).toEqual({
          target,
          method,
          status: 405,
        });
      }
    }
  });

  it('TRACE echoes nothing of the request', async () => {
    for (const target of ['/api/v1/pieces', '/api/v1/health', '/docs', '/', '/mot-de-passe']) {
      const answer = await sendRaw(
        api.baseUrl,
        request(
          `TRACE ${target} HTTP/1.1`,
          'Host: x',
          `Authorization: Bearer ${token}`,
          'Cookie: a=secret',
          '',
          '',
        ),
      );
      expect([404, 405]).toContain(statuses(answer)[0]);
      expect(answer).not.toMatch(/secret|Bearer ey/);
    }
  });

  it('CONNECT makes no tunnel', async () => {
    const answer = await sendRaw(
      api.baseUrl,
      request('CONNECT 169.254.169.254:80 HTTP/1.1', 'Host: x', '', 'GET / HTTP/1.1', 'Host: x', '', ''),
    );
    expect(answer).toBe('');
    expect((await admin.get('/health')).status).toBe(200);
  });

  it.each(['FOO', 'get', 'G\u0000T', 'GET\t', 'SELECT'])('%j is no request', async (method) => {
    expect(await statusOf('/api/v1/pieces', method)).toBe(400);
  });

  it('is the one of the request, whatever a header or a parameter says', async () => {
    const { id } = await makePiece(api.db);
    for (const header of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method']) {
      const { status } = await admin.get(`/pieces/${id}`, { [header]: 'DELETE' });
      expect([header, status]).toEqual([header, 200]);
    }
    expect((await admin.get(`/pieces/${id}?_method=DELETE`)).status).toBe(422);
    expect((await admin.post(`/pieces/${id}`, {}, { 'X-HTTP-Method-Override': 'DELETE' })).status).toBe(405);
    expect((await admin.get(`/pieces/${id}`)).status).toBe(200);
  });
});
