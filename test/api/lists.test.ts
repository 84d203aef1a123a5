import type { Route } from '../../src/api/http/route';
import { ROUTES } from '../../src/api/routes';
import { nameOf } from '../attacks/routes';
import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeIntervention } from '../support/factories';
import { queriesDuring } from '../support/queries';

/** What all lists have in common: how they ask the database. */

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
});
afterAll(() => api.close());

/** Those of what is medical are read in a transaction of their own (`permissions/cabinet`). */
const LISTS = ROUTES.filter(
  ({ answer, path, medical }) => answer.list && !path.includes(':') && medical === undefined,
);

/** What a request asks the database beside who sends it. */
async function asked(client: Client, path: string) {
  const queries = await queriesDuring(() => client.get(path));
  return queries.filter(({ text }) => !text.includes('FROM sessions s'));
}

/** Where a list is worked out from several, before its page is read: so many statements, however many rows. */
const WORKED_OUT: Readonly<Record<string, number>> = {
  // The visits, who goes, the calendars of the sites, the work in progress.
  'GET /planning/conflits': 5,
  // The repairs under warranty, by the clocks of their sites.
  'GET /equipements/alertes': 2,
  // The zones of the sites, by whose days it is told what ends soon.
  'GET /contrats': 2,
  // How many are unread.
  'GET /notifications': 2,
};

describe('a page', () => {
  it.each(LISTS.map((route): [string, Route] => [nameOf(route), route]))(
    'is one statement, with its total: %s',
    async (name, { path }) => {
      const statements = WORKED_OUT[name] ?? 1;
      const { client } = world.people.admin;
      for (const query of ['limit=1', 'limit=200', 'sort=-id']) {
        const { status, headers } = await client.get(`${path}?${query}`);
        expect([status, headers.has('x-total-count')]).toEqual([200, true]);
        expect(await asked(client, `${path}?${query}`)).toHaveLength(statements);
        const next = /curseur=([\w-]+)[^>]*>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
        if (next === undefined) continue;
        expect(await asked(client, `${path}?${query}&curseur=${next}`)).toHaveLength(statements);
      }
    },
  );

  it('is the same, with the same cursors, when it is asked for so often that its plan is kept', async () => {
    for (const persona of ['admin', 'responsable', 'technicien', 'client'] as const) {
      const { client } = world.people[persona];
      for (const { path } of LISTS) {
        for (const query of ['limit=2', 'limit=2&sort=-id', 'limit=3&offset=1']) {
          const answer = async () => {
            const { status, body, headers } = await client.get(`${path}?${query}`);
            return [status, body, headers.get('x-total-count'), headers.get('link')];
          };
          const first = await answer();
          if (first[0] === 403) continue;
          for (let time = 0; time < 20; time++) await client.get(`${path}?${query}`);
          expect(await answer()).toEqual(first);
        }
      }
    }
  });

  it('has its values in its text while it is hot, so that the plan made for them is kept', async () => {
    const { client } = world.people.responsable;
    const path = '/interventions?statut=ouverte,planifiee&sort=-date_limite&limit=20';
    expect((await asked(client, path))[0]!.values.length).toBeGreaterThan(0);
    for (let time = 0; time < 100; time++) await client.get(path);
    const [hot] = await asked(client, path);
    expect(hot!.values).toEqual([]);
    expect(hot!.text).toContain(`'{"ouverte","planifiee"}'`);
  });

  it('of a search has the words of the searcher for parameters, however hot it is', async () => {
    const { client } = world.people.admin;
    const path = `/interventions?q=${encodeURIComponent("l'atelier")}`;
    for (let time = 0; time < 100; time++) await client.get(path);
    const [hot] = await asked(client, path);
    expect(hot!.values.length).toBeGreaterThan(0);
  });

  it('shows what has changed, however hot it is', async () => {
    const { client } = world.people.admin;
    const path = '/interventions?priorite=critique&limit=200';
    const ids = async () => (await client.get(path)).body.map(({ id }: { id: number }) => id);
    for (let time = 0; time < 100; time++) await ids();
    const { id } = await makeIntervention(api.db, { priorite: 'critique' });
    expect(await ids()).toContain(id);
  });
});
