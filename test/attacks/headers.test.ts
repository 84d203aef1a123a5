import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makePiece } from '../support/factories';
import { filledPath } from '../support/filled-paths';
import { GENERAL_ROUTES, nameOf, queryFields } from './routes';
import { request, sendRaw, statuses } from './wire';

/** Headers and parameters that claim something, or that are there twice. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

describe('where a request comes from', () => {
  it('is the connection, whatever headers say as long as no proxy is trusted', async () => {
    const claims = {
      'X-Forwarded-For': '198.51.100.7, 203.0.113.9',
      'X-Real-IP': '198.51.100.7',
      'True-Client-IP': '198.51.100.7',
      'CF-Connecting-IP': '198.51.100.7',
      'X-Client-IP': '198.51.100.7',
      Forwarded: 'for=198.51.100.7',
    };
    const requestId = `adresse-${process.pid}`;
    await api.anonymous.post(
      '/auth/login',
      { email: 'personne@exemple.ma', password: 'x' },
      { ...claims, 'X-Request-Id': requestId },
    );
    const { body } = await admin.get(`/audit?correlation_id=${requestId}`);
    expect(body).toMatchObject([{ action: 'connexion_refusee', adresse: '127.0.0.1' }]);
  });

  it('is no other path or host than the one of the request line', async () => {
    for (const header of ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Path', 'X-Forwarded-Prefix']) {
      const { status, body } = await api.anonymous.get('/health', { [header]: '/api/v1/audit' });
      expect([header, status, body.code]).toEqual([header, 200, undefined]);
    }
    for (const _ of [1, 2, 3]) await makePiece(api.db);
    const { headers } = await admin.get('/pieces?limit=1', {
      'X-Forwarded-Host': 'ailleurs.exemple',
      'X-Forwarded-Proto': 'javascript',
      'X-Host': 'ailleurs.exemple',
    });
    expect(headers.get('link')).toMatch(/^<\/api\/v1\/pieces\?/);
  });

  it.each(['ailleurs.exemple', 'ailleurs.exemple@x', 'x:99999', 'x/../y', '[::1]', ''])(
    'does not show in what is answered to Host: %j',
    async (host) => {
      const answer = await sendRaw(
        api.baseUrl,
        request('GET /api/v1/nulle-part HTTP/1.1', `Host: ${host}`, 'Connection: close', '', ''),
      );
      expect(statuses(answer)).toEqual([404]);
      expect(answer).not.toMatch('ailleurs');
    },
  );
});

describe('a parameter', () => {
  it('that comes twice is refused, by every route, in every spelling', async () => {
    for (const route of GENERAL_ROUTES.filter(({ query }) => query !== undefined)) {
      for (const field of queryFields(route)) {
        for (const query of [
          `${field}=1&${field}=2`,
          `${field}[]=1`,
          `${field}[a]=1`,
          `${field.toUpperCase()}=1`,
        ]) {
          const path = `${filledPath(route.path)}?${query}`;
          const { status } = await admin.send(route.method.toUpperCase(), path);
          expect({ route: nameOf(route), query, status: [422, 404].includes(status) }).toEqual({
            route: nameOf(route),
            query,
            status: true,
          });
        }
      }
    }
  });

  it('among thousands is refused like one', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `a${index}`).join('&');
    expect((await admin.get(`/pieces?${many.slice(0, 14_000)}`)).status).toBe(422);
    expect((await admin.get(`/pieces?${'&'.repeat(14_000)}`)).status).toBe(200);
    expect((await admin.get(`/pieces?${'%'.repeat(14_000)}`)).status).toBe(422);
  });
});

describe('a header', () => {
  it.each([
    '"',
    '""',
    '"-1"',
    '"1',
    '1',
    '"1", "2"',
    '"1e3"',
    'W/',
    '"9999999999"',
    "' OR 1=1",
    '"\\"',
    `"${'1'.repeat(9_000)}"`,
  ])('If-Match: %s changes nothing', async (value) => {
    const { id } = await makePiece(api.db);
    const { status } = await admin.patch(`/pieces/${id}`, { designation: 'Autre' }, { 'If-Match': value });
    expect([400, 412]).toContain(status);
    expect((await admin.get(`/pieces/${id}`)).body.designation).toBe('Joint torique');
  });

  it.each([
    'a b',
    '<script>',
    'a;b',
    "'",
    '{{x}}',
    '%0d%0aX-Evil: 1',
    'é',
    'a'.repeat(129),
    '$(id)',
    '../..',
  ])('X-Request-Id: %s is replaced by one of our own', async (value) => {
    const answer = await sendRaw(
      api.baseUrl,
      request(
        'GET /api/v1/nulle-part HTTP/1.1',
        'Host: x',
        `X-Request-Id: ${value}`,
        'Connection: close',
        '',
        '',
      ),
    );
    expect(answer).toMatch(/^X-Request-Id: [\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\r$/m);
    expect(answer).not.toMatch(/X-Evil: 1|<script>|\{\{x/);
  });

  it.each(['a b', '', 'é', '\u0001', 'a'.repeat(256)])('Idempotency-Key: %j is no key', async (value) => {
    const answer = await sendRaw(
      api.baseUrl,
      request(
        'POST /api/v1/pieces HTTP/1.1',
        'Host: x',
        `Idempotency-Key: ${value}`,
        'Content-Type: application/json',
        'Content-Length: 2',
        'Connection: close',
        '',
        '{}',
      ),
    );
    expect([400, 401, 422]).toContain(statuses(answer)[0]);
  });

  it('that comes twice is refused, or its first counts', async () => {
    const twice = await sendRaw(
      api.baseUrl,
      request(
        'POST /api/v1/auth/login HTTP/1.1',
        'Host: x',
        'Host: y',
        'Content-Type: text/plain',
        'Content-Type: application/json',
        'Content-Length: 2',
        'Connection: close',
        '',
        '{}',
      ),
    );
    expect(statuses(twice)).toEqual([415]);
  });

  it('as long as the server takes them harms nobody', async () => {
    const long = 14_000;
    for (const [name, value] of [
      ['Accept-Language', 'a-'.repeat(long / 2)],
      ['Accept-Language', 'fr;q=0.1,'.repeat(long / 9)],
      ['Accept-Language', `a${' '.repeat(long)}b`],
      ['If-None-Match', '"a",'.repeat(long / 4)],
      ['If-None-Match', `W/${' '.repeat(long)}"`],
      ['Cookie', 'a=b; '.repeat(long / 5)],
      ['Authorization', `Bearer ${'a.'.repeat(long / 2)}!`],
      ['Authorization', `Bearer ${' '.repeat(long)}x`],
      ['traceparent', `00-${'a'.repeat(long)}`],
      ['X-Forwarded-For', '1.1.1.1,'.repeat(long / 8)],
      ['Range', `bytes=${'0-,'.repeat(long / 3)}`],
      ['Origin', `https://${'a.'.repeat(long / 2)}`],
      ['User-Agent', '('.repeat(long)],
      ['Content-Type', `application/json${';a=b'.repeat(long / 4)}`],
      ['Content-Type', `application/json;${' '.repeat(long)}x`],
      ['Content-Type', `multipart/form-data; boundary=${'-'.repeat(long)}`],
    ] as const) {
      for (const path of ['/auth/login', '/openapi.json', '/nulle-part']) {
        const method = path === '/auth/login' ? 'POST' : 'GET';
        const { status } = await api.anonymous.send(method, path, { headers: { [name]: value } });
        expect({ name, path, ok: status < 500 }).toEqual({ name, path, ok: true });
      }
    }
    const many = Array.from({ length: 1_500 }, (_, index) => `X-${index}: 1`);
    const answer = await sendRaw(
      api.baseUrl,
      request('GET /api/v1/health HTTP/1.1', 'Host: x', ...many, 'Connection: close', '', ''),
    );
    expect([200, 431]).toContain(statuses(answer)[0]);
  });

  it('Range with thousands of ranges gets the file once', async () => {
    const equipement = await makeEquipement(api.db);
    const form = new FormData();
    form.set('equipement_id', String(equipement.id));
    form.set('type_document', 'note');
    form.set('file', new Blob(['x'.repeat(10_000)], { type: 'text/plain' }), 'note.txt');
    const { body: document } = await admin.send('POST', '/documents/upload', { body: form });
    for (const range of [
      `bytes=${'0-,'.repeat(4_000)}0-`,
      `bytes=${'0-9999,'.repeat(1_500)}1-`,
      'bytes=0-0,0-0',
    ]) {
      const { status, bytes, headers } = await admin.get(`/documents/${document.id}/telecharger`, { range });
      expect([status, bytes.length, headers.get('content-type')]).toEqual([
        200,
        10_000,
        'text/plain; charset=utf-8',
      ]);
    }
  });
});
