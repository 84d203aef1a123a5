import type { User } from '../../src/db/identite/users';
import type { Role } from '../../src/domain/roles';
import { makeCabinet, makePatient } from '../support/cabinets';
import { makeUser } from '../support/factories';
import { holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/** A merge of two patients whose process is killed in the middle of it: there is nothing of it, and it is done when asked again. */

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

async function everything(): Promise<Record<string, unknown>> {
  const rows: Record<string, unknown> = {};
  for (const table of [
    'patients',
    'identifiants_patient',
    'fusions',
    'historique_patient',
    'acces_dossier',
  ]) {
    rows[table] = await system.owner.query(`SELECT * FROM medical.${table} ORDER BY 1`);
  }
  return rows;
}

it('is whole or nothing, whether it was merging or separating', async () => {
  let api = await system.startApi();
  const cabinet = await makeCabinet({ newPerson }, (await newPerson('admin')).client);
  const { client } = cabinet.people.medecin;
  const gerant = cabinet.people.gerant.client;
  const numbered = (valeur: string) => makePatient(client, { identifiants: [{ type: 'cin', valeur }] });
  const [kept, double] = [await numbered('A'), await numbered('B')];
  const ids = async (id: number) => (await client.get(`/patients/${id}`)).body.identifiants.length;

  /** Kills the process while it waits for a row that it is about to move: what it wrote before is in its transaction. */
  const killedAt = async (owner: number, ask: () => Promise<unknown>) => {
    const before = await everything();
    const held = await holdRows(
      system.owner,
      'SELECT id FROM medical.identifiants_patient WHERE patient_id = $1 FOR UPDATE',
      [owner],
    );
    const asked = ask().catch(() => 'gone');
    await held.awaitedBy(1, null);
    await kill9(api);
    await asked;
    await held.release();
    api = await system.startApi();
    expect(await everything()).toEqual(before);
  };

  const merge = () =>
    gerant.post(`/patients/${kept.id}/fusion`, { avec: double.id }, { 'Idempotency-Key': 'une' });
  await killedAt(double.id, merge);
  const { status, body } = await merge();
  expect([status, await ids(kept.id), await ids(double.id)]).toEqual([201, 2, 0]);
  const undo = () => gerant.post(`/fusions/${body.id}/annuler`, undefined, { 'Idempotency-Key': 'deux' });
  await killedAt(kept.id, undo);
  expect([(await undo()).status, await ids(kept.id), await ids(double.id)]).toEqual([200, 1, 1]);
});
