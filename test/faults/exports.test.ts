import type { Role } from '../../src/domain/roles';
import { createObjectStore } from '../../src/storage/objects';
import { testConfig } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeUser } from '../support/factories';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/** Copies of records whose worker is killed while it makes one, or removes it: none is lost, none is handed over twice. */

let system: ProcessSystem;
let doctor: Client;
let cabinet: TestCabinet;
let worker: Awaited<ReturnType<ProcessSystem['startWorker']>>;
beforeAll(async () => {
  system = await prepareSystem();
  await system.startApi();
  worker = await system.startWorker();
  const newPerson = async (role: Role) => {
    const user = await makeUser(system.db, { role });
    return { user, client: await system.as(user) };
  };
  cabinet = await makeCabinet({ newPerson }, (await newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
});
afterAll(() => system.close());

const ask = async (): Promise<number> => {
  const { id } = await makePatient(doctor, { nom_naissance: 'Benali' });
  const { body } = await doctor.post(`/patients/${id}/export`, {});
  return body.id;
};
const rowOf = async (id: number) =>
  (await system.owner.query('SELECT * FROM medical.exports_dossier WHERE id = $1', [id]))[0];
const until = (id: number, holds: (row: Record<string, unknown>) => boolean) =>
  eventually(() => rowOf(id), holds);
const objects = async (id: number): Promise<string[]> => {
  const url = (system.db.options as { url: string }).url;
  const store = createObjectStore(testConfig(url).s3);
  const found: string[] = [];
  for await (const { key } of store.list(`exports/${cabinet.id}/${id}/`)) found.push(key);
  return found;
};

/** Holds an export so that whoever writes it down stands still, kills the worker there, and starts another one. */
async function killedAt(id: number, run: () => Promise<unknown>): Promise<void> {
  const held = await holdRows(
    system.owner,
    'SELECT id FROM medical.exports_dossier WHERE id = $1 FOR UPDATE',
    [id],
  );
  await run();
  await held.awaitedBy(1, 'regie-worker-medical');
  await system.killWorker(worker);
  await endWorkerConnections(system.owner);
  await held.release();
  worker = await system.startWorker();
}

it('is made by the next one, and can be taken once', async () => {
  // Nobody is there while it is asked for: it waits to be held first.
  await system.killWorker(worker);
  const id = await ask();
  const other = await ask();
  await killedAt(id, async () => {
    worker = await system.startWorker();
  });
  for (const one of [id, other]) await until(one, ({ statut }) => statut === 'pret');
  const taken = await Promise.all(Array.from({ length: 5 }, () => doctor.get(`/exports/${id}/contenu`)));
  expect(taken.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  await until(id, (row) => row.date_effacement !== null);
  // Also what the one that was killed had put down.
  expect(await objects(id)).toEqual([]);
  expect(await objects(other)).toContain((await rowOf(other)).cle_stockage);
});

it('is removed by the next one, when it was killed while it removed it', async () => {
  const id = await ask();
  await until(id, ({ statut }) => statut === 'pret');
  const [key] = await objects(id);
  expect(key).toBeDefined();
  // Taken, and whoever was to say so was killed.
  await system.owner.query(
    `UPDATE medical.exports_dossier SET statut = 'remis', date_remise = now() - interval '5 minutes',
       date_modification = now() - interval '5 minutes' WHERE id = $1`,
    [id],
  );
  await killedAt(id, () => system.reconcile());
  await system.reconcile();
  await until(id, (row) => row.date_effacement !== null);
  expect(await objects(id)).toEqual([]);
  expect((await doctor.get(`/exports/${id}/contenu`)).body.code).toBe('TRANSITION_INVALIDE');
});
