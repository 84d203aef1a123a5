import { LocalTime1764600000000 } from '../../src/db/migrations/1764600000000-local-time';
import type { Echeance } from '../../src/domain/interventions/escalade';
import { escalate } from '../../src/services/interventions/cycle/escalade';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeIntervention, makeTechnicien, makeUser } from '../support/factories';

/** Rows of version 0.1.0, which remembered what it had told by the deadline that had passed. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const HOUR = 3_600_000;
const ZONE = 'Africa/Casablanca';
const now = new Date('2026-12-04T12:00:00Z');
const ago = (hours: number) => new Date(now.getTime() - hours * HOUR);

async function migrate(direction: 'up' | 'down'): Promise<void> {
  const runner = database.owner.createQueryRunner();
  try {
    await new LocalTime1764600000000()[direction](runner);
  } finally {
    await runner.release();
  }
}

const tell = (id: number, cle: string) => database.db.transaction((tx) => escalate(tx, id, cle, now, ZONE));
const keysOf = async (id: number): Promise<string[]> =>
  (await database.db.query('SELECT escalades FROM interventions WHERE id = $1', [id]))[0].escalades;
const told = (id: number) =>
  database.db.query(`SELECT apres->>'etape' AS etape, apres->>'niveau' AS niveau FROM historique
    WHERE entite = 'intervention' AND entite_id = ${id} AND action = 'escalade' ORDER BY id`);

it('what was told before is known after the migration, and only the rest is told', async () => {
  const { db, owner } = database;
  const technicien = await makeTechnicien(db);
  await makeUser(db, { role: 'responsable' });
  const ouverte = await makeIntervention(db, {
    priorite: 'critique',
    arme_le: ago(10),
    date_limite: ago(6),
    date_creation: ago(30),
  });
  const planifiee = await makeIntervention(db, {
    priorite: 'critique',
    statut: 'planifiee',
    technicien_id: technicien.id,
    arme_le: ago(10),
    date_limite: ago(1),
  });
  await db.query(
    `INSERT INTO plannings (intervention_id, technicien_id, date_planifiee, duree_estimee) VALUES ($1, $2, $3, 60)`,
    [planifiee.id, technicien.id, ago(3)],
  );
  const old = (etape: string, niveau: number, deadline: Date | number) =>
    `${etape}:${niveau}:${Number(deadline)}`;
  const QUARTER = HOUR / 4;
  const before: [number, string[]][] = [
    [
      ouverte.id,
      [
        // Of the wait before it was armed anew, and of a deadline that has been changed since: no matter any more.
        old('affectation', 2, ago(20)),
        old('resolution', 2, ago(12)),
        old('affectation', 2, ago(10).getTime() + QUARTER),
        old('resolution', 2, ago(6)),
        'pieces:1764000000000:1',
      ],
    ],
    [planifiee.id, [old('affectation', 2, ago(8)), old('demarrage', 1, ago(3).getTime() + QUARTER)]],
  ];
  await migrate('down');
  for (const [id, escalades] of before)
    await owner.query('UPDATE interventions SET escalades = $2 WHERE id = $1', [id, escalades]);
  await migrate('up');

  const stamp = ago(30).getTime();
  expect((await keysOf(ouverte.id)).slice(2)).toEqual([
    `affectation:2:${ago(10).getTime()}`,
    `resolution:2:${stamp}`,
    'pieces:1764000000000:1',
  ]);

  for (const { id } of [ouverte, planifiee]) {
    // As its workflow does, which still waits by the old name: it is told how things stand, and goes on from there.
    let situation = await tell(id, old('affectation', 3, ago(9)));
    const due = (echeances: Echeance[]) => echeances.filter(({ date }) => date <= now.getTime());
    while (due(situation!.echeances).length > 0) situation = await tell(id, situation!.echeances[0]!.cle);
  }
  expect(await told(ouverte.id)).toEqual([
    { etape: 'affectation', niveau: '3' },
    { etape: 'resolution', niveau: '3' },
  ]);
  expect(await told(planifiee.id)).toEqual([
    { etape: 'demarrage', niveau: '2' },
    { etape: 'demarrage', niveau: '3' },
    { etape: 'resolution', niveau: '1' },
  ]);
});
