import { Connection, Client as TemporalClient } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import { suivreConsultation } from '../../src/services/cabinet/consultations-suivi';
import { People } from '../../src/threads/people';
import { startTestApi, type TestApi } from '../support/api';
import { makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import { note } from '../support/dossiers';
import { PASSWORD } from '../support/factories';
import { createNamespace } from '../support/namespace';

/** Drafts that nobody signs: who is told, once each, of a number and nothing else. */

let api: TestApi;
let cabinet: TestCabinet;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  api = await startTestApi();
  cabinet = await makeCabinet(api, (await api.newPerson('admin')).client);
  connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
  temporal = new TemporalClient({ connection, namespace: await createNamespace() });
});
afterAll(async () => {
  await connection.close();
  await api.close();
});

const HOUR = 3_600_000;

async function draft(): Promise<{ id: number; begun: number }> {
  const { client } = cabinet.people.medecin;
  const { id: patient_id } = await makePatient(client);
  const { body } = await client.post('/consultations', { patient_id, ...note('Kanarienvogel') });
  return { id: body.id, begun: Date.parse(body.date_creation) };
}

const after = (id: number, begun: number, hours: number) =>
  suivreConsultation(
    { db: api.db, medical: api.app.medical },
    cabinet.id,
    id,
    new Date(begun + hours * HOUR),
  ).then((next) => (next === null ? null : (next - begun) / HOUR));

/** Who was told of one, how often; never of anything but its number. */
async function told(id: number): Promise<Record<string, number>> {
  const rows: { destinataire_id: number; message: string; metadata: object }[] = await api.db.query(
    `SELECT destinataire_id, titre, message, metadata FROM notifications
     WHERE metadata->>'consultation_id' = $1 OR message LIKE '%' || $1 || '%'`,
    [String(id)],
  );
  expect(JSON.stringify(rows)).not.toContain('Kanarien');
  const { medecin, gerant } = cabinet.people;
  const count = (userId: number) => rows.filter(({ destinataire_id }) => destinataire_id === userId).length;
  return { medecin: count(medecin.user.id), gerant: count(gerant.user.id), all: rows.length };
}

it('is told of to its author after a day and after three, to who runs the practice after seven, and never twice', async () => {
  const { id, begun } = await draft();
  expect([await after(id, begun, 0), await told(id)]).toEqual([24, { medecin: 0, gerant: 0, all: 0 }]);
  for (let times = 0; times < 2; times++) {
    expect([await after(id, begun, 24), await told(id)]).toEqual([72, { medecin: 1, gerant: 0, all: 1 }]);
  }
  // Two at once, as after an engine that was given back.
  const both = await Promise.all([after(id, begun, 73), after(id, begun, 73)]);
  expect([both, await told(id)]).toEqual([[168, 168], { medecin: 2, gerant: 0, all: 2 }]);
  expect([await after(id, begun, 168), await told(id)]).toEqual([null, { medecin: 2, gerant: 1, all: 3 }]);
});

it('is told of once for all that was due while nobody was there, and of what is signed or given up to nobody', async () => {
  const late = await draft();
  expect(await after(late.id, late.begun, 200)).toBeNull();
  expect(await told(late.id)).toEqual({ medecin: 1, gerant: 1, all: 2 });
  const [signed, gone] = [await draft(), await draft()];
  const { client } = cabinet.people.medecin;
  await client.post(`/consultations/${signed.id}/signature`, { mot_de_passe: PASSWORD });
  await client.patch(`/consultations/${gone.id}`, { statut: 'abandonnee' }, { 'If-Match': '"1"' });
  for (const { id, begun } of [signed, gone]) {
    expect([await after(id, begun, 200), await told(id)]).toEqual([null, { medecin: 0, gerant: 0, all: 0 }]);
  }
});

it('is found again by an engine that has lost everything, once something of it is long due', async () => {
  const [due, fresh] = [await draft(), await draft()];
  await api.database.owner.query(
    `UPDATE medical.consultations SET suivi_le = now() - interval '1 minute' WHERE id = $1`,
    [due.id],
  );
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
  await round();
  const statusOf = (id: number) =>
    temporal.workflow
      .getHandle(`consultation-${id}`)
      .describe()
      .then(
        ({ status }) => status.name,
        () => null,
      );
  expect([await statusOf(due.id), await statusOf(fresh.id)]).toEqual(['RUNNING', null]);
});
