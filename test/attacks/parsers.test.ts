import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { filledPath } from '../support/filled-paths';
import { GENERAL_ROUTES, whoMayAsk } from './routes';

/** What each parser is given to choke on. That a test ends shows that the time did not grow with more than the size. */

const MEGABYTE = 1_000_000;

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterAll(() => api.close());

const send = (path: string, type: string, body: string | Buffer, client: Client = admin): Promise<Reply> =>
  client.send('POST', path, { body, headers: { 'content-type': type } });
const repeated = (text: string, times: number) => text.repeat(times);

describe('JSON', () => {
  const many = 300_000;
  const cases: [string, string | Buffer, number][] = [
    ['a megabyte of [', repeated('[', MEGABYTE - 1), 400],
    ['400,000 levels of arrays', repeated('[', 400_000) + repeated(']', 400_000), 400],
    ['150,000 levels of objects', `${repeated('{"a":', 150_000)}1${repeated('}', 150_000)}`, 400],
    ['90,000 fields', `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join()}}`, 413],
    ['300,000 values of one field', `{"reference":[${repeated('1,', many)}1]}`, 413],
    ['300,000 empty objects', `{"compteurs":[${repeated('{},', many)}{}]}`, 413],
    [
      'a number of 900,000 digits',
      `{"reference":"a","designation":"b","stock":${repeated('9', 900_000)}}`,
      422,
    ],
    [
      'a number of 900,000 decimals',
      `{"reference":"a","designation":"b","stock":0.${repeated('1', 900_000)}}`,
      422,
    ],
    ['an exponent beyond all numbers', '{"reference":"a","designation":"b","stock":1e999999999}', 422],
    ['a field name of 900,000 characters', `{"${repeated('k', 900_000)}":1}`, 422],
    ['a text of 900,000 escapes', `{"reference":"${repeated('\\u0041', 150_000)}"}`, 422],
    [
      'bytes that are no UTF-8',
      Buffer.from('{"reference":"\xff\xfe\xc0\x80","designation":"b"}', 'latin1'),
      422,
    ],
    ['half a character', Buffer.from('{"reference":"\xc3","designation":"b"}', 'latin1'), 422],
    ['half a surrogate pair', '{"reference":"\\ud800","designation":"b"}', 422],
    ['NUL in a text', '{"reference":"a\\u0000b","designation":"b"}', 422],
    ['NUL outside', '{"reference":"a"\0}', 400],
    ['UTF-16', Buffer.from('{"reference":"a","designation":"b"}', 'utf16le'), 400],
    ['a comment', '{"reference":"a",/*"x":1,*/"designation":"b"}', 400],
    ['NaN', '{"reference":"a","designation":"b","stock":NaN}', 400],
    ['a text alone', '"reference"', 400],
    ['null', 'null', 400],
    ['two documents', '{}{}', 400],
    ['no end', '{"reference":"a"', 400],
    ['nothing but white space', repeated(' ', 900_000), 400],
    ['a megabyte and a byte', `{"reference":"${repeated('a', MEGABYTE)}"}`, 413],
  ];

  it.each(cases)('%s', async (_, body, status) => {
    const before = process.memoryUsage().rss;
    expect((await send('/pieces', 'application/json', body)).status).toBe(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * MEGABYTE);
    // From somebody whom nobody knows it costs the same.
    const anonymous = await send('/auth/login', 'application/json', body, api.anonymous);
    expect(anonymous.status).toBeGreaterThanOrEqual(400);
    expect(anonymous.status).toBeLessThan(500);
  });

  it('twice the same field is the last one, for the check and for what is kept alike', async () => {
    const { status, body } = await send(
      '/pieces',
      'application/json',
      '{"reference":"premiere","reference":"seconde","designation":"b"}',
    );
    expect([status, body.reference]).toEqual([201, 'seconde']);
    const role = '"email":"double@exemple.ma","nom":"A","prenom":"B","role":"client","role":"admin"';
    const { client } = await api.newPerson('responsable');
    expect((await send('/users', 'application/json', `{${role}}`, client)).status).toBe(403);
  });

  it('begins with a byte order mark, as some programs write it', async () => {
    const { status, body } = await send(
      '/pieces',
      'application/json',
      '\ufeff{"reference":"marque","designation":"b"}',
    );
    expect([status, body.reference]).toEqual([201, 'marque']);
  });

  it.each(['latin1', 'utf-16', 'utf-7', 'x'.repeat(5_000), '"'])(
    'is never read as charset=%s',
    async (charset) => {
      const type = `application/json; charset=${charset}`;
      const { status } = await send('/pieces', type, '{"reference":"a","designation":"b"}');
      // A header that cannot be read names no charset.
      expect(charset === '"' ? [201, 409, 415] : [415]).toContain(status);
    },
  );

  it('is expected as such: other types that hold it are refused by every route', async () => {
    const customer = (await api.newPerson('client')).client;
    for (const route of GENERAL_ROUTES) {
      const { method, path, bodyType = 'json', body } = route;
      const client = whoMayAsk(route) === 'client' ? customer : admin;
      if (body === undefined || !['json', 'optional-json'].includes(bodyType)) continue;
      for (const type of [
        'text/plain',
        'text/json',
        'application/xml',
        'text/csv',
        'application/x-www-form-urlencoded',
        'application/json-patch+json',
      ]) {
        const target = filledPath(path);
        const { status } = await client.send(method.toUpperCase(), target, {
          body: '{"a":1}',
          headers: { 'content-type': type },
        });
        expect({ path, type, status }).toEqual({ path, type, status: 415 });
      }
    }
  });
});

