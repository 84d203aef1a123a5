import { join } from 'node:path';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import type { Client } from '../support/client';
import { makeEquipement, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo } from '../support/life';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

let folder: ThrowawayFolder;
let engine: TemporalServer;
let system: ProcessSystem;
let client: Client;
const startEngine = (port?: number) =>
  startTemporal({
    logFile: join(folder.path, 'temporal.log'),
    databaseFile: join(folder.path, 'temporal.db'),
    port,
  });
beforeAll(async () => {
  folder = await throwawayFolder();
  engine = await startEngine();
  system = await prepareSystem({ temporalAddress: engine.address });
  await Promise.all([system.startWorker(), system.startApi()]);
  client = await system.as(await makeUser(system.db));
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => engine.stop(),
    () => folder.remove(),
  ),
);

/** Somebody who asks under the same key each time, and does not wait for ever. */
const put = (path: string, body: object) =>
  client.send('PUT', path, {
    headers: { 'content-type': 'application/json', 'Idempotency-Key': path },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });

const ABSENCES = [
  {
    name: 'is down',
    leave: () => kill9(engine),
    comeBack: async () => {
      engine = await startEngine(engine.port);
    },
  },
  {
    // It hears what is asked of it when it wakes up, long after the callers have been told 503.
    name: 'hangs',
    leave: async () => process.kill(engine.pid, 'SIGSTOP'),
    comeBack: async () => process.kill(engine.pid, 'SIGCONT'),
  },
];

it.each(ABSENCES)(
  'reads and creates while the engine $name, refuses transitions for good, and catches up afterwards',
  async ({ leave, comeBack }) => {
    const { db } = system;
    const equipementId = (await makeEquipement(db)).id;
    const technicien = await makeTechnicien(db);
    const [toCancel, toAssign] = [
      await bringTo('ouverte', { client, equipementId }),
      await bringTo('ouverte', { client, equipementId }),
    ];
    await expectInvariants(system);
    const cancel = () => put(`/interventions/${toCancel}/statut`, { statut: 'annulee', motif: 'Réparée' });
    const assign = () => put(`/interventions/${toAssign}/assign`, { technicien_id: technicien.id });

    await leave();
    const refused = Promise.all([cancel(), assign()]);
    const created = await Promise.all([1, 2, 3].map(() => bringTo('ouverte', { client, equipementId })));
    expect((await client.get('/interventions/')).status).toBe(200);
    expect((await client.get(`/interventions/${created[0]}`)).body).toMatchObject({ statut: 'ouverte' });
    expect((await client.get(`/interventions/${created[0]}/workflow`)).body).toMatchObject({
      statut: null,
      echeances: [{ etape: 'affectation' }, {}, {}, {}],
    });
    for (const { status, headers, body } of await refused) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'SERVICE_INDISPONIBLE' });
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }

    await comeBack();
    await system.reconcile();
    await expectInvariants(system);
    for (const id of created) {
      expect((await client.get(`/interventions/${id}/workflow`)).body).toMatchObject({
        statut: 'RUNNING',
        echeances: [{ etape: 'affectation' }, {}, {}, {}],
      });
    }
    for (const id of [toCancel, toAssign]) {
      expect((await client.get(`/interventions/${id}/historique`)).body).toHaveLength(1);
    }
    // Asked again, as Retry-After says, and under the same key.
    expect((await cancel()).body).toMatchObject({ statut: 'annulee' });
    expect((await assign()).body).toMatchObject({ statut: 'planifiee' });
    await expectInvariants(system);
  },
);
