import { join } from 'node:path';
import { STATUTS } from '../../src/domain/interventions/interventions';
import { SYNCHRONISER_SIGNAL } from '../../src/workflows/protocol';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo } from '../support/life';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

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
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => engine.stop(),
    () => folder.remove(),
  ),
);

/** One intervention in each state, in the order of the states; each visit has a technicien of its own. */
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

/** Its assignment is overdue, and everybody has been told so. */
async function escalated(): Promise<number> {
  const { db, temporal } = system;
  const equipementId = (await makeEquipement(db)).id;
  const id = await bringTo('ouverte', { client, equipementId });
  await db.query(`UPDATE interventions SET arme_le = arme_le - interval '30 days' WHERE id = $1`, [id]);
  const workflow = temporal.workflow.getHandle(`intervention-${id}`);
  // It starts in the background.
  await eventually(
    () => workflow.describe().catch(() => null),
    (found) => found !== null,
  );
  await workflow.signal(SYNCHRONISER_SIGNAL);
  await eventually(
    () => db.query('SELECT niveau_escalade FROM interventions WHERE id = $1', [id]),
    ([row]) => row.niveau_escalade === 3,
  );
  return id;
}

const echeances = (ids: number[]) =>
  Promise.all(ids.map(async (id) => (await client.get(`/interventions/${id}/workflow`)).body.echeances));

it('builds everything anew from PostgreSQL when the engine comes back without its storage', async () => {
  const { db } = system;
  const [ouverte, planifiee, ...others] = (await oneOfEach()) as [number, number, ...number[]];
  const late = await escalated();
  const longDone = await bringTo('terminee', {
    client,
    equipementId: (await makeEquipement(db)).id,
    technicienId: (await makeTechnicien(db)).id,
    date: new Date(),
  });
  await expectInvariants(system);
  const expected = await echeances([...others, late]);

  await kill9(engine);
  await db.query(`UPDATE interventions SET date_fin = date_fin - interval '8 days' WHERE id = $1`, [
    longDone,
  ]);
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log'), port: engine.port });

  // Nobody waits for the reconciler: a workflow that is asked for something is started by the question.
  const move = (id: number, body: object) =>
    eventually(
      () => client.put(`/interventions/${id}/statut`, body),
      ({ status }) => status !== 503,
      5_000,
    );
  const [cancelled, started] = await Promise.all([
    move(ouverte, { statut: 'annulee', motif: 'Réparée' }),
    move(planifiee, { statut: 'en_cours' }),
  ]);
  expect([cancelled.status, started.status]).toEqual([200, 200]);

  await expectInvariants(system);
  expect(await echeances([...others, late])).toEqual(expected);
});
