import { ServiceLevels1765400000000 } from '../../src/db/migrations/1765400000000-service-levels';
import { adopt } from '../../src/services/interventions/cycle/adopt';
import { escalate } from '../../src/services/interventions/cycle/escalade';
import { readEngagements } from '../../src/services/interventions/engagements';
import { createTestDatabase, migrateDown, migrateUp, type TestDatabase } from '../support/database';
import { type InventedTime, inventTime, ZONE } from '../support/invented-time';

/** Interventions of before there were levels of service: they go on as they were, by the delays of the house. */

let database: TestDatabase;
let time: InventedTime;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
});
afterAll(() => database.drop());

const at = (text: string) => Date.parse(`${text}Z`);

async function migrate(direction: 'up' | 'down'): Promise<void> {
  const runner = database.owner.createQueryRunner();
  try {
    await (direction === 'up' ? migrateUp : migrateDown)(runner, ServiceLevels1765400000000);
  } finally {
    await runner.release();
  }
}

async function resolutions(id: number, now: string) {
  const access = time.accessOnce();
  return database.db.transaction(async (tx) => {
    await access.confirm(tx);
    const found = await readEngagements(tx, access, id, ZONE, new Date(at(now)));
    return found.map(({ etape, etat, depasse }) => [etape, etat, depasse]);
  });
}

it('keep what was told by its name, and what was broken', async () => {
  // A haute from Monday 08:00 was due at 18:00; the technicien has been told. Another one was late as well, and was
  // reopened on Tuesday: what was broken then is none of its present target.
  const [monday, due] = ['2026-12-07T08:00', at('2026-12-07T18:00')];
  const late = await time.begin({ priorite: 'haute' }, at(monday));
  const reopened = await time.begin({ priorite: 'haute' }, at(monday));
  for (const id of [late, reopened]) {
    await database.db.transaction((tx) => adopt(tx, id, new Date(at(monday)), ZONE));
    await time.order(
      id,
      { type: 'modification', changements: { titre: 'Autre titre' } },
      at('2026-12-07T20:00'),
    );
  }
  await time.tellDue(late, at('2026-12-07T20:00'));
  await time.order(
    reopened,
    { type: 'statut', statut: 'terminee', rapport: 'Fait.' },
    at('2026-12-07T21:00'),
  );
  await time.order(reopened, { type: 'statut', statut: 'en_cours' }, at('2026-12-08T08:00'));
  const before = await time.rowOf(late);
  expect(before.escalades).toEqual([`resolution:1:${at(monday)}`]);

  await migrate('down');
  await migrate('up');

  const after = await time.rowOf(late);
  expect([after.escalades, after.echeances, after.politique, after.depassements]).toEqual([
    before.escalades,
    before.echeances,
    null,
    { resolution: due },
  ]);
  expect(await resolutions(late, '2026-12-08T09:00')).toEqual([['resolution', 'depasse', due]]);
  expect(await resolutions(reopened, '2026-12-08T09:00')).toEqual([['resolution', 'en_cours', null]]);
  // Its workflow asks for what it waits by: the responsable hears, the technicien not again.
  for (const { cle } of after.echeances) {
    await database.db.transaction((tx) => escalate(tx, late, cle, new Date(at('2026-12-08T18:00')), ZONE));
  }
  expect((await time.rowOf(late)).escalades).toEqual(
    [1, 2].map((niveau) => `resolution:${niveau}:${at(monday)}`),
  );
});
