import { CancelledFailure } from '@temporalio/activity';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { createDataSource } from '../../src/db/data-source';
import { countOpenInterventions } from '../../src/services/systeme/reconciliation';
import { People } from '../../src/threads/people';
import { INTERVENTION_WORKFLOW } from '../../src/workflows/protocol';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeEquipement, makeUser } from '../support/factories';
import { createNamespace } from '../support/namespace';

/** Rounds of the reconciler with nobody to work off what it starts: what is started stays as it was started. */

const LOST = 400;

let database: TestDatabase;
let medical: DataSource;
let connection: Connection;
let temporal: TemporalClient;
beforeEach(async () => {
  database = await createTestDatabase();
  medical = await createDataSource({ url: database.medicalUrl, medical: true, poolSize: 1 }).initialize();
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
  temporal = new TemporalClient({ connection, namespace: await createNamespace() });
  const { id: equipement } = await makeEquipement(database.db);
  const { id: admin } = await makeUser(database.db);
  await database.owner.query(
    `INSERT INTO interventions (titre, description, type_intervention, statut, priorite, date_limite, arme_le,
       resolution_armee_le, equipement_id, createur_id, numero_evenement, workflow_demarre, date_creation)
     SELECT 'Perdue', 'Le moteur ne la connaît plus', 'corrective', 'ouverte', 'basse', now() + interval '90 days', now(),
       now(), $1, $2, 1, true, now() - interval '1 hour'
     FROM generate_series(1, ${LOST})`,
    [equipement, admin],
  );
});
afterEach(async () => {
  await connection.close();
  await medical.destroy();
  await database.drop();
});

const round = (environment: MockActivityEnvironment, shift?: number): Promise<{ started: number }> => {
  const context = {
    db: database.db,
    medical: database.medical,
    client: temporal,
    people: new People(0),
    taskQueue: 'nobody',
    timeZone: 'UTC',
    logger: pino({ level: 'silent' }),
  };
  return environment.run(reconciliationActivities(context, shift).reconcile);
};

const running = async () =>
  (await temporal.workflow.count(`WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`))
    .count;

it('leaves what it cannot start in its time to the next round, and starts nothing twice', async () => {
  let started = 0;
  // What comes before takes its time, on a busy machine all of it.
  for (let shift = 300; started === 0; shift *= 2) {
    ({ started } = await round(new MockActivityEnvironment(), shift));
  }
  expect(started).toBeLessThan(LOST);
  await eventually(running, (count) => count === started);

  expect((await round(new MockActivityEnvironment())).started).toBe(LOST - started);
  await eventually(running, (count) => count === LOST);
  const ids = new Set<string>();
  for await (const { workflowId } of temporal.workflow.list()) ids.add(workflowId);
  expect(ids.size).toBe(LOST);
  expect((await round(new MockActivityEnvironment())).started).toBe(0);
});

it('starts nothing more once it is told to stop, as by a worker that ends', async () => {
  const environment = new MockActivityEnvironment();
  const stopped = round(environment);
  await eventually(running, (count) => count > 0);
  environment.cancel('WORKER_SHUTDOWN');
  await expect(stopped).rejects.toThrow(CancelledFailure);
  const left = await running();
  expect(left).toBeLessThan(LOST);
  expect((await round(new MockActivityEnvironment())).started).toBeGreaterThanOrEqual(LOST - left - 8);
});

it('does not miss a workflow that has just been started, which the engine may not list yet', async () => {
  expect(await countOpenInterventions(database.db)).toBe(LOST);
  await database.owner.query(
    'UPDATE interventions SET date_creation = now() WHERE id = (SELECT min(id) FROM interventions)',
  );
  expect(await countOpenInterventions(database.db)).toBe(LOST - 1);
  expect((await round(new MockActivityEnvironment())).started).toBe(LOST - 1);
});
