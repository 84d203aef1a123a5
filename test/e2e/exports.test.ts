import { randomUUID } from 'node:crypto';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { createSecrets } from '../../src/auth/secrets';
import { suivreExport, sweepExports } from '../../src/services/cabinet/export-etablissement';
import { addMembre, makeCabinet, makePatient, type TestCabinet } from '../support/cabinets';
import type { Client } from '../support/client';
import { type Door, openDoor } from '../support/door';
import { eventually } from '../support/eventually';
import { startTestSystem, type TestSystem } from '../support/system';

/** Copies of records, from asking for one until nothing of it is kept. */

let system: TestSystem;
let door: Door;
let cabinet: TestCabinet;
let doctor: Client;
beforeAll(async () => {
  door = await openDoor(process.env.TEST_S3_ENDPOINT!);
  system = await startTestSystem({ S3_ENDPOINT: door.url });
  await system.app.store.ensureBucket();
  cabinet = await makeCabinet(system, (await system.newPerson('admin')).client);
  doctor = cabinet.people.medecin.client;
});
afterAll(async () => {
  await system.close();
  await door.shut();
});

const WORD = 'Kanarienvogel';
const NOBODY = 2_147_480_000;
const ask = async (patientId: number, client = doctor): Promise<number> => {
  const { status, body, headers } = await client.post(`/patients/${patientId}/export`, {});
  expect([status, body.statut, headers.get('location')]).toEqual([
    202,
    'en_cours',
    `/api/v1/exports/${body.id}`,
  ]);
  return body.id;
};
const until = (id: number, statut: string, client = doctor) =>
  eventually(
    () => client.get(`/exports/${id}`),
    ({ body }) => body.statut !== 'en_cours',
  ).then((reply) => {
    expect(reply.body).toMatchObject({ statut, erreur: null });
    return reply;
  });
/** All that the engine keeps of an export, payloads decoded. */
async function toldToTheEngine(id: number): Promise<string> {
  const { address, namespace } = system.config.temporal;
  const connection = await Connection.connect({ address });
  try {
    const handle = new TemporalClient({ connection, namespace }).workflow.getHandle(`export-${id}`);
    const [history, description] = [await handle.fetchHistory(), await handle.describe()];
    const text = JSON.stringify([history, description.raw], (name, value) =>
      name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
    );
    // What it was started with, as an array of numbers, is told decoded.
    expect(text).toContain(`"data":"${id}"`);
    return text;
  } finally {
    await connection.close();
  }
}
const keys = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of system.app.store.list('exports/')) found.push(key);
  return found;
};
const rowOf = async (id: number) =>
  (await system.database.owner.query('SELECT * FROM medical.exports_dossier WHERE id = $1', [id]))[0];
const gone = (id: number) =>
  eventually(
    () => rowOf(id),
    (row) => row.date_effacement !== null,
  );
const tools = () => {
  const { medical, store } = system.app;
  return { medical, store, secrets: createSecrets(system.config.dataKeys) };
};

