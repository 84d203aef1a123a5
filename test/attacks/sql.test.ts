import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { filledPath } from '../support/filled-paths';
import { PLACES, type RowSubject } from '../support/places';
import {
  examples,
  GENERAL_ROUTES,
  nameOf,
  queryFields,
  sortFields,
  tableOf,
  textsReplaced,
  whoMayAsk,
} from './routes';

/** SQL in the place of everything that somebody may write (ASVS 1.2.4). */

const PAYLOADS = [
  `' OR 1=1--`,
  `" OR ""="`,
  `'; DROP TABLE interventions;--`,
  `1); DELETE FROM users;--`,
  `' UNION SELECT mot_de_passe FROM users--`,
  '%',
  '_',
  '\\',
  `\\' OR 1=1--`,
  '$1',
  '$$; SELECT pg_sleep(9);$$',
  '1 OR 1=1',
  '/**/',
  `ʼ OR 1=1--`,
  `＇ OR 1=1－－`,
  `{"$ne": null}`,
  'NULL',
  '\0',
];

let api: TestApi;
let world: World;
let admin: Client;
let before: Record<string, number>;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
  admin = world.people.admin.client;
  before = await counts();
});
afterAll(() => api.close());

async function counts(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const subject of Object.keys(PLACES) as RowSubject[]) {
    const [{ count }] = await api.db.query(`SELECT count(*)::integer AS count FROM ${tableOf(subject)}`);
    found[subject] = count;
  }
  return found;
}

// Whatever was asked, every table is there with at least the rows that it had.
afterEach(async () => {
  const after = await counts();
  for (const [subject, count] of Object.entries(before)) {
    expect(after[subject]).toBeGreaterThanOrEqual(count);
  }
});

