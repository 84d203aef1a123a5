import type { WorkflowHandle } from '@temporalio/client';
import { DELAI, DELAI_CRITIQUE } from '../../src/domain/cabinet/examens';
import { type GivenExamen, type RowsOfPractice, rowOfExamen, rowsOfPractice } from '../support/examens';
import { type SkippingSystem, startSkippingSystem } from '../support/time-skipping';

/** Examens on the server that skips time: who is told by itself, when, and when nobody is any more. */

let system: SkippingSystem;
let practice: RowsOfPractice;
beforeAll(async () => {
  system = await startSkippingSystem();
});
beforeEach(async () => {
  practice = await rowsOfPractice(system.database);
});
afterAll(() => system.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function begin(given: (now: number) => GivenExamen) {
  const now = (await system.now()).getTime();
  const id = await rowOfExamen(system.database, practice, given(now));
  return { id, handle: await system.followExamen(id) };
}

/** Who was told what of it, in the order in which they were. */
const told = async (id: number): Promise<[string, string][]> => {
  const rows: { modele: string; destinataire_id: number; message: string }[] = await system.db.query(
    `SELECT metadata ->> 'modele' AS modele, destinataire_id, message FROM notifications
     WHERE (metadata ->> 'examen_id')::integer = $1 ORDER BY id`,
    [id],
  );
  const names = new Map(Object.entries(practice.people).map(([name, user]) => [user, name]));
  for (const { message } of rows) expect(message).not.toMatch(/Benali|Samira/);
  return rows.map(({ modele, destinataire_id }) => [modele, names.get(destinataire_id) ?? 'somebody else']);
};

const set = (id: number, change: string) =>
  system.database.owner.query(`UPDATE medical.examens SET ${change}, version = version + 1 WHERE id = $1`, [
    id,
  ]);
const decided = (id: number) =>
  set(
    id,
    `statut = 'vu', vu_le = now(), vu_par = ${practice.people.medecin}, decision = '\\x00', suivi_le = NULL`,
  );
const isRunning = async (handle: WorkflowHandle) => (await handle.describe()).status.name === 'RUNNING';

it.each([
  [false, DELAI, 'examen_a_voir'],
  [true, DELAI_CRITIQUE, 'examen_critique_a_voir'],
] as const)(
  'tells of what came and nobody saw its author, who stands in, and who runs the practice, in turn and once (critical: %s)',
  async (critique, delai, modele) => {
    const { id, handle } = await begin((now) => ({ statut: 'recu', critique, recu: new Date(now) }));
    await system.pass(delai - MINUTE);
    expect(await told(id)).toEqual([]);
    await system.pass(2 * MINUTE);
    expect(await told(id)).toEqual([[modele, 'medecin']]);
    await system.pass(delai);
    await system.pass(delai);
    const all = [
      [modele, 'medecin'],
      [modele, 'remplacant'],
      [modele, 'gerant'],
    ];
    expect(await told(id)).toEqual(all);
    await system.pass(10 * delai);
    expect(await told(id)).toEqual(all);
    // It ends only with a decision.
    expect(await isRunning(handle)).toBe(true);
    await decided(id);
    await system.followExamen(id);
    await handle.result();
  },
);

it('tells the doctor once that it has not come by its day, and nobody of what came in time', async () => {
  const late = await begin((now) => ({ statut: 'attendu', attendu: new Date(now + 20 * HOUR) }));
  const came = await begin((now) => ({ statut: 'attendu', attendu: new Date(now + 20 * HOUR) }));
  await system.pass(10 * HOUR);
  const now = await system.now();
  await set(came.id, `statut = 'recu', numero = 1, recu_le = '${now.toISOString()}'`);
  await system.followExamen(came.id);
  await system.pass(11 * HOUR);
  expect(await told(late.id)).toEqual([['examen_en_retard', 'medecin']]);
  expect(await told(came.id)).toEqual([]);
  await system.pass(1_000 * HOUR);
  expect(await told(late.id)).toEqual([['examen_en_retard', 'medecin']]);
  expect(await isRunning(late.handle)).toBe(true);
  // Both first: whoever waits for an end has the server skip to it, also past whatever waits for nothing but people.
  for (const { id } of [late, came]) {
    await decided(id);
    await system.followExamen(id);
  }
  await Promise.all([late, came].map(({ handle }) => handle.result()));
});

it('tells nobody any more once somebody has decided, whether or not the workflow was told', async () => {
  const { id, handle } = await begin((now) => ({ statut: 'recu', recu: new Date(now) }));
  await system.pass(HOUR);
  await decided(id);
  await system.pass(DELAI);
  await handle.result();
  expect(await told(id)).toEqual([]);
});

it('goes on to the next at once where there is nobody of one kind, and to every doctor where the author has left', async () => {
  await system.database.owner.query(
    `UPDATE medical.membres_cabinet SET date_fin = '2021-01-01' WHERE cabinet_id = $1 AND fonction = 'remplacant'`,
    [practice.id],
  );
  const { id } = await begin((now) => ({ statut: 'recu', recu: new Date(now) }));
  await system.pass(2 * DELAI + MINUTE);
  expect(await told(id)).toEqual([
    ['examen_a_voir', 'medecin'],
    ['examen_a_voir', 'gerant'],
  ]);
  const left = await begin((now) => ({
    statut: 'recu',
    recu: new Date(now),
    auteur_id: practice.people.remplacant,
  }));
  const nobodys = await begin((now) => ({
    statut: 'recu',
    recu: new Date(now),
    patient_id: null,
    auteur_id: null,
  }));
  await system.pass(DELAI + MINUTE);
  expect(await told(left.id)).toEqual([['examen_a_voir', 'medecin']]);
  expect(await told(nobodys.id)).toEqual([['examen_a_voir', 'medecin']]);
  for (const one of [id, left.id, nobodys.id]) {
    await decided(one);
    await system.followExamen(one);
  }
});

it('tells the engine ids and what is waited for, and nothing else', async () => {
  const { id, handle } = await begin((now) => ({ statut: 'recu', critique: true, recu: new Date(now) }));
  await system.pass(DELAI_CRITIQUE + MINUTE);
  await decided(id);
  await system.followExamen(id);
  await handle.result();
  const history = JSON.stringify(await handle.fetchHistory());
  for (const payload of history.matchAll(/"data":"([^"]*)"/g)) {
    expect(Buffer.from(payload[1]!, 'base64').toString()).not.toMatch(/Benali|Samira|Casablanca/);
  }
  expect(history).not.toMatch(/Benali|Samira/);
});