it('is made, handed over once to who asked for it, and gone', async () => {
  const { id: patientId } = await makePatient(doctor, {
    nom_naissance: WORD,
    date_naissance: '1962-03',
    profession: `${WORD} de mine`,
    identifiants: [{ type: 'ipp', valeur: '0042' }],
  });
  const id = await ask(patientId);
  const { body } = await until(id, 'pret');
  const three = Date.parse(body.date_expiration) - Date.parse(body.date_pret);
  expect([three, body.ressources.Patient, body.ressources.Organization]).toEqual([72 * 3_600_000, 1, 1]);

  // Where it lies it says nothing, and neither does what the engine was told.
  const [key] = (await keys()).filter((name) => name.includes(`/${id}/`));
  const sealed = await (await system.app.store.get(key!)).toArray();
  expect(Buffer.concat(sealed).toString('latin1')).not.toContain(WORD);
  expect(await toldToTheEngine(id)).not.toMatch(new RegExp(`${WORD}|${patientId}`));
  const colleague = await addMembre(system, cabinet.people.gerant.client, cabinet.id, 'medecin');
  for (const path of [`/exports/${id}`, `/exports/${id}/contenu`]) {
    expect([path, (await colleague.client.get(path)).status]).toEqual([path, 404]);
    expect([path, (await cabinet.people.secretaire.client.get(path)).status]).toEqual([path, 403]);
  }
  const head = await doctor.send('HEAD', `/exports/${id}/contenu`, {});
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/fhir+json']);

  const taken = await doctor.get(`/exports/${id}/contenu`);
  expect([taken.status, taken.headers.get('cache-control')]).toEqual([200, 'no-store']);
  const bundle = JSON.parse(taken.bytes.toString());
  expect([bundle.resourceType, bundle.type, bundle.entry.length]).toEqual([
    'Bundle',
    'collection',
    Object.values(body.ressources as Record<string, number>).reduce((sum, count) => sum + count),
  ]);
  const { resource } = bundle.entry[0];
  expect([resource.birthDate, resource.name[0].family, resource.identifier[0].value]).toEqual([
    '1962-03',
    WORD,
    '0042',
  ]);
  const again = await doctor.get(`/exports/${id}/contenu`);
  expect([again.status, again.body.code, again.body.statut]).toEqual([409, 'TRANSITION_INVALIDE', 'remis']);
  await gone(id);
  expect((await keys()).filter((name) => name.includes(`/${id}/`))).toEqual([]);
  expect(await rowOf(id)).toMatchObject({ statut: 'remis', contenu: null, cle_stockage: null });

  const log = await doctor.get(`/patients/${patientId}/acces?action=export`);
  expect(log.body.map(({ requete, categories }: Record<string, unknown>) => [requete, categories])).toEqual([
    ['GET /exports/:id/contenu', ['dossier']],
    ['GET /exports/:id/contenu', ['dossier']],
    ['POST /patients/:id/export', ['export']],
  ]);
});

it('holds as many of each kind as there are rows, asked of the tables by others than who made it', async () => {
  const { id: patientId } = await makePatient(doctor);
  for (let n = 0; n < 3; n++) await cabinet.people.secretaire.client.get(`/patients/${patientId}`);
  const id = await ask(patientId);
  const { body } = await until(id, 'pret');
  const [{ acces, auteurs }] = await system.database.owner.query(
    `SELECT count(*)::integer AS acces, count(DISTINCT user_id)::integer AS auteurs FROM medical.acces_dossier
     WHERE patient_id = $1 AND date <= $2`,
    [patientId, body.date_pret],
  );
  expect(body.ressources).toEqual({ Patient: 1, Organization: 1, AuditEvent: acces, Practitioner: auteurs });
});

it('is for a doctor who treats the patient: nobody else of the practice asks for one', async () => {
  const { secretaire, gerant, remplacant } = cabinet.people;
  const mine = await makePatient(doctor, { partage_cabinet: false });
  const desk = await makePatient(secretaire.client);
  const told = async (client: Client, patientId: number) => {
    const { status, body } = await client.post(`/patients/${patientId}/export`, {});
    return [status, body.code];
  };
  const colleague = (await addMembre(system, gerant.client, cabinet.id, 'medecin')).client;
  for (const { client } of [secretaire, gerant, remplacant]) {
    expect(await told(client, mine.id)).toEqual([403, 'INTERDIT']);
  }
  expect(await told(colleague, mine.id)).toEqual([403, 'DOSSIER_NON_PARTAGE']);
  // Shared, and treated by nobody.
  expect(await told(doctor, desk.id)).toEqual([403, 'INTERDIT']);
});

it('is asked for once under a key, and no more than ten wait for one doctor', async () => {
  const { client } = await addMembre(system, cabinet.people.gerant.client, cabinet.id, 'medecin');
  const { id: patientId } = await makePatient(client);
  const path = `/patients/${patientId}/export`;
  const key = { 'Idempotency-Key': randomUUID() };
  const [first, second] = [await client.post(path, {}, key), await client.post(path, {}, key)];
  expect([second.status, second.body.id, second.headers.get('idempotency-replayed')]).toEqual([
    202,
    first.body.id,
    'true',
  ]);
  const others = await Promise.all(Array.from({ length: 12 }, () => client.post(path, {})));
  const told = others.map(({ status, body }) => body.code ?? status).sort();
  expect(told).toEqual([
    ...Array.from({ length: 9 }, () => 202),
    ...Array.from({ length: 3 }, () => 'LIMITE_ATTEINTE'),
  ]);
});