describe('SQL', () => {
  it('in any parameter of any query is a value or a fault, and finds no more rows than are there', async () => {
    for (const route of GENERAL_ROUTES) {
      const path = filledPath(route.path);
      const all = await admin.get(`${path}?limit=1`);
      for (const field of queryFields(route)) {
        for (const payload of PAYLOADS) {
          const query = new URLSearchParams({ [field]: payload });
          const { status, headers } = await admin.send(route.method.toUpperCase(), `${path}?${query}`);
          const seen = { route: nameOf(route), field, payload };
          expect({ ...seen, ok: status < 500 }).toEqual({ ...seen, ok: true });
          if (status !== 200 || !route.answer.list) continue;
          const total = Number(headers.get('x-total-count'));
          expect(total).toBeLessThanOrEqual(Number(all.headers.get('x-total-count')));
        }
      }
    }
  });

  it('as a search finds what holds these very characters and nothing else', async () => {
    const designations = PAYLOADS.filter((payload) => payload !== '\0');
    for (const [index, designation] of designations.entries()) {
      await admin.post('/pieces', { reference: `SQL-${index}`, designation });
    }
    const rows: { reference: string; designation: string }[] = (await admin.get('/pieces?limit=200')).body;
    for (const payload of designations) {
      const found = await admin.get(`/pieces?limit=200&${new URLSearchParams({ q: payload })}`);
      // Searching disregards accents, and which of its characters for a quote or a dash Unicode was asked for.
      const fold = (text: string) => text.normalize('NFKC').replace('ʼ', "'").toLowerCase();
      // What holds neither a letter nor a digit is no word.
      const words = fold(payload)
        .split(/\s+/)
        .filter((word) => /[\p{L}\p{N}]/u.test(word));
      const holds = (text: string) =>
        words.length > 0 && words.every((word) => text.includes([...word].length < 3 ? ` ${word}` : word));
      const wanted = rows.filter(({ reference, designation }) => holds(fold(` ${reference} ${designation}`)));
      const names = (list: typeof rows) => list.map(({ designation }) => designation).sort();
      expect({ payload, found: names(found.body) }).toEqual({ payload, found: names(wanted) });
    }
  });

  it('as a sort or a cursor is refused', async () => {
    for (const route of GENERAL_ROUTES.filter(({ query }) => query?.shape.sort !== undefined)) {
      const path = filledPath(route.path);
      for (const payload of [...PAYLOADS, 'id;', 'id DESC', '(SELECT 1)', 'i.id', 'id,', '-', '--id', 'ID']) {
        for (const field of ['sort', 'curseur']) {
          const { status } = await admin.get(`${path}?${new URLSearchParams({ [field]: payload })}`);
          // One who may not read the row of the path is told so first.
          expect({ path, field, payload, refused: [422, 404].includes(status) }).toEqual({
            path,
            field,
            payload,
            refused: true,
          });
        }
      }
    }
  });

  it('inside a cursor of ours is a value or a fault', async () => {
    const values = [
      ...PAYLOADS,
      '2026-02-31 00:00:00+00',
      '2026-01-01 00:00:00+99',
      '2026-01-01 00:00:00-15-9',
      '2026-01-01 24:00:00+00',
      '0000-01-01 00:00:00+00',
      '294277-01-01 00:00:00+00',
      'infinity',
      'now',
      '0b11',
      '0x10',
      '1e-400',
      '1e309',
      'NaN',
      '9999999999',
      '\ud800',
    ];
    for (const route of GENERAL_ROUTES.filter(({ answer, path }) => answer.list && !path.includes(':'))) {
      for (const sort of sortFields(route)) {
        for (const value of values) {
          for (const cursor of [
            [0, value, '1'],
            [1, value],
          ]) {
            const curseur = Buffer.from(JSON.stringify(cursor)).toString('base64url');
            const { status } = await admin.get(`${route.path}?limit=1&curseur=${curseur}&sort=${sort}`);
            expect({ path: route.path, sort, cursor, ok: [200, 422].includes(status) }).toEqual({
              path: route.path,
              sort,
              cursor,
              ok: true,
            });
          }
        }
      }
    }
  });

  it('in a path names nothing', async () => {
    for (const route of GENERAL_ROUTES.filter(({ path }) => path.includes(':id'))) {
      for (const payload of PAYLOADS) {
        const path = route.path.replace(':id', encodeURIComponent(payload));
        const { client } = world.people[whoMayAsk(route)];
        const { status } = await client.send(route.method.toUpperCase(), path);
        expect({ path, status }).toEqual({ path, status: 404 });
      }
    }
  });

  it('in any text of any body is kept as it was typed, or refused', async () => {
    let kept = 0;
    for (const { route, path, by, body } of await examples(world)) {
      for (const payload of PAYLOADS) {
        for (const { path: field, body: sent } of textsReplaced(body, payload)) {
          const reply = await world.people[by].client.send(route.method.toUpperCase(), path, {
            body: JSON.stringify(sent),
            // What goes through the engine stops at the version; it was validated by then.
            headers: {
              'content-type': 'application/json',
              ...(isOrder(path) ? { 'If-Match': '"999999999"' } : {}),
            },
          });
          const seen = { route: nameOf(route), field, payload };
          expect({ ...seen, ok: reply.status < 500 }).toEqual({ ...seen, ok: true });
          if (ANSWERED_WITH_THE_WHOLE.has(seen.route) || CLEANED.has(seen.route)) continue;
          const answered = field.reduce((value, key) => value?.[key], reply.body);
          if (reply.status >= 300 || answered === undefined) continue;
          expect({ ...seen, answered }).toEqual({ ...seen, answered: payload.trim() });
          kept++;
        }
      }
    }
    expect(kept).toBeGreaterThan(200);
  });
});

/** Whose answer is what the thing was added to: a field of the same name is another one. */
const ANSWERED_WITH_THE_WHOLE = new Set(['POST /equipements/:id/compteurs']);

/** The name of a file is without folders, and has the ending of what the file is. */
const CLEANED = new Set(['PUT /documents/:id']);

const isOrder = (path: string) => /\/(assign|statut|recues)$/.test(path);