describe('a form', () => {
  it.each([
    ['100,000 fields', Array.from({ length: 100_000 }, (_, i) => `k${i}=1`).join('&')],
    ['one field 100,000 times', repeated('username=a&', 90_000)],
    ['300,000 levels of brackets', `username${repeated('[a]', 300_000)}=1`],
    ['450,000 levels of dots', `username${repeated('.a', 450_000)}=1`],
    ['100,000 items', repeated('username[]=1&', 70_000)],
    ['an item far out', 'username[4294967294]=1&password=x'],
    ['brackets that do not close', `username${repeated('[', 900_000)}=1`],
    ['signs of escapes', `username=${repeated('%', 900_000)}`],
    ['nothing but separators', repeated('&', 900_000)],
    ['nothing but equals signs', repeated('=', 900_000)],
    ['bytes that are no UTF-8', 'username=%ff%fe&password=%c0%80'],
    ['NUL', 'username=%00&password=%00'],
  ])('%s', async (_, body) => {
    const { status } = await send('/auth/token', 'application/x-www-form-urlencoded', body, api.anonymous);
    expect([400, 401, 413, 422]).toContain(status);
  });
});

describe('a file of accounts', () => {
  const header = 'email,nom,prenom,role\n';
  it.each<[string, string | Buffer, number]>([
    ['a quote that never closes', `${header}"${repeated('a', 900_000)}`, 422],
    ['a megabyte of quotes', header + repeated('"', 900_000), 200],
    ['a megabyte of separators', header + repeated(',', 900_000), 200],
    ['a million lines', header + repeated('\n', 900_000), 200],
    ['100,000 lines', header + repeated('a,b,c,d\n', 100_000), 422],
    ['100,000 columns', `${header.trim()}${repeated(',x', 100_000)}\n`, 422],
    ['a line of spaces', header + repeated(' ', 900_000), 200],
    ['separators of both kinds', repeated(',;', 400_000), 422],
    ['nothing', '\n', 422],
    ['NUL', `${header}\0,\0,\0,\0\n`, 200],
    [
      'a cell of digits and spaces',
      `email,nom,prenom,role,site_ids\na@b.ma,A,B,client,${repeated('1 ', 400_000)}x\n`,
      200,
    ],
    [
      'a cell of digits',
      `email,nom,prenom,role,site_ids\na@b.ma,A,B,client,${repeated('1', 900_000)}\n`,
      200,
    ],
    ['no UTF-8', Buffer.from(`${header}a@b.ma,\xe9,B,client\n`, 'latin1'), 422],
    ['more than a megabyte', header + repeated('a', MEGABYTE), 413],
  ])('%s', async (_, body, status) => {
    const reply = await send('/users/import?essai=true', 'text/csv', body);
    expect([reply.status, reply.body.creees ?? 0]).toEqual([status, 0]);
  });
});
