import { join } from 'node:path';
import { markOutdated } from '../../src/services/interventions/cycle/derivation';
import { recomputeMaintenances } from '../../src/services/parc/equipements';
import { SYNCHRONISER_SIGNAL } from '../../src/workflows/protocol';
import { type RunningProcess } from '../../tools/lib/processes';
import { type ThrowawayFolder, throwawayFolder } from '../../tools/lib/throwaway-folder';
import { startTemporal, type TemporalServer } from '../../tools/servers/temporal';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeTechnicien, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { closeAll, kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * The rules of local time change while interventions are open. Newer zone data is simulated by another zone for sites
 * that name none, which is to the application the same thing: yesterday's deadlines now lie elsewhere.
 */

let folder: ThrowawayFolder;
let engine: TemporalServer;
let system: ProcessSystem;
let worker: RunningProcess;
let client: Client;
beforeAll(async () => {
  folder = await throwawayFolder();
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log') });
  system = await prepareSystem({ temporalAddress: engine.address });
  [worker] = await Promise.all([system.startWorker(), system.startApi()]);
  client = await system.as(await makeUser(system.db));
});
afterAll(() =>
  closeAll(
    () => system.close(),
    () => engine.stop(),
    () => folder.remove(),
  ),
);

/** What the setup does of it when it is run for the new rules, and a worker that has them. */
async function restartWith(timeZone: string): Promise<void> {
  await markOutdated(system.owner, timeZone, new Date());
  await recomputeMaintenances(system.owner, timeZone);
  worker = await system.startWorker({ REGIE_TIME_ZONE: timeZone });
}

interface Waiting {
  cle: string;
  date: number;
}
const rowOf = async (id: number): Promise<{ echeances: Waiting[]; date_limite: Date; escalades: string[] }> =>
  (
    await system.db.query('SELECT echeances, date_limite, escalades FROM interventions WHERE id = $1', [id])
  )[0];
const keys = (row: { echeances: Waiting[] }) => row.echeances.map(({ cle }) => cle).sort();

const messages = () =>
  system.db.query(
    `SELECT evenement, destinataire_id, canal FROM messages WHERE modele = 'escalade' ORDER BY id`,
  );
const escalations = () =>
  system.db.query(`SELECT entite_id, cause FROM historique WHERE action = 'escalade' ORDER BY id`);
/** Everybody is told of every level of the steps that are late, in working hours of the time zone of the configuration. */
async function toldEverything(id: number): Promise<void> {
  const { db, temporal } = system;
  await db.query(
    `UPDATE interventions SET arme_le = arme_le - interval '90 days', date_limite = date_limite - interval '90 days',
       resolution_depuis = resolution_depuis - interval '90 days' WHERE id = $1`,
    [id],
  );
  await db.query(
    `UPDATE plannings SET date_planifiee = date_planifiee - interval '90 days' WHERE intervention_id = $1`,
    [id],
  );
  await temporal.workflow.getHandle(`intervention-${id}`).signal(SYNCHRONISER_SIGNAL);
  await eventually(
    () => rowOf(id),
    ({ echeances }) => echeances.length === 0,
  );
}

const report = async (statut: 'ouverte' | 'planifiee') =>
  bringTo(statut, {
    client,
    equipementId: (await makeEquipement(system.db)).id,
    technicienId: (await makeTechnicien(system.db)).id,
    date: new Date(Date.now() + 3_600_000),
  });

it('nobody hears twice when the rules change, the engine is wiped and everything is rebuilt', async () => {
  const late = await Promise.all([report('ouverte'), report('planifiee')]);
  // Nobody of a level, and it would be passed to the next.
  await makeUser(system.db, { role: 'responsable' });
  for (const id of late) {
    await system.db.query(`UPDATE interventions SET priorite = 'normale' WHERE id = $1`, [id]);
    await toldEverything(id);
  }
  const [mails, told] = [await messages(), await escalations()];
  // Two levels of each step before there is a technicien, three afterwards.
  expect(told).toHaveLength(10);
  const broken = await Promise.all(late.map(rowOf));

  await Promise.all([system.killWorker(worker), kill9(engine)]);
  engine = await startTemporal({ logFile: join(folder.path, 'temporal.log'), port: engine.port });
  await restartWith('Pacific/Auckland');
  await system.reconcile();
  await eventually(
    () =>
      Promise.all(
        late.map((id) =>
          system.temporal.workflow
            .getHandle(`intervention-${id}`)
            .describe()
            .catch(() => null),
        ),
      ),
    (found) => found.every((one) => one?.status.name === 'RUNNING'),
  );
  // Each has looked at its row, and would have told by now what it found to be told.
  for (const id of late)
    await system.temporal.workflow.getHandle(`intervention-${id}`).signal(SYNCHRONISER_SIGNAL);
  await new Promise((resolve) => setTimeout(resolve, 2_000));

  expect(await escalations()).toEqual(told);
  expect(await messages()).toEqual(mails);
  // What was broken stays broken.
  expect(await Promise.all(late.map(rowOf))).toEqual(broken);
});

it('deadlines still to come move with the rules, also those that a running workflow waits for', async () => {
  const { body } = await client.post('/interventions', {
    titre: 'Vibration anormale',
    description: 'Vibration au démarrage de la presse',
    type_intervention: 'corrective',
    priorite: 'basse',
    equipement_id: (await makeEquipement(system.db)).id,
  });
  const named = await client.post('/interventions', {
    titre: 'Contrôle annuel',
    description: 'Contrôle à faire avant la date',
    type_intervention: 'preventive',
    priorite: 'basse',
    date_limite: '2035-06-15T12:00:00Z',
    equipement_id: (await makeEquipement(system.db)).id,
  });
  await eventually(
    () => system.db.query('SELECT id FROM interventions WHERE NOT workflow_demarre'),
    (rows: unknown[]) => rows.length === 0,
  );
  const before = await rowOf(body.id);

  await system.killWorker(worker);
  await restartWith('America/New_York');
  await system.reconcile();
  const after = await eventually(
    () => rowOf(body.id),
    (row) => row.date_limite.getTime() !== before.date_limite.getTime(),
  );
  // The same levels of the same steps, at other instants: New York's working day is another one than before.
  expect(keys(after)).toEqual(keys(before));
  expect(after.echeances.map(({ date }) => date)).not.toEqual(before.echeances.map(({ date }) => date));
  const shown = await client.get(`/interventions/${body.id}/workflow`);
  expect(shown.body.echeances.map(({ date }: { date: string }) => Date.parse(date))).toEqual(
    after.echeances.map(({ date }) => date),
  );
  const handle = system.temporal.workflow.getHandle(`intervention-${body.id}`);
  const { searchAttributes } = await eventually(
    () => handle.describe(),
    ({ searchAttributes }) => String(searchAttributes.DateLimite?.[0]) === String(after.date_limite),
  );
  expect(searchAttributes.DateLimite).toEqual([after.date_limite]);
  const [history] = await system.db.query(
    `SELECT avant, apres FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'recalcul'
     ORDER BY id DESC LIMIT 1`,
    [body.id],
  );
  expect(history).toEqual({
    avant: { date_limite: before.date_limite.toISOString() },
    apres: { date_limite: after.date_limite.toISOString() },
  });
  // What a person named stands.
  expect((await rowOf(named.body.id)).date_limite.toISOString()).toBe('2035-06-15T12:00:00.000Z');
});