it('is not made for who may not have it any more when it is', async () => {
  const { user, client } = await addMembre(system, cabinet.people.gerant.client, cabinet.id, 'medecin');
  const { id: patientId } = await makePatient(client);
  const { owner } = system.database;
  await door.shut();
  const id = await ask(patientId, client);
  await owner.query(
    `UPDATE medical.membres_cabinet SET date_fin = '2021-01-01' WHERE user_id = $1 AND cabinet_id = $2`,
    [user.id, cabinet.id],
  );
  await door.open();
  await gone(id);
  expect(await rowOf(id)).toMatchObject({ statut: 'echoue', erreur: 'droits', cle_stockage: null });
  expect((await client.get(`/exports/${id}/contenu`)).status).toBe(403);
});

it('waits while the store is away, and is there to be taken again when it could not be fetched', async () => {
  const { id: patientId } = await makePatient(doctor);
  const id = await ask(patientId);
  await until(id, 'pret');
  await door.shut();
  const { status, body } = await doctor.get(`/exports/${id}/contenu`);
  expect([status, body.code]).toEqual([503, 'SERVICE_INDISPONIBLE']);
  expect((await doctor.get(`/exports/${id}`)).body.statut).toBe('pret');
  const second = await ask(patientId);
  await door.open();
  await until(second, 'pret');
  expect((await doctor.get(`/exports/${id}/contenu`)).status).toBe(200);
});

it('fails, and says so, when it is not exactly what there is', async () => {
  const { id: patientId } = await makePatient(doctor);
  const { owner } = system.database;
  // A line of somebody whom there is not: the tables count one more than can be read.
  await owner.query(
    `ALTER TABLE medical.acces_dossier DISABLE TRIGGER ALL;
     UPDATE medical.acces_dossier SET user_id = ${NOBODY} WHERE patient_id = ${patientId};
     ALTER TABLE medical.acces_dossier ENABLE TRIGGER ALL`,
  );
  const id = await ask(patientId);
  await gone(id);
  expect(await rowOf(id)).toMatchObject({ statut: 'echoue', erreur: 'comptes', cle_stockage: null });
  const { body } = await doctor.get(`/exports/${id}/contenu`);
  expect([body.code, body.detail]).toEqual(['TRANSITION_INVALIDE', 'La copie n’a pas pu être établie']);
});

it('that nobody fetches is gone after its time, and so are objects of tries that were killed', async () => {
  const { id: patientId } = await makePatient(doctor);
  const id = await ask(patientId);
  await until(id, 'pret');
  const { store } = system.app;
  const orphan = `exports/${cabinet.id}/${id}/essai`;
  const lost = `exports/${cabinet.id}/999/essai`;
  for (const key of [orphan, lost]) await store.put(key, Buffer.from('x'), { contentType: 'text/plain' });
  const later = new Date(Date.now() + 73 * 3_600_000);
  const named = { cabinet_id: cabinet.id, id };
  expect(await suivreExport(tools(), named, { remis: false, now: new Date() })).toBeGreaterThan(
    70 * 3_600_000,
  );
  expect(await suivreExport(tools(), named, { remis: false, now: later })).toBeNull();
  expect(await rowOf(id)).toMatchObject({ statut: 'expire', contenu: null });
  const { body } = await doctor.get(`/exports/${id}/contenu`);
  expect(body.code).toBe('TRANSITION_INVALIDE');
  expect((await keys()).filter((key) => [orphan, lost].includes(key))).toEqual([lost]);
  expect(await sweepExports(tools(), later)).toBeGreaterThan(0);
  expect(await keys()).not.toContain(lost);
});
