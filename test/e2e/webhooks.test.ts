import { Connection, Client as TemporalClient } from '@temporalio/client';
import { selfSigned } from '../support/certificates';
import type { Client } from '../support/client';
import { makeEquipement, makeTechnicien } from '../support/factories';
import { answering, type Receiver, startReceiver } from '../support/receiver';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Webhooks as their receivers see them: everything runs, and what is called speaks TLS. */

const certificate = selfSigned('127.0.0.1');

let system: TestSystem;
let connection: Connection;
let temporal: TemporalClient;
let admin: Client;
const receivers: Receiver[] = [];

beforeAll(async () => {
  system = await startTestSystem({ WEBHOOKS_RESEAUX_PRIVES: 'on', WEBHOOKS_CA: certificate.cert });
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new TemporalClient({ connection, namespace });
  admin = (await system.newPerson('admin')).client;
});
afterEach(async () => {
  await system.db.query('DELETE FROM webhooks');
  for (const receiver of receivers.splice(0)) await receiver.stop();
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

async function newReceiver(evenements = ['*']): Promise<Receiver & { id: number; secret: string }> {
  const receiver = await startReceiver(certificate);
  receivers.push(receiver);
  const made = await admin.post('/webhooks', { url: receiver.url, evenements });
  expect(made.status).toBe(201);
  return Object.assign(receiver, { id: made.body.id as number, secret: made.body.secret as string });
}

let serial = 0;
const newPiece = async (): Promise<number> =>
  (await admin.post('/pieces/', { reference: `W-${Date.now()}-${++serial}`, designation: 'Joint torique' }))
    .body.id;

const livraisons = async (id: number) => (await admin.get(`/webhooks/${id}/livraisons?limit=200`)).body;

it('tells a receiver every step of an intervention, in order, signed, and nothing that anybody wrote', async () => {
  const receiver = await newReceiver(['intervention.*', 'planning.*']);
  const equipement = await makeEquipement(system.db);
  const technicien = await makeTechnicien(system.db);
  const { body } = await admin.post('/interventions/', {
    titre: 'Fuite de Salma',
    description: 'Fuite au niveau du circuit principal',
    type_intervention: 'corrective',
    priorite: 'haute',
    equipement_id: equipement.id,
  });
  const assigned = await admin.put(`/interventions/${body.id}/assign`, {
    technicien_id: technicien.id,
    date_planifiee: new Date(Date.now() + 3_600_000).toISOString(),
  });
  expect(assigned.status).toBe(200);
  await admin.put(`/interventions/${body.id}/statut`, { statut: 'en_cours' });
  await admin.put(`/interventions/${body.id}/statut`, { statut: 'terminee', rapport: 'Joint changé.' });

  const told = await eventually(
    () => receiver.received.filter(({ ressource }) => ressource === 'intervention'),
    (found) => found.some(({ evenement }) => evenement === 'intervention.terminee'),
  );
  const names = told.map(({ evenement }) => evenement);
  const steps = [
    'intervention.creee',
    'intervention.assignee',
    'intervention.commencee',
    'intervention.terminee',
  ];
  expect(names.filter((name) => steps.includes(name))).toEqual(steps);
  for (const delivery of receiver.received) {
    receiver.verify(receiver.secret, delivery);
    expect(Object.keys(JSON.parse(delivery.body))).toEqual([
      'id',
      'evenement',
      'date',
      'ressource',
      'id_ressource',
      'version',
    ]);
    expect(delivery.body).not.toMatch(/Salma|Joint|Fuite/);
  }
});

it('lets nobody wait for a receiver that never answers', async () => {
  const dead = await newReceiver(['piece.*']);
  dead.answer(() => {});
  const alive = await newReceiver(['piece.*']);
  for (let count = 0; count < 6; count++) await newPiece();
  await eventually(
    () => dead.received.length,
    (count) => count >= 4,
  );
  const begin = Date.now();
  const id = await newPiece();
  const delivery = await eventually(
    () => alive.received.find(({ id_ressource }) => id_ressource === id),
    (found) => found !== undefined,
  );
  expect(delivery!.at - begin).toBeLessThan(9_000);
  expect(alive.received).toHaveLength(7);
  for (const { statut } of await livraisons(dead.id)) expect(statut).toBe('a_livrer');
});

it('tries again within seconds, under the same id, and tells what came of it', async () => {
  const receiver = await newReceiver(['piece.*']);
  receiver.answer((response) => {
    receiver.answer(answering(204));
    answering(503, 'Maintenance en cours', { 'Content-Type': 'text/plain' })(response, receiver.received[0]!);
  });
  await newPiece();
  const [first, second] = await eventually(
    () => receiver.received,
    (all) => all.length === 2,
  );
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(second!.at - first!.at).toBeGreaterThan(4_000);
  for (const delivery of receiver.received) receiver.verify(receiver.secret, delivery);
  const [row] = await eventually(
    () => livraisons(receiver.id),
    ([found]) => found.statut === 'livree',
  );
  expect(row).toMatchObject({
    tentatives: 2,
    erreur: null,
    reponse: { statut: 204, extrait: null },
    essais: [
      { statut: 503, erreur: 'refus' },
      { statut: 204, erreur: null },
    ],
  });
});

it('tries on demand, and sends again what was delivered', async () => {
  const receiver = await newReceiver(['intervention.*']);
  const tried = await admin.post(`/webhooks/${receiver.id}/essai`);
  const [trial] = await eventually(
    () => receiver.received,
    (all) => all.length === 1,
  );
  expect(trial).toMatchObject({ evenement: 'webhook.essai', id: tried.body.identifiant });
  receiver.verify(receiver.secret, trial!);
  await eventually(
    () => livraisons(receiver.id),
    ([found]) => found.statut === 'livree',
  );
  expect((await admin.post(`/webhooks/livraisons/${tried.body.id}/rejouer`)).status).toBe(202);
  const [, again] = await eventually(
    () => receiver.received,
    (all) => all.length === 2,
  );
  expect(again!.headers['webhook-id']).toBe(trial!.headers['webhook-id']);
});

it('keeps a workflow for as long as there is something to send, and what it tells in no history of the engine', async () => {
  const receiver = await newReceiver(['piece.*']);
  receiver.answer(answering(500));
  await newPiece();
  const handle = temporal.workflow.getHandle(`webhook-${receiver.id}`);
  await eventually(
    () => receiver.received.length,
    (count) => count === 1,
  );
  expect((await handle.describe()).status.name).toBe('RUNNING');
  receiver.answer(answering(200));
  await eventually(
    async () => (await handle.describe()).status.name,
    (status) => status === 'COMPLETED',
  );
  // Arguments and results are in base64.
  const history = JSON.stringify(await handle.fetchHistory()).replace(
    /"(?:data|encoding)":"([^"]*)"/g,
    (_, encoded: string) => Buffer.from(encoded, 'base64').toString(),
  );
  expect(history).toContain('json/plain');
  expect(history).not.toContain(receiver.secret.slice(6, 20));
  expect(history).not.toContain(receiver.url);
});

it('bears a burst: each event once, in the order of its resource, to each of several receivers', async () => {
  const all = [
    await newReceiver(['piece.*']),
    await newReceiver(['piece.*']),
    await newReceiver(['piece.creee']),
  ];
  const ids = await Promise.all(Array.from({ length: 10 }, newPiece));
  for (let round = 0; round < 5; round++) {
    await Promise.all(ids.map((id) => admin.patch(`/pieces/${id}`, { designation: `Joint ${round}` })));
  }
  for (const receiver of all) {
    const expected = receiver === all[2] ? 10 : 60;
    await eventually(
      async () =>
        (await livraisons(receiver.id)).filter(({ statut }: { statut: string }) => statut === 'livree')
          .length,
      (count) => count === expected,
    );
    const seen = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(expected);
    for (const id of ids) {
      const places = receiver.received
        .filter(({ id_ressource }) => id_ressource === id)
        .map(({ headers }) => Number(String(headers['webhook-id']).slice(4)));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  }
});
