import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecrets } from '../../src/auth/secrets';
import { createDataSource } from '../../src/db/data-source';
import type { User } from '../../src/db/identite/users';
import type { Role } from '../../src/domain/roles';
import { verifyEcrits } from '../../src/services/cabinet/ecrits-verification';
import { testConfig } from '../support/api';
import { makeCabinet, makePatient } from '../support/cabinets';
import { makePrescripteur, ordonnance, sign } from '../support/ecrits';
import { makeUser } from '../support/factories';
import { holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/** A signature whose process is killed: what was signed is whole or still a draft, and is signed once when it is asked again. */

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

it('is signed or a draft, never half of it, wherever it is stopped, and once in the end', async () => {
  let api = await system.startApi();
  const cabinet = await makeCabinet({ newPerson }, (await newPerson('admin')).client);
  const { client } = await makePrescripteur(cabinet);
  const { id: patient } = await makePatient(client);
  const draft = async (): Promise<number> => (await client.post('/ordonnances', ordonnance(patient))).body.id;
  const row = async (id: number) => {
    const [found] = await system.owner.query(
      `SELECT statut, pdf IS NOT NULL AS document, signature IS NOT NULL AS signature, version FROM medical.ecrits WHERE id = $1`,
      [id],
    );
    return found;
  };
  const asked = (id: number) =>
    sign(client, 'ordonnances', id, {}, { 'Idempotency-Key': `signature ${id}`.replace(' ', '-') });
  const DRAFT = { statut: 'brouillon', document: false, signature: false, version: 1 };
  const SIGNED = { statut: 'signee', document: true, signature: true, version: 2 };

  /** Kills the process while it waits for this. */
  const killedAt = async (id: number, statement: string, values: unknown[]) => {
    const held = await holdRows(system.owner, statement, values);
    const reply = asked(id).catch(() => 'gone');
    await held.awaitedBy(1, null);
    await kill9(api);
    await reply;
    await held.release();
    api = await system.startApi();
    expect(await row(id)).toEqual(DRAFT);
  };
  // Before it writes anything, and once it has written all but who was shown it.
  const ids = [await draft(), await draft()];
  await killedAt(ids[0]!, 'SELECT id FROM medical.ecrits WHERE id = $1 FOR UPDATE', [ids[0]]);
  await killedAt(ids[1]!, 'LOCK TABLE medical.acces_dossier IN SHARE MODE', []);
  // And at any moment.
  for (const delay of [30, 120, 250, 400]) {
    const id = await draft();
    ids.push(id);
    const reply = asked(id).catch(() => 'gone');
    await sleep(delay);
    await kill9(api);
    await reply;
    api = await system.startApi();
    expect([DRAFT, SIGNED]).toContainEqual(await row(id));
  }
  for (const id of ids) {
    const first = await asked(id);
    const again = await asked(id);
    expect([first.status, again.status, await row(id)]).toEqual([200, 200, SIGNED]);
    const { bytes } = await client.get(`/ordonnances/${id}/pdf`);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(first.body.empreinte);
    expect(again.body).toEqual(first.body);
  }
  const config = testConfig((system.db.options as { url: string }).url);
  const medical = await createDataSource({ url: config.databaseMedicalUrl, medical: true }).initialize();
  const faults: unknown[] = [];
  const { signes } = await verifyEcrits(medical, createSecrets(config.dataKeys), (fault) =>
    faults.push(fault),
  );
  await medical.destroy();
  expect([signes, faults]).toEqual([ids.length, []]);
});
