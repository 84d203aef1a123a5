import { Occupations1765300000000 } from '../../src/db/migrations/1765300000000-occupations';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeIntervention, makeTechnicien } from '../support/factories';

/** Visits of before, which held their time by themselves, in one stretch each. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function migrate(direction: 'up' | 'down'): Promise<void> {
  const runner = database.owner.createQueryRunner();
  try {
    // What later migrations look at it with.
    await runner.query('DROP SCHEMA IF EXISTS moteur CASCADE');
    await new Occupations1765300000000()[direction](runner);
  } finally {
    await runner.release();
  }
}

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR);

it('go on to hold it, as they were booked, and what is over holds none', async () => {
  const { db, owner } = database;
  const technicien = await makeTechnicien(db);
  const dates = [-60, -30, 1, 30].map(inHours);
  const statuts = ['realisee', 'en_cours', 'planifiee', 'annulee'];
  const ids: number[] = [];
  for (const _ of statuts) {
    ids.push((await makeIntervention(db, { technicien_id: technicien.id, statut: 'planifiee' })).id);
  }
  await migrate('down');
  for (const [index, statut] of statuts.entries()) {
    await owner.query(
      `INSERT INTO plannings (intervention_id, technicien_id, date_planifiee, duree_estimee, statut)
       VALUES ($1, $2, $3, 600, $4)`,
      [ids[index], technicien.id, dates[index], statut],
    );
  }
  await expect(
    owner.query(`UPDATE plannings SET date_planifiee = $1 WHERE statut = 'planifiee'`, [inHours(-25)]),
  ).rejects.toMatchObject({ constraint: 'plannings_sans_chevauchement' });
  await migrate('up');

  const rows = await owner.query(
    `SELECT o.ressource_id, o.debut, o.fin, o.exclusive, p.statut FROM occupations o
     JOIN plannings p ON p.id = o.planning_id ORDER BY o.debut`,
  );
  const of = (index: number, exclusive: boolean) => ({
    ressource_id: technicien.user.id,
    debut: dates[index],
    fin: new Date(dates[index]!.getTime() + 10 * HOUR),
    exclusive,
    statut: statuts[index],
  });
  expect(rows).toEqual([of(0, false), of(1, true), of(2, true)]);
  const visits = await owner.query(
    'SELECT date_planifiee, date_fin, segments, raisons_forcees FROM plannings ORDER BY date_planifiee',
  );
  for (const { date_planifiee, date_fin, segments } of visits) {
    expect(date_fin.getTime() - date_planifiee.getTime()).toBe(10 * HOUR);
    expect(
      segments.map(({ debut, fin }: { debut: string; fin: string }) => [new Date(debut), new Date(fin)]),
    ).toEqual([[date_planifiee, date_fin]]);
  }
  // Long work of before went through the night: nobody is told that it does.
  expect(visits.map(({ raisons_forcees }: { raisons_forcees: string[] }) => raisons_forcees)).toEqual([
    [],
    ['hors_horaires'],
    ['hors_horaires'],
    [],
  ]);
  await expect(
    owner.query(`UPDATE plannings SET date_planifiee = $1 WHERE statut = 'planifiee'`, [inHours(-25)]),
  ).rejects.toMatchObject({ constraint: 'occupations_sans_chevauchement' });
});

it('takes back what it made, however often', async () => {
  await migrate('down');
  await migrate('up');
  const intervention = await makeIntervention(database.db);
  expect(intervention.equipiers).toEqual([]);
});
