import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { makeEquipement, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

let system: ProcessSystem;
/** Takes connections and never says a word: between the API and the engine, an engine that hangs. */
let silence: Server;
beforeAll(async () => {
  silence = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
  system = await prepareSystem();
  await system.startWorker();
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => silence.close(),
  ),
);

it('starts the workflow of an intervention whose API process was killed between its commit and that start', async () => {
  const { db, temporal } = system;
  const equipement = await makeEquipement(db);
  const admin = await makeUser(db);
  const client = await system.as(admin);
  const body = {
    titre: 'Presse arrêtée',
    description: 'La presse ne démarre plus depuis ce matin',
    type_intervention: 'corrective',
    priorite: 'critique',
    equipement_id: equipement.id,
  };
  const key = { 'Idempotency-Key': 'presse-arretee' };

  const api = await system.startApi({
    TEMPORAL_ADDRESS: `127.0.0.1:${(silence.address() as AddressInfo).port}`,
  });
  const created = await client.post('/interventions/', body, key);
  await kill9(api);
  expect(created.status).toBe(201);
  const { id } = created.body;
  await expect(temporal.workflow.getHandle(`intervention-${id}`).describe()).rejects.toThrow();

  // What a client does that got no answer: the same request again.
  await system.startApi();
  const repeated = await client.post('/interventions/', body, key);
  expect(repeated).toMatchObject({ status: 201, body: created.body });

  await system.reconcile();
  await expectInvariants(system);
  expect((await client.get(`/interventions/${id}/workflow`)).body).toMatchObject({ statut: 'RUNNING' });
  const history = await client.get(`/interventions/${id}/historique`);
  expect(history.body).toMatchObject([{ action: 'creation', numero_evenement: 1 }]);
  const runs: string[] = [];
  for await (const { runId } of temporal.workflow.list({ query: `WorkflowId = 'intervention-${id}'` })) {
    runs.push(runId);
  }
  expect(runs).toHaveLength(1);
});
