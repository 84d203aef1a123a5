import { Connection, Client as TemporalClient } from '@temporalio/client';
import { makeIntervenant } from '../support/factories';
import { type Radicale, startRadicale } from '../support/radicale';
import { anotherRound } from '../support/rounds';
import { eventually, startTestSystem, type TestSystem } from '../support/system';

/** Calendars that are kept elsewhere, with everything running: the engine begins each round. */

let radicale: Radicale;
let system: TestSystem;
let connection: Connection;

beforeAll(async () => {
  radicale = await startRadicale();
  system = await startTestSystem({
    WEBHOOKS_RESEAUX_PRIVES: 'on',
    WEBHOOKS_CA: radicale.certificate.cert,
  });
  connection = await Connection.connect({ address: system.config.temporal.address });
});
afterAll(async () => {
  await connection?.close();
  await system?.close();
  await radicale?.stop();
});

it('are read by rounds that the engine begins, each in a thread of the worker', async () => {
  const { namespace, taskQueue } = system.config.temporal;
  const { client } = await system.newPerson('admin');
  const owner = await makeIntervenant(system.db);
  const url = await radicale.calendar();
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  await radicale.put(
    url,
    'a.ics',
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260901T000000Z\r\nDTSTART:${day}T090000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  );
  const { utilisateur, mot_de_passe } = radicale;
  const made = await client.post('/agendas-externes', {
    intervenant_id: owner.id,
    nom: 'Perso',
    genre: 'caldav',
    url,
    utilisateur,
    mot_de_passe,
  });
  expect(made.status).toBe(201);
  const { schedule } = new TemporalClient({ connection, namespace });
  await anotherRound(schedule.getHandle(`agendas-${taskQueue}`));
  const read = await eventually(
    async () => (await client.get(`/agendas-externes/${made.body.id}`)).body,
    ({ rafraichi_le }) => rafraichi_le !== null,
  );
  expect(read.erreur).toBeNull();
  expect(await system.db.query('SELECT 1 FROM occupations_externes')).toHaveLength(1);
});
