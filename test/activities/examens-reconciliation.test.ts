import { Connection, Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { suivreExamen } from '../../src/services/cabinet/examens-suivi';
import { People } from '../../src/threads/people';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { rowOfExamen, rowsOfPractice } from '../support/examens';
import { createNamespace } from '../support/namespace';

/** Examens after the engine lost what it held: what is due of them is found in their rows. */

let database: TestDatabase;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  database = await createTestDatabase();
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS! });
  temporal = new TemporalClient({ connection, namespace: await createNamespace() });
});
afterAll(async () => {
  await connection.close();
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

const isKnown = async (id: number) =>
  temporal.workflow
    .getHandle(`examen-${id}`)
    .describe()
    .then(
      () => true,
      () => false,
    );
const HOUR = 3_600_000;

it('starts the workflow of an examen of which something is due, in whichever practice, and of no other', async () => {
  const [one, other] = [await rowsOfPractice(database), await rowsOfPractice(database)];
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR);
  const overdue = await rowOfExamen(database, one, { statut: 'attendu', attendu: ago(1) });
  const unseen = await rowOfExamen(database, other, { statut: 'recu', recu: ago(100) });
  const expected = await rowOfExamen(database, one, { statut: 'attendu', attendu: ago(-24) });
  await round();
  expect(await Promise.all([overdue, unseen, expected].map(isKnown))).toEqual([true, true, false]);
});

it('tells everybody once, though it is run again, by several at once, or stopped between telling and noting it', async () => {
  const practice = await rowsOfPractice(database);
  const recu = new Date(Date.now() - 80 * HOUR);
  const id = await rowOfExamen(database, practice, { statut: 'recu', recu });
  const follow = () => suivreExamen(database, id, new Date());
  const [first] = await Promise.all([follow(), follow(), follow()]);
  expect(first).toEqual({
    statut: 'recu',
    prochain: { date: recu.getTime() + 144 * HOUR, attente: 'remplacant' },
  });
  // As it is left by a process that dies after it told them.
  await database.owner.query('UPDATE medical.examens SET niveau = 0 WHERE id = $1', [id]);
  await follow();
  const [{ total }] = await database.db.query(
    `SELECT count(*)::integer AS total FROM notifications WHERE (metadata ->> 'examen_id')::integer = $1`,
    [id],
  );
  expect(total).toBe(1);
  expect(await suivreExamen(database, 1, new Date())).toBeNull();
});
