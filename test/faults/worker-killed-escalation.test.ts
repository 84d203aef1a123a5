import type { User } from '../../src/db/users';
import { eventually } from '../support/eventually';
import { makeEquipement, makeSite, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { endWorkerConnections, holdRows } from '../support/locks';
import { kill9, type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Level 2 of an overdue assignment tells the responsable of the site, level 3 the admins; both come due at once.
 * Inserting their notifications needs their rows, which the test holds: so the worker stands still in the
 * middle of one level or the other while it is killed.
 */

let system: ProcessSystem;
let admin: User;
beforeAll(async () => {
  system = await prepareSystem();
  admin = await makeUser(system.db);
  await system.startApi();
}, 60_000);
afterAll(() => system.close());

/** An intervention of a site of its own whose assignment has long been due, and the responsable of that site. */
async function overdue(): Promise<{ id: number; responsable: User }> {
  const { db } = system;
  const site = await makeSite(db);
  const responsable = await makeUser(db, { role: 'responsable', sites: [site.id] });
  const equipement = await makeEquipement(db, { site_id: site.id });
  const created = await (await system.as(admin)).post('/interventions/', {
    titre: 'Presse arrêtée',
    description: 'La presse ne démarre plus depuis ce matin',
    type_intervention: 'corrective',
    priorite: 'critique',
    equipement_id: equipement.id,
  });
  expect(created.status).toBe(201);
  await db.query(`UPDATE interventions SET arme_le = arme_le - interval '1 hour' WHERE id = $1`, [
    created.body.id,
  ]);
  return { id: created.body.id, responsable };
}

async function levelsTold(id: number): Promise<number[]> {
  const rows: { niveau: number }[] = await system.db.query(
    `SELECT (apres->>'niveau')::integer AS niveau FROM historique
     WHERE entite = 'intervention' AND entite_id = $1 AND action = 'escalade' ORDER BY numero_evenement`,
    [id],
  );
  return rows.map(({ niveau }) => niveau);
}

it('tells each level once when the worker is killed before and after the commit of one', async () => {
  const uncommitted = await overdue();
  const committed = await overdue();
  const hold = 'SELECT id FROM users WHERE id = ANY($1) FOR UPDATE';
  const held = await holdRows(system.db, hold, [[uncommitted.responsable.id, admin.id]]);

  const first = await system.startWorker();
  // One waits within level 2; of the other level 2 is committed, which the engine does not know yet.
  await held.awaitedBy(2);
  expect(await levelsTold(uncommitted.id)).toEqual([]);
  expect(await levelsTold(committed.id)).toEqual([2]);
  await kill9(first);
  await endWorkerConnections(system.db);
  await held.release();
  expect(await levelsTold(uncommitted.id)).toEqual([]);

  await system.startWorker();
  for (const { id } of [uncommitted, committed]) {
    await eventually(
      () => levelsTold(id),
      (levels) => levels.length >= 2,
      30_000,
    );
    expect(await levelsTold(id)).toEqual([2, 3]);
  }
  await expectInvariants(system);
  for (const { id, responsable } of [uncommitted, committed]) {
    const told = await system.db.query(
      `SELECT destinataire_id FROM notifications WHERE (metadata->>'intervention_id')::integer = $1 ORDER BY id`,
      [id],
    );
    expect(told).toEqual([{ destinataire_id: responsable.id }, { destinataire_id: admin.id }]);
  }
}, 90_000);
