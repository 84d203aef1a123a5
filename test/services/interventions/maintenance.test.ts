import { nextMaintenance } from '../../../src/domain/parc/equipements';
import { updateEquipement } from '../../../src/services/parc/equipements';
import { readStats } from '../../../src/services/pilotage/dashboard';
import { createRandom } from '../../../tools/lib/random';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeEquipement } from '../../support/factories';
import { type InventedTime, inventTime, ZONE } from '../../support/invented-time';

/** What the last maintenance of an equipment is, whatever is finished, undone and said of it, in any order. */

let database: TestDatabase;
let time: InventedTime;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-12-01T10:00:00Z');

const preventive = (equipement_id: number, now: number) =>
  time.begin({ equipement_id, type_intervention: 'preventive' }, now);
const finish = (id: number, now: number) =>
  time.order(id, { type: 'statut', statut: 'terminee', rapport: 'Entretien fait.' }, now);
const reopen = (id: number, now: number) => time.order(id, { type: 'statut', statut: 'en_cours' }, now);
const cancel = (id: number, now: number) =>
  time.order(id, { type: 'statut', statut: 'annulee', motif: 'Pas faite' }, now);
const say = (id: number, derniere_maintenance: string | null, now: number) =>
  database.db.transaction((tx) =>
    updateEquipement(tx, time.accessOnce(), time.actorAt(now), id, { derniere_maintenance }, null, ZONE),
  );
const iso = (date: Date | null) => date?.toISOString() ?? null;
const datesOf = async (id: number) => {
  const [row] = await database.db.query(
    'SELECT derniere_maintenance, prochaine_maintenance, date_installation, frequence_entretien FROM equipements WHERE id = $1',
    [id],
  );
  expect(iso(row.prochaine_maintenance)).toBe(iso(nextMaintenance(row, ZONE)));
  return { derniere: iso(row.derniere_maintenance), prochaine: iso(row.prochaine_maintenance) };
};
const lines = (id: number) =>
  database.db.query(
    `SELECT action, avant->>'derniere_maintenance' AS avant, apres->>'derniere_maintenance' AS apres FROM historique
     WHERE entite = 'equipement' AND entite_id = $1 AND action LIKE 'maintenance%' ORDER BY id`,
    [id],
  );
const overdue = async (now: number) =>
  (await readStats(database.db, time.accessOnce(), new Date(now), ZONE)).equipements.maintenance_due;

it('a maintenance that was finished, reopened and cancelled counts no more, and is due again', async () => {
  const said = new Date('2026-10-01T08:00:00Z');
  const { id } = await makeEquipement(database.db, { derniere_maintenance: said, frequence_entretien: 30 });
  const before = await datesOf(id);
  const due = await overdue(START);
  const work = await preventive(id, START);
  await finish(work, START + HOUR);
  const end = new Date(START + HOUR).toISOString();
  expect(await datesOf(id)).toEqual({ derniere: end, prochaine: '2026-12-31T11:00:00.000Z' });
  expect(await overdue(START)).toBe(due - 1);

  await reopen(work, START + 2 * HOUR);
  expect(await datesOf(id)).toEqual(before);
  await cancel(work, START + 3 * HOUR);
  expect(await datesOf(id)).toEqual(before);
  expect(await overdue(START)).toBe(due);
  expect(await lines(id)).toEqual([
    { action: 'maintenance', avant: said.toISOString(), apres: end },
    { action: 'maintenance_annulee', avant: end, apres: said.toISOString() },
  ]);
});

it('what was recorded by others, or said since, stays', async () => {
  const { id } = await makeEquipement(database.db, { frequence_entretien: 30 });
  const [first, second] = [await preventive(id, START), await preventive(id, START)];
  await finish(first, START + HOUR);
  await finish(second, START + DAY);
  await reopen(first, START + DAY + HOUR);
  expect((await datesOf(id)).derniere).toBe(new Date(START + DAY).toISOString());
  await say(id, '2026-11-20T00:00:00.000Z', START + 2 * DAY);
  await reopen(second, START + 3 * DAY);
  // A person has said what is right, earlier than both.
  expect((await datesOf(id)).derniere).toBe('2026-11-20T00:00:00.000Z');
  await finish(first, START + 4 * DAY);
  await reopen(first, START + 4 * DAY + HOUR);
  expect((await datesOf(id)).derniere).toBe('2026-11-20T00:00:00.000Z');
});

