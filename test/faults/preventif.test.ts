import { join } from 'node:path';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeSite, makeUser } from '../support/factories';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/** Plans with an API by the clocks of New York, a worker by those of Auckland, and an engine that loses its storage. */

let folder: ThrowawayFolder;
let engine: TemporalServer;
let system: ProcessSystem;
let client: Client;
beforeAll(async () => {
  folder = await throwawayFolder();
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log') });
  system = await prepareSystem({ temporalAddress: engine.address });
  await Promise.all([
    system.startWorker({ TZ: 'Pacific/Auckland' }),
    system.startApi({ TZ: 'America/New_York' }),
  ]);
  client = await system.as(await makeUser(system.db));
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => engine.stop(),
    () => folder.remove(),
  ),
);

const create = async (equipement: number, given: object = {}): Promise<number> => {
  const { status, body } = await client.post('/preventif/', {
    nom: 'Vidange',
    equipements: [equipement],
    declencheur: 'calendrier',
    regle: 'FREQ=WEEKLY;BYDAY=MO,SU',
    date_debut: '2026-01-01',
    heure: '00:30',
    jour_ferme: 'reporter',
    modele: { titre: 'Vidange', description: 'Vidanger le circuit hydraulique' },
    ...given,
  });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body.id;
};

const horaires = async (): Promise<Record<number, string>> => {
  const rows: { id: number; horaire: string }[] = await system.db.query(
    'SELECT id, horaire FROM plans_preventifs ORDER BY id',
  );
  return Object.fromEntries(rows.map(({ id, horaire }) => [id, horaire]));
};

const told = () =>
  eventually(
    () => system.db.query('SELECT id FROM plans_preventifs WHERE horaire_dit <> horaire'),
    (rows: unknown[]) => rows.length === 0,
  );

/** Schedules that the engine knows, by their ids. */
const known = async () => {
  const ids: number[] = [];
  for await (const { scheduleId } of system.temporal.schedule.list()) {
    const id = /^preventif-(\d+)$/.exec(scheduleId)?.[1];
    if (id !== undefined) ids.push(Number(id));
  }
  return ids.sort((a, b) => a - b);
};

it('makes the same dates in whatever zone a process runs, and has all schedules again after the engine lost them', async () => {
  const sites = [];
  for (const zone of ['Europe/Paris', 'Africa/Casablanca', 'Pacific/Auckland', 'America/New_York']) {
    sites.push((await makeSite(system.db, { fuseau_horaire: zone })).id);
  }
  const ids: number[] = [];
  for (let n = 0; n < 24; n++) {
    const { id } = await makeEquipement(system.db, { site_id: sites[n % sites.length]! });
    ids.push(await create(id, { delai_generation: n % 3 }));
  }
  await told();

  // What the API has worked out the worker works out again.
  const byApi = await horaires();
  await system.db.query('UPDATE plans_preventifs SET a_recalculer = true, horaire = horaire_dit');
  await system.reconcile();
  await eventually(
    () => system.db.query('SELECT id FROM plans_preventifs WHERE a_recalculer'),
    (rows: unknown[]) => rows.length === 0,
  );
  expect(await horaires()).toEqual(byApi);
  expect(new Set(Object.values(byApi)).size).toBeGreaterThanOrEqual(sites.length);

  await kill9(engine);
  // Plans are made and read all the same.
  const { id: machine } = await makeEquipement(system.db, { site_id: sites[0]! });
  const meanwhile = await create(machine);
  expect((await client.get(`/preventif/${meanwhile}/previsions`)).status).toBe(200);
  await client.post(`/preventif/${ids[0]}/pause`);
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log'), port: engine.port });
  await system.db.query(`UPDATE plans_preventifs SET horaire_dit_le = now() - interval '2 minutes'`);

  const expected = [...ids.slice(1), meanwhile];
  await eventually(
    async () => {
      // Set up again by the worker first.
      await system.reconcile().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return known().catch(() => []);
    },
    (found) => found.join() === expected.join(),
  );
  await told();
});
