import { startTestApi, type TestApi } from '../support/api';
import { request, sendRaw, statuses } from './wire';

/** Requests of which a proxy in front might see one and the API two. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** What would be answered if it were taken for a request of its own. */
const SMUGGLED = request('GET /api/v1/health HTTP/1.1', 'Host: x', '', '');
const START = ['POST /api/v1/auth/login HTTP/1.1', 'Host: x', 'Content-Type: application/json'];

describe('a request whose end is not certain', () => {
  it.each<[string, string]>([
    [
      'Content-Length and Transfer-Encoding',
      request(...START, 'Content-Length: 4', 'Transfer-Encoding: chunked', '', '0', '', ''),
    ],
    [
      'Transfer-Encoding and Content-Length',
      request(...START, 'Transfer-Encoding: chunked', 'Content-Length: 4', '', '0', '', ''),
    ],
    ['two lengths', request(...START, 'Content-Length: 2', 'Content-Length: 40', '', '{}')],
    ['a list of lengths', request(...START, 'Content-Length: 2, 40', '', '{}')],
    ['a length with a sign', request(...START, 'Content-Length: +2', '', '{}')],
    ['a length in hexadecimal', request(...START, 'Content-Length: 0x2', '', '{}')],
    ['a negative length', request(...START, 'Content-Length: -2', '', '{}')],
    ['a length beyond all numbers', request(...START, `Content-Length: ${'9'.repeat(40)}`, '', '{}')],
    ['an unknown transfer encoding', request(...START, 'Transfer-Encoding: xchunked', '', '0', '', '')],
    ['chunked, but not last', request(...START, 'Transfer-Encoding: chunked, identity', '', '0', '', '')],
    [
      'a space before the colon',
      request(...START, 'Transfer-Encoding : chunked', 'Content-Length: 2', '', '{}'),
    ],
    [
      'a folded header',
      request(...START, 'X-A: b', ' Transfer-Encoding: chunked', 'Content-Length: 2', '', '{}'),
    ],
    ['lines that end in LF alone', `${START.join('\n')}\nContent-Length: 2\n\n{}`],
    ['a NUL in a header', request(...START, 'X-A: a\0b', 'Content-Length: 2', '', '{}')],
    [
      'a CR in a header',
      request(...START, 'X-A: a\rTransfer-Encoding: chunked', 'Content-Length: 2', '', '{}'),
    ],
    [
      'a chunk beyond all numbers',
      request(...START, 'Transfer-Encoding: chunked', '', `${'F'.repeat(20)}`, '{}', '0', '', ''),
    ],
    ['a chunk of no size', request(...START, 'Transfer-Encoding: chunked', '', 'zz', '{}', '0', '', '')],
  ])('is refused and ends its connection: %s', async (_, first) => {
    const answer = await sendRaw(api.baseUrl, first + SMUGGLED);
    expect(statuses(answer)).toEqual([400]);
    expect(answer).not.toMatch('"healthy"');
  });

  it('is not one whose body merely looks like a request', async () => {
    const body = SMUGGLED;
    const answer = await sendRaw(
      api.baseUrl,
      request('GET /api/v1/pieces HTTP/1.1', 'Host: x', `Content-Length: ${body.length}`, '', body),
    );
    expect(statuses(answer)).toEqual([401]);
  });

  it('is refused in other versions of HTTP', async () => {
    expect(statuses(await sendRaw(api.baseUrl, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))).toEqual([400]);
    expect(statuses(await sendRaw(api.baseUrl, 'GET /api/v1/health HTTP/3.7\r\nHost: x\r\n\r\n'))).toEqual([
      400,
    ]);
    expect(statuses(await sendRaw(api.baseUrl, 'GET /api/v1/health HTTP/1.1\r\n\r\n'))).toEqual([400]);
  });

  it('does not become another protocol', async () => {
    const answer = await sendRaw(
      api.baseUrl,
      request('GET /api/v1/health HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c', '', ''),
    );
    expect(statuses(answer)).toEqual([200]);
  });
});
