import { Connection, Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { People } from '../../src/threads/people';
import { startTestApi, type TestApi } from '../support/api';
import { addMembre, makeCabinet, makePatient } from '../support/cabinets';
import { createNamespace } from '../support/namespace';

/** An engine that has lost everything: what follows from records that were opened is found again by their rows. */

let api: TestApi;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  api = await startTestApi();
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
  temporal = new TemporalClient({ connection, namespace: await createNamespace() });
});
afterAll(async () => {
  await connection.close();
  await api.close();
});

const round = () =>
  new MockActivityEnvironment().run(
    reconciliationActivities({
      db: api.db,
      medical: api.app.medical,
      client: temporal,
      people: new People(0),
      taskQueue: 'nobody',
      timeZone: 'UTC',
      logger: pino({ level: 'silent' }),
    }).reconcile,
  );
const isKnown = (id: number) =>
  temporal.workflow
    .getHandle(`bris-de-glace-${id}`)
    .describe()
    .then(
      ({ status }) => status.name,
      () => null,
    );

it('has the workflow of each of which something is long due, and of no other', async () => {
  const admin = (await api.newPerson('admin')).client;
  const made: number[] = [];
  for (let n = 0; n < 2; n++) {
    const cabinet = await makeCabinet(api, admin);
    const doctor = await addMembre(api, cabinet.people.gerant.client, cabinet.id, 'medecin');
    const { id } = await makePatient(cabinet.people.medecin.client, { partage_cabinet: false });
    const { body } = await doctor.client.post(`/patients/${id}/bris-de-glace`, {
      motif: 'Malaise au cabinet',
    });
    made.push(body.id);
  }
  const [due, fresh] = made as [number, number];
  await api.database.owner.query(
    `UPDATE medical.bris_de_glace SET suivi_le = now() + CASE WHEN id = $1 THEN interval '-1 minute' ELSE interval '1 day' END`,
    [due],
  );
  await round();
  expect([await isKnown(due), await isKnown(fresh)]).toEqual(['RUNNING', null]);
  // A practice that cannot be looked at keeps nothing else from being done.
  await api.database.owner.query('ALTER TABLE medical.bris_de_glace RENAME TO ailleurs');
  await expect(round()).resolves.toEqual({ started: expect.any(Number) });
  await api.database.owner.query('ALTER TABLE medical.ailleurs RENAME TO bris_de_glace');
});
