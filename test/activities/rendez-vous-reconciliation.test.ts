import { Connection, Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { createDataSource } from '../../src/db/data-source';
import { suivreRendezVous } from '../../src/services/rendez-vous/suivi';
import { People } from '../../src/threads/people';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { makeBooking, makeIntervenant, makePrestation } from '../support/factories';
import { createNamespace } from '../support/namespace';

/** What of appointments nobody follows is found by its row, with nobody to work off what is started. */

let database: TestDatabase;
let medical: DataSource;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  database = await createTestDatabase();
  medical = await createDataSource({ url: database.medicalUrl, medical: true, poolSize: 1 }).initialize();
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
  temporal = new TemporalClient({ connection, namespace: await createNamespace() });
});
afterAll(async () => {
  await connection.close();
  await medical.destroy();
  await database.drop();
});

async function round(): Promise<void> {
  const context = {
    db: database.db,
    medical: database.medical,
    client: temporal,
    people: new People(0),
    taskQueue: 'nobody',
    timeZone: 'UTC',
    logger: pino({ level: 'silent' }),
  };
  await new MockActivityEnvironment().run(reconciliationActivities(context).reconcile);
}

/** Those whose workflow was started, or told, by now. */
const signals = async (id: number): Promise<number> => {
  const handle = temporal.workflow.getHandle(`rendez-vous-${id}`);
  const { events } = await handle.fetchHistory().catch(() => ({ events: [] }));
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes != null).length;
};
const follow = (id: number) => database.db.transaction((tx) => suivreRendezVous(tx, id, new Date()));
const age = (id: number) =>
  database.owner.query(`UPDATE rendez_vous SET suivi_le = suivi_le - interval '1 minute' WHERE id = $1`, [
    id,
  ]);

it('follows what was booked, moved or due while nobody told the engine, and leaves the rest alone', async () => {
  const [lost, fresh, followed] = [
    await makeBooking(database.db),
    await makeBooking(database.db),
    await makeBooking(database.db),
  ];
  await age(lost.id);
  await follow(followed.id);
  await round();
  expect(await Promise.all([lost, fresh, followed].map(({ id }) => signals(id)))).toEqual([1, 0, 0]);

  // Its row has it looked at again by whoever changes it, also without telling anybody.
  await database.db.query(`UPDATE rendez_vous SET statut = 'annule', sequence = 1 WHERE id = $1`, [
    followed.id,
  ]);
  await age(followed.id);
  await round();
  await eventually(
    () => signals(followed.id),
    (count) => count === 1,
  );
});

it('follows those whose service has other reminders by now, once', async () => {
  const intervenant = await makeIntervenant(database.db);
  const prestation = await makePrestation(database.db, { intervenants: [intervenant.id] });
  const booked = await makeBooking(database.db, { prestation, intervenant });
  await follow(booked.id);
  await database.db.query('UPDATE prestations SET description = $2 WHERE id = $1', [prestation.id, 'Autre']);
  await round();
  expect(await signals(booked.id)).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await database.db.query('UPDATE prestations SET rappels = $2 WHERE id = $1', [
    prestation.id,
    JSON.stringify([{ avant: 'P1D', canal: 'email' }]),
  ]);
  await round();
  expect(await signals(booked.id)).toBe(1);
  expect((await follow(booked.id))?.prochain?.attente).toBe('rappel');
  await round();
  expect(await signals(booked.id)).toBe(1);
});
