import { connect, type Socket } from 'node:net';
import { UNREAD_PERIOD } from '../../src/api/http/middleware/unread-bodies';
import { ROUTES } from '../../src/api/routes';
import { startTestApi, type TestApi } from '../support/api';
import { signIn } from '../support/factories';
import { filledPath } from '../support/filled-paths';
import { nameOf } from './routes';
import { request, sendRaw, statuses } from './wire';

/** Bodies that go on, byte by byte, after their answer: each would hold its connection for as long as a request may take. */

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  const { user } = await api.newPerson('client');
  token = await signIn(api.db, api.app.tokens, user);
});
afterAll(() => api.close());

/** A slow machine may be late, but not by the minutes that a request may take. */
const SLACK = 60_000;
const DRIP = 100;

interface Outcome {
  statuses: number[];
  /** Milliseconds from the answer to the end of the connection, or null when it was still open when the time was up. */
  openFor: number | null;
}

/** Sends a head, then more of its body every moment, until the server ends the connection or the time is up. */
function drip(head: string[], chunk: Buffer): Promise<Outcome> {
  const { hostname, port } = new URL(api.baseUrl);
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(port), hostname);
    let answer = '';
    let answeredAt: number | null = null;
    const dripping = setInterval(() => socket.write(chunk), DRIP);
    const giveUp = setTimeout(() => end(null), UNREAD_PERIOD + SLACK);
    const end = (openFor: number | null) => {
      clearInterval(dripping);
      clearTimeout(giveUp);
      socket.destroy();
      resolve({ statuses: statuses(answer), openFor });
    };
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      answeredAt ??= Date.now();
    });
    // A connection that the server cuts is an answer too.
    socket.on('error', () => {});
    socket.on('close', () => end(Date.now() - (answeredAt ?? Number.NaN)));
    socket.write([...head, 'Host: x', 'Content-Length: 40000000', '', ''].join('\r\n'));
  });
}

const requestLine = (method: string, path: string) =>
  `${method.toUpperCase()} /api/v1${filledPath(path)} HTTP/1.1`;

describe('a body that goes on after its answer', () => {
  it('holds no connection, whatever the route and the method', async () => {
    const outcomes = await Promise.all(
      // Who has no token is answered before anything is read; the public routes by the type of what they are sent.
      ROUTES.map(async (route) => ({
        name: nameOf(route),
        ...(await drip([requestLine(route.method, route.path), 'Content-Type: image/png'], Buffer.from('x'))),
      })),
    );
    const held = outcomes.filter(
      ({ statuses: [status, ...more], openFor }) =>
        status === undefined || more.length > 0 || openFor === null || openFor > UNREAD_PERIOD + SLACK,
    );
    expect(held).toEqual([]);
  });

  it('holds no connection, however it was answered, be it a flood', async () => {
    const authorized = `Authorization: Bearer ${token}`;
    const { user } = await api.newPerson('admin');
    const administrator = `Authorization: Bearer ${await signIn(api.db, api.app.tokens, user)}`;
    const json = 'Content-Type: application/json';
    const heads: [number, string[], Buffer?][] = [
      [404, [requestLine('post', '/nulle-part')]],
      [405, [requestLine('delete', '/interventions')]],
      [403, [requestLine('post', '/pieces'), authorized]],
      [415, [requestLine('patch', '/auth/me'), authorized, 'Content-Type: text/html']],
      [413, [requestLine('patch', '/auth/me'), authorized, json]],
      [400, [requestLine('post', '/documents/upload'), administrator, 'Content-Type: multipart/form-data']],
      [200, [requestLine('get', '/auth/me'), authorized]],
      [200, ['GET /openapi.json HTTP/1.1']],
      [401, [requestLine('post', '/interventions')], Buffer.alloc(1_000_000, 'x')],
    ];
    const outcomes = await Promise.all(
      heads.map(async ([status, head, chunk = Buffer.from('x')]) => ({
        head: head[0],
        expected: [status],
        ...(await drip(head, chunk)),
      })),
    );
    const held = outcomes.filter(({ openFor }) => openFor === null);
    expect(held).toEqual([]);
    for (const { head, statuses: answered, expected } of outcomes) {
      expect([head, answered]).toEqual([head, expected]);
    }
  });

  it('that comes to its end costs an ordinary client neither its answer nor its connection', async () => {
    const body = 'x'.repeat(30_000);
    const first = request(
      'POST /api/v1/interventions HTTP/1.1',
      'Host: x',
      `Content-Length: ${body.length}`,
      '',
      body,
    );
    const second = request('GET /api/v1/health HTTP/1.1', 'Host: x', '', '');
    const answer = await sendRaw(api.baseUrl, first + second);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
  });
});