it('a form that is saved with the date it was shown says nothing', async () => {
  const { id } = await makeEquipement(database.db, { frequence_entretien: 30 });
  const work = await preventive(id, START);
  await finish(work, START + HOUR);
  await say(id, new Date(START + HOUR).toISOString(), START + 2 * HOUR);
  await reopen(work, START + 3 * HOUR);
  expect((await datesOf(id)).derniere).toBeNull();
});

it('corrective work is no maintenance', async () => {
  const { id } = await makeEquipement(database.db, { frequence_entretien: 30 });
  const work = await time.begin({ equipement_id: id }, START);
  await finish(work, START + HOUR);
  await reopen(work, START + 2 * HOUR);
  expect(await datesOf(id)).toEqual({ derniere: null, prochaine: null });
  expect(await lines(id)).toEqual([]);
});

it('several at one moment count each other, whichever is first', async () => {
  const { id } = await makeEquipement(database.db, { frequence_entretien: 30 });
  const works = await Promise.all(Array.from({ length: 6 }, () => preventive(id, START)));
  const end = (n: number) => START + (n + 1) * HOUR;
  // The later ends first in line, so that an earlier one comes after them.
  await Promise.all([...works.entries()].reverse().map(([n, work]) => finish(work, end(n))));
  expect((await datesOf(id)).derniere).toBe(new Date(end(5)).toISOString());
  await Promise.all(works.slice(2).map((work) => reopen(work, end(6))));
  expect((await datesOf(id)).derniere).toBe(new Date(end(1)).toISOString());
  await Promise.all([reopen(works[1]!, end(7)), finish(works[3]!, end(8)), reopen(works[0]!, end(9))]);
  expect((await datesOf(id)).derniere).toBe(new Date(end(8)).toISOString());
});

it('by property: the last thing recorded that still stands', async () => {
  const random = createRandom(20261201);
  for (let round = 0; round < 12; round++) {
    const { id } = await makeEquipement(database.db, { frequence_entretien: random.int(1, 90) });
    let now = START;
    const works = await Promise.all(Array.from({ length: 3 }, () => preventive(id, now)));
    const state = new Map(works.map((work) => [work, 'en_cours']));
    /** Everything that was ever recorded, the latest last; what is undone is struck out. */
    let recorded: { by: number | 'person'; value: string | null }[] = [];
    for (let step = 0; step < 20; step++) {
      now += random.int(1, 600) * 60_000;
      const shown = recorded.at(-1)?.value ?? null;
      const work = random.pick(works);
      const doing = random.pick(['say', 'move', 'move', 'move', 'move', 'cancel'] as const);
      if (doing === 'say') {
        const value = random.pick([null, new Date(now - random.int(0, 40) * DAY).toISOString()]);
        await say(id, value, now);
        if (value !== shown) recorded.push({ by: 'person', value });
      } else if (state.get(work) === 'terminee') {
        await reopen(work, now);
        state.set(work, 'en_cours');
        recorded = recorded.filter(({ by }) => by !== work);
      } else if (state.get(work) === 'en_cours' && doing === 'cancel' && random.int(0, 3) === 0) {
        await cancel(work, now);
        state.set(work, 'annulee');
      } else if (state.get(work) === 'en_cours') {
        await finish(work, now);
        state.set(work, 'terminee');
        recorded.push({ by: work, value: new Date(now).toISOString() });
      }
      expect([round, step, (await datesOf(id)).derniere]).toEqual([
        round,
        step,
        recorded.at(-1)?.value ?? null,
      ]);
    }
  }
});
