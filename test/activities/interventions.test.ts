import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import type { DataSource } from 'typeorm';
import { interventionActivities } from '../../src/activities/interventions';
import type { Principal } from '../../src/auth/principal';
import { createSecrets } from '../../src/auth/secrets';
import { createDataSource } from '../../src/db/data-source';
import { sealOrdre } from '../../src/services/interventions/scelles';
import { People } from '../../src/threads/people';
import { testConfig } from '../support/api';
import { askedBy } from '../support/asked';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeAdmin, makeIntervention, makeTechnicien } from '../support/factories';
import { holdRows } from '../support/locks';

let database: TestDatabase;
let db: DataSource;
let principal: Principal;
const connection = Connection.lazy({ address: process.env.TEST_TEMPORAL_ADDRESS! });
beforeAll(async () => {
  database = await createTestDatabase();
  // Of a circle, the server gives up whoever looks for it first, and each looks once: the order has to look after the
  // circle is closed, however slow the machine is, and before the other one does.
  await database.owner.query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''5s''', current_database()); END $$`,
  );
  db = await createDataSource({ url: database.url }).initialize();
  ({ principal } = await makeAdmin(db));
});
afterAll(async () => {
  await connection.close();
  await db.destroy();
  await database.drop();
});

it('an order that was in the way of somebody who was in its own way is carried out once more', async () => {
  const secrets = createSecrets(testConfig(database.url).dataKeys);
  const { applyDemande } = interventionActivities({
    db,
    secrets,
    people: new People(),
    client: new Client({ connection }),
    taskQueue: 'essai',
    timeZone: 'Africa/Casablanca',
    logger: pino({ level: 'silent' }),
  });
  const technicien = await makeTechnicien(db);
  const { id } = await makeIntervention(db);
  const date_planifiee = '2031-02-04T09:00:00.000Z';
  const asked = askedBy(principal, { type: 'assignation', technicien_id: technicien.id, date_planifiee });

  // Somebody holds the intervention, and then wants the technicien whom the order holds: a circle, of which the order gives way.
  const held = await holdRows(database.owner, 'SELECT id FROM interventions WHERE id = $1 FOR UPDATE', [id]);
  const tried = jest.spyOn(db, 'transaction');
  const applied = applyDemande(id, sealOrdre(secrets, id, asked), Date.now());
  await held.awaitedBy(1, null);
  await held.change("SET deadlock_timeout = '1min'", []);
  await held.change('SELECT id FROM techniciens WHERE id = $1 FOR UPDATE', [technicien.id]);
  await held.commit();
  expect(await applied).toMatchObject({ statut: 'planifiee', technicienId: technicien.id });
  expect(tried).toHaveBeenCalledTimes(2);
});
