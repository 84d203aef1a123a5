import type { User } from '../../src/db/identite/users';
import type { Role } from '../../src/domain/roles';
import { makeCabinet, makePatient } from '../support/cabinets';
import { note } from '../support/dossiers';
import { makeUser, PASSWORD } from '../support/factories';
import { holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/** A signature whose process is killed in the middle of it: there is nothing of it, and it is given once when asked again. */

let system: ProcessSystem;
beforeAll(async () => {
  system = await prepareSystem();
});
afterAll(() => system.close());

const newPerson = async (
  role: Role,
): Promise<{ user: User; client: Awaited<ReturnType<typeof system.as>> }> => {
  const user = await makeUser(system.db, { role });
  return { user, client: await system.as(user) };
};

async function everything(): Promise<unknown[]> {
  const tables = [
    'consultations',
    'actes_consultation',
    'actes_chaines',
    'acces_dossier',
    'elements_dossier',
  ];
  return Promise.all(
    tables.map((table) => system.owner.query(`SELECT * FROM medical.${table} t ORDER BY t::text`)),
  );
}

it('is whole or not there, wherever it is killed, and never there twice', async () => {
  let api = await system.startApi();
  const cabinet = await makeCabinet({ newPerson }, (await newPerson('admin')).client);
  const { client } = cabinet.people.medecin;
  const { id: patient_id } = await makePatient(client);
  // So that the practice has a chain, of which the head is waited for.
  const sign = (id: number, key: string) =>
    client.post(`/consultations/${id}/signature`, { mot_de_passe: PASSWORD }, { 'Idempotency-Key': key });
  const begin = async () =>
    (await client.post('/consultations', { patient_id, ...note('Samira') })).body.id as number;
  expect((await sign(await begin(), 'avant')).status).toBe(201);

  const id = await begin();
  await client.post(`/patients/${patient_id}/constantes`, { type: 'poids', valeur: 71, consultation_id: id });
  const killedAt = async (rows: string, values: unknown[]) => {
    const before = await everything();
    const held = await holdRows(system.owner, `${rows} FOR UPDATE`, values);
    const asked = sign(id, 'une').catch(() => 'gone');
    await held.awaitedBy(1, null);
    await kill9(api);
    await asked;
    await held.release();
    api = await system.startApi();
    expect(await everything()).toEqual(before);
  };
  // Before the act is chained, and once it is but the consultation is not signed yet.
  await killedAt('SELECT rang FROM medical.actes_chaines WHERE cabinet_id = $1', [cabinet.id]);
  await killedAt('SELECT id FROM medical.consultations WHERE id = $1', [id]);

  const signed = await sign(id, 'une');
  // What was answered was lost on its way: asked again under its key it is told again.
  await kill9(api);
  api = await system.startApi();
  const again = await sign(id, 'une');
  expect([signed.status, again.status, again.body]).toEqual([201, 201, signed.body]);
  expect(again.body).toMatchObject({ statut: 'signee', constantes: [{ valeur: 71 }] });
  const acts = await system.owner.query(
    `SELECT consultation_id FROM medical.actes_consultation WHERE consultation_id = $1`,
    [id],
  );
  expect(acts).toHaveLength(1);
});
