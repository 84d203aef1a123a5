import { createPasswords } from '../../src/auth/passwords';
import { describeAgent } from '../../src/domain/identite/appareil';
import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { filledPath } from '../support/filled-paths';
import { examples, GENERAL_ROUTES, nameOf, queryFields, textsReplaced } from './routes';

/**
 * Texts in which a careless pattern tries every way to match before it gives up (ASVS 1.3.12), as long as each place takes
 * them. Patterns that do so take minutes, then: that the tests end is what they show.
 */

let api: TestApi;
let world: World;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
  admin = world.people.admin.client;
});
afterAll(() => api.close());

/** What is repeated, and what stands around it so that the match fails at the very end. */
const SHAPES: [before: string, piece: string, after: string][] = [
  ['', 'a', '!'],
  ['', '0', '!'],
  ['', ' ', 'x '],
  ['x', ' ', 'x'],
  ['x', '\t\n', 'x'],
  ['', '.', 'x'],
  ['', '-', 'x'],
  ['', '/', 'x'],
  ['', '\\', 'x'],
  ['a@', 'a.', '@'],
  ['', 'a@', '!'],
  ['"', '\\"', '@b.ma'],
  ['+', '1 (', 'x'],
  ['2026-01-01T00:00:00.', '0', 'x'],
  ['', '2026-', 'x'],
  ['P', '1D', 'x'],
  ['', '%', 'x'],
  ['', '_%', 'x'],
  ['', ',', 'x'],
  ['', '1,', 'x'],
  ['-', 'id,', 'x'],
  ['', '{a}/', '!'],
  ['/', 'a/', '!'],
  ['GET /', 'a', ' '],
  ['', 'é', '!'],
  ['e', '\u0301', '!'],
  ['', 'ﷺ', '!'],
  ['', '\u{1F469}\u200d', '!'],
  ['00000000-0000-4000-8000-', '0', 'x'],
  ['ey', 'A.', '!'],
];
const shaped = (length: number) =>
  SHAPES.map(([before, piece, after]) => before + piece.repeat(Math.ceil(length / piece.length)) + after);

describe('a text made for patterns', () => {
  it('is checked at once in every text of every body', async () => {
    let asked = 0;
    for (const { route, path, by, body } of await examples(world)) {
      // All of its texts at a time: each is checked, whatever is wrong with the others, in no more than a body may hold.
      const fields = [...textsReplaced(body, '')].map(({ path: field }) => field);
      for (const text of shaped(Math.floor(Math.min(60_000, 900_000 / Math.max(1, fields.length))))) {
        let hostile: unknown = body;
        for (const field of fields) hostile = withValue(hostile, field, text);
        const { status } = await world.people[by].client.send(route.method.toUpperCase(), path, {
          body: JSON.stringify(hostile),
          headers: { 'content-type': 'application/json', 'If-Match': '"999999999"' },
        });
        expect({ route: nameOf(route), ok: status < 500 }).toEqual({ route: nameOf(route), ok: true });
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(500);
  });

  it('is checked at once in every parameter of every query, and in every path', async () => {
    for (const route of GENERAL_ROUTES) {
      const fields = queryFields(route);
      for (const text of shaped(2_000)) {
        const encoded = encodeURIComponent(text).slice(0, 14_000);
        const query = fields.map((field) => `${field}=${encoded.slice(0, 1_000)}`);
        const asked: string[] = [];
        if (fields.length > 0) asked.push(`${filledPath(route.path)}?${query.join('&').slice(0, 14_000)}`);
        if (route.path.includes(':')) asked.push(route.path.replace(/:\w+/g, encoded));
        const replies = await Promise.all(
          asked.map((target) => admin.send(route.method.toUpperCase(), target)),
        );
        const failed = replies.filter(({ status }) => status >= 500);
        expect({ target: nameOf(route), failed }).toEqual({ target: nameOf(route), failed: [] });
      }
    }
  });

  it('is checked at once in every header that is read', async () => {
    const names = [
      'authorization',
      'if-match',
      'if-none-match',
      'if-range',
      'range',
      'idempotency-key',
      'x-request-id',
      'traceparent',
      'accept-language',
      'content-type',
      'origin',
      'x-forwarded-for',
      'user-agent',
      'cookie',
    ];
    for (const name of names) {
      for (const text of shaped(14_000)) {
        const value = (name === 'authorization' ? `Bearer ${text}` : text)
          .replace(/[^ -~]/g, '')
          .slice(0, 14_000);
        const { status } = await api.anonymous.send('PUT', '/notifications/lues', {
          headers: { [name]: value },
        });
        expect({ name, ok: status < 500 }).toEqual({ name, ok: true });
      }
    }
  });

  it('is judged at once as a password of the greatest length', async () => {
    const passwords = createPasswords(api.config);
    const person = {
      nom: 'a'.repeat(100),
      prenom: 'é'.repeat(100),
      email: `${'a'.repeat(60)}@${'a.'.repeat(90)}ma`,
    };
    for (const text of [
      ...shaped(128),
      'aA1!'.repeat(32),
      'P4$$w0rd'.repeat(16),
      '@4310$57'.repeat(16),
      'qwertyuiop'.repeat(13),
    ]) {
      await passwords.hash(text.slice(0, 128), { champ: 'password', person }).catch(() => {});
    }
    for (const text of shaped(100_000)) {
      const { status } = await api.anonymous.post('/auth/login', { email: text, password: text });
      expect(status).toBe(422);
    }
  });

  it('is looked through at once as the name of a browser', () => {
    for (const text of shaped(100_000)) expect(describeAgent(text)).toBeNull();
  });
});

/** A copy of the body with one of its values replaced. */
function withValue(body: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(body) ? [...body] : { ...(body as object) }) as Record<string, unknown>;
  copy[key] = withValue(copy[key], rest, value);
  return copy;
}
