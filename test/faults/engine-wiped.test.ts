import { join } from 'node:path';
import { STATUTS } from '../../src/domain/interventions';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo } from '../support/life';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

let folder: ThrowawayFolder;
let engine: TemporalServer;
let system: ProcessSystem;
let client: Client;
beforeAll(async () => {
  folder = await throwawayFolder();
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log') });
  system = await prepareSystem({ temporalAddress: engine.address });
  await Promise.all([system.startWorker(), system.startApi()]);
  client = await system.as(await makeUser(system.db));
}, 60_000);
afterAll(async () => {
  await system.close();
  await engine.stop();
  await folder.remove();
});

/** One intervention in each state; the planned ones with a technicien of their own. */
async function oneOfEach(): Promise<number[]> {
  const { db } = system;
  return Promise.all(
    STATUTS.map(async (statut) =>
      bringTo(statut, {
        client,
        equipementId: (await makeEquipement(db)).id,
        technicienId: (await makeTechnicien(db)).id,
        pieceId: (await makePiece(db)).id,
        date: new Date(Date.now() + 3_600_000),
      }),
    ),
  );
}

const echeances = (ids: number[]) =>
  Promise.all(ids.map(async (id) => (await client.get(`/interventions/${id}/workflow`)).body.echeances));

it('builds everything anew from PostgreSQL when the engine comes back without its storage', async () => {
  const ids = await oneOfEach();
  await expectInvariants(system);
  const before = await echeances(ids);
  const { accepted } = system.postOffice;
  const sentBefore = [...accepted];
  expect(sentBefore.length).toBeGreaterThan(0);

  await kill9(engine);
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log'), port: engine.port });
  const [ouverte] = ids;
  const cancelled = await eventually(
    async () => {const t=Date.now(); const r = await client.put(`/interventions/${ouverte}/statut`, { statut: 'annulee', motif: 'Réparée' }); console.log(new Date(t).toISOString(), Date.now()-t, r.status); return r},
    ({ status }) => status !== 503,
    60_000,
  );
  console.log(cancelled.status, cancelled.body);
  await expectInvariants(system);
  expect((await echeances(ids)).slice(1)).toEqual(before.slice(1));
}, 120_000);
