import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { startServer } from '../../src/api/server';
import { startTestApi, type TestApi, testConfig } from '../support/api';
import { makePiece } from '../support/factories';

/** What HTTP itself asks of an answer, whatever the request is about. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('a method that a path does not take', () => {
  it.each([
    ['PUT', '/users/import', 'POST'],
    ['DELETE', '/interventions/mes-interventions', 'GET, HEAD'],
    ['GET', '/documents/upload/', 'POST'],
    ['DELETE', '/pieces', 'GET, HEAD, POST'],
    ['POST', '/pieces/1', 'DELETE, GET, HEAD, PATCH, PUT'],
  ])('is refused with those that it takes: %s %s', async (method, path, allowed) => {
    const { client } = await api.newPerson('admin');
    const refused = await client.send(method, path);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, allowed]);
    const asked = await client.send('OPTIONS', path);
    expect([asked.status, asked.headers.get('allow')]).toEqual([204, allowed]);
  });
});

describe('a header sent without a value', () => {
  it('is a fault where it is what keeps a request from acting twice, or over another change', async () => {
    const { client } = await api.newPerson('admin');
    const { id } = await makePiece(api.db);
    const body = { reference: 'VIDE-1', designation: 'Joint' };
    const unkeyed = await client.post('/pieces', body, { 'Idempotency-Key': '' });
    expect([unkeyed.status, unkeyed.body.erreurs[0].champ]).toEqual([422, 'Idempotency-Key']);
    const unversioned = await client.patch(`/pieces/${id}`, { stock: 1 }, { 'If-Match': '' });
    expect([unversioned.status, unversioned.body.code]).toEqual([400, 'REQUETE_MALFORMEE']);
  });
});

describe('a refusal', () => {
  it.each(['-199845939966', '99999999999999999999', '1e3', '0', 'x'])(
    'is put on record also where the path names no possible row: %s',
    async (id) => {
      const { user, client } = await api.newPerson('technicien');
      expect((await client.delete(`/pieces/${id}`)).status).toBe(403);
      const rows = await api.db.query(
        `SELECT entite, entite_id FROM historique WHERE auteur_id = $1 AND action = 'refus'`,
        [user.id],
      );
      expect(rows).toEqual([{ entite: 'piece', entite_id: null }]);
    },
  );
});

describe('a request that cannot be read', () => {
  let port: number;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ port, close } = await startServer(testConfig(api.database.url), pino({ level: 'silent' })));
  });
  afterAll(() => close());

  const send = async (request: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(request);
    return socket;
  };

  it.each([
    [431, 'ENTETES_TROP_GROS', `GET /api/v1/pieces?q=${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [431, 'ENTETES_TROP_GROS', `GET /api/v1/pieces HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
    [400, 'REQUETE_MALFORMEE', 'WHAT /api/v1/pieces HTTP/1.1\r\nHost: x\r\n\r\n'],
    [400, 'REQUETE_MALFORMEE', 'GET /api/v1/pieces HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
  ])('is answered %i %s as a problem like any other', async (status, code, request) => {
    const [head, body] = (await text(await send(request))).split('\r\n\r\n') as [string, string];
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    const correlationId = /\r\nX-Request-Id: (\S+)/.exec(head)![1];
    expect(JSON.parse(body)).toMatchObject({ status, code, correlation_id: correlationId, instance: '/' });
  });

  it('is answered after the one before it on its connection, too', async () => {
    const first = 'GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = await send(first);
    await once(socket, 'readable');
    socket.write('nonsense\r\n\r\n');
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});
