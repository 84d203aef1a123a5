import type { Route } from '../../src/api/http/route';
import { ROUTES } from '../../src/api/routes';
import { REQUESTS, type RowCheck } from '../permissions/requests';
import { makeWorld, type World } from '../permissions/world';
import { startTestApi, type TestApi } from '../support/api';
import type { Client, Reply } from '../support/client';
import { makeNeighbour, type Neighbour } from './neighbours';
import { nameOf } from './routes';

/** Whoever may not see something is told what they would be told if it were not there: not a word, not a header differs. */

let api: TestApi;
let own: Neighbour;
let other: Neighbour;
let world: World;
beforeAll(async () => {
  api = await startTestApi();
  world = await makeWorld(api);
  own = await makeNeighbour(api, 'Agadir');
  other = await makeNeighbour(api, 'Zanzibar');
});
afterAll(() => api.close());

const NOTHING = 2_147_480_000;

/** All that an answer says, but for what names the request itself. */
function toldOf({ status, body, headers }: Reply): unknown {
  const { correlation_id: _, instance: __, ...said } = body as Record<string, unknown>;
  const own = ['x-request-id', 'date', 'content-length'];
  return { status, said, headers: [...headers].filter(([name]) => !own.includes(name)) };
}

/** The foreign row that the `:id` of a path would name. */
function foreignId({ path }: Route): number | null {
  const [, noun] = path.split('/') as [string, string];
  if (path.startsWith('/planning/propositions/')) return other.rows.propositions;
  if (path.startsWith('/planning/technicien/')) return other.rows.techniciens;
  if (noun === 'cles-api') return world.row('CleApi', 'cle', 'admin');
  if (noun === 'audit') return world.row('Audit', 'ligne', 'admin');
  return other.rows[noun as keyof Neighbour['rows']] ?? null;
}

async function ask(client: Client, route: Route, id: number): Promise<Reply> {
  const check = [REQUESTS[nameOf(route)]].flat()[0] as RowCheck;
  const { body } = check.on === 'row' ? await check.sent(world, 'admin', id) : { body: undefined };
  return client.send(route.method.toUpperCase(), route.path.replace(':id', String(id)), {
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
}

describe('the id of a row that is somebody else’s', () => {
  it('is answered like that of no row, by every route that takes one, to every role', async () => {
    let compared = 0;
    for (const route of ROUTES.filter(({ path }) => path.includes(':id'))) {
      const id = foreignId(route);
      if (id === null) continue;
      for (const [role, { client }] of Object.entries(own.people)) {
        // What they read anyway cannot be hidden from them.
        const [, noun] = route.path.split('/');
        const seen = noun === 'planning' ? await ask(client, route, id) : await client.get(`/${noun}/${id}`);
        if (seen.status < 300) continue;
        const [there, nowhere] = [await ask(client, route, id), await ask(client, route, NOTHING)];
        expect([403, 404]).toContain(there.status);
        expect({ route: nameOf(route), role, told: toldOf(there) }).toEqual({
          route: nameOf(route),
          role,
          told: toldOf(nowhere),
        });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('is answered like that of no row in a body', async () => {
    const { client, responsable, technicien } = own.people;
    const panne = (equipement_id: number) => ({
      titre: 'Panne',
      description: 'La presse ne démarre plus',
      type_intervention: 'corrective',
      equipement_id,
    });
    const upload = (target: string) => async (who: Client, id: number) => {
      const form = new FormData();
      form.set(target, String(id));
      form.set('type_document', 'note');
      form.set('file', new Blob(['Note'], { type: 'text/plain' }), 'note.txt');
      return who.send('POST', '/documents/upload', { body: form });
    };
    const questions: [Client, number, (who: Client, id: number) => Promise<Reply>][] = [
      [client.client, other.rows.equipements, (who, id) => who.post('/interventions', panne(id))],
      [responsable.client, other.rows.equipements, (who, id) => who.post('/interventions', panne(id))],
      [responsable.client, other.rows.interventions, upload('intervention_id')],
      [responsable.client, other.rows.equipements, upload('equipement_id')],
      [technicien.client, other.rows.interventions, upload('intervention_id')],
    ];
    for (const [who, id, question] of questions) {
      const [there, nowhere] = [await question(who, id), await question(who, NOTHING)];
      expect(there.status).toBe(422);
      expect(toldOf(there)).toEqual(toldOf(nowhere));
    }
  });

  it('is answered like that of no session, and the session goes on', async () => {
    const { client, user } = other.people.client;
    const [session] = await api.db.query('SELECT id FROM sessions WHERE user_id = $1', [user.id]);
    const mine = own.people.client.client;
    const there = await mine.delete(`/auth/sessions/${session.id}`);
    const nowhere = await mine.delete('/auth/sessions/00000000-0000-4000-8000-000000000000');
    expect(there.status).toBe(404);
    expect(toldOf(there)).toEqual(toldOf(nowhere));
    expect((await client.get('/auth/me')).status).toBe(200);
  });
});

describe('what a role may never ask for', () => {
  it('is refused alike, be it there or not', async () => {
    for (const { client } of Object.values(own.people)) {
      for (const path of ['/audit', '/cles-api']) {
        const rows =
          path === '/audit' ? world.row('Audit', 'ligne', 'admin') : world.row('CleApi', 'cle', 'admin');
        const told = [await client.get(`${path}/${rows}`), await client.get(`${path}/${NOTHING}`)].map(
          toldOf,
        );
        expect(told[0]).toEqual(told[1]);
        expect(told[0]).toMatchObject({ status: 403 });
      }
      expect((await client.get('/audit/export')).status).toBe(403);
    }
  });
});
