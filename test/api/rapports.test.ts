import type { Client } from '../support/client';
import { makeIntervention, makeWithoutRapport } from '../support/factories';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Asking again for a report that was given up. */

let system: TestSystem;
let admin: Client;
beforeAll(async () => {
  system = await startTestSystem();
  admin = (await system.newPerson('admin')).client;
});
afterAll(() => system.close());

const ended = (days: number, statut?: 'abandonne' | 'a_faire' | null) =>
  makeWithoutRapport(system.db, days, statut);

const filed = (id: number) =>
  eventually(
    () => admin.get(`/interventions/${id}/rapport`),
    ({ status }) => status === 200,
  );

describe('a report that was given up', () => {
  it.each([
    ['may still be reopened', 0],
    ['is closed', 30],
  ])('of an intervention that %s is made again when a responsable asks', async (_, days) => {
    const { id } = await ended(days);
    const missing = await admin.get(`/interventions/${id}/rapport`);
    expect([missing.status, missing.headers.get('retry-after')]).toEqual([404, null]);
    expect(missing.body.detail).toBe("Le rapport n'a pas pu être établi ; un responsable peut le redemander");
    const { client } = await system.newPerson('responsable');
    const asked = await client.post(`/interventions/${id}/rapport`);
    expect([asked.status, asked.body.id]).toEqual([202, id]);
    expect((await filed(id)).headers.get('content-type')).toBe('application/pdf');
    const { body: historique } = await admin.get(`/interventions/${id}/historique`);
    expect(historique.map(({ action }: { action: string }) => action)).toEqual(['rapport_redemande']);
    expect((await admin.post(`/interventions/${id}/rapport`)).status).toBe(409);
    const [{ count }] = await system.db.query(
      'SELECT count(*)::integer AS count FROM rapports WHERE intervention_id = $1',
      [id],
    );
    expect(count).toBe(0);
  });

  it('is made again once, however many ask at the same moment', async () => {
    const { id } = await ended(0);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => admin.post(`/interventions/${id}/rapport`)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([202, ...Array(9).fill(409)]);
    await filed(id);
  });

  it('is nothing that a technicien or a client may ask for', async () => {
    const { id, technicien } = await ended(0);
    const clients = [await system.as(technicien.user), (await system.newPerson('client')).client];
    const replies = await Promise.all(clients.map((client) => client.post(`/interventions/${id}/rapport`)));
    expect(replies.map(({ status }) => status)).toEqual([403, 403]);
    const [{ statut }] = await system.db.query('SELECT statut FROM rapports WHERE intervention_id = $1', [
      id,
    ]);
    expect(statut).toBe('abandonne');
  });

  it('is counted among the measures', async () => {
    const count = async () => {
      const { bytes } = await admin.get('/health/metrics');
      return Number(/^reports_given_up (\d+)$/m.exec(bytes.toString())![1]);
    };
    const before = await count();
    await ended(0);
    await eventually(count, (now) => now === before + 1);
  });
});

it('a report that was not given up is not asked for again', async () => {
  for (const { id } of [await ended(0, 'a_faire'), await ended(0, null)]) {
    const refused = await admin.post(`/interventions/${id}/rapport`);
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'TRANSITION_INVALIDE',
      statut: 'terminee',
      detail: "Aucun rapport n'a été abandonné ici",
    });
  }
  const open = await makeIntervention(system.db);
  expect((await admin.post(`/interventions/${open.id}/rapport`)).status).toBe(409);
  expect((await admin.post('/interventions/999999/rapport')).status).toBe(404);
});
