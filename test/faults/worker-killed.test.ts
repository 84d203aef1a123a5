import type { User } from '../../src/db/identite/users';
import type { Client, Reply } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo } from '../support/life';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';

/**
 * Level 2 of an overdue assignment tells the responsable of the site, level 3 the admins; both come due at
 * once. An assignment tells the technicien. Notifications need the rows of those they are for, which the test
 * holds: so the worker stands still in the middle of each while it is killed.
 */

interface Overdue {
  id: number;
  responsable: User;
}

let system: ProcessSystem;
let chef: User;
let admin: User;
let client: Client;
/** Stood still within level 2. */
let uncommitted: Overdue;
/** Stood still within level 3; its level 2 was committed, which the engine did not know yet. */
let committed: Overdue;
/** Stood still within its assignment. */
let ordered: number;
let assign: () => Promise<Reply>;
let answer: Reply;

/** An intervention of a site of its own whose assignment has long been due. */
async function overdue(): Promise<Overdue> {
  const { db } = system;
  const site = await makeSite(db);
  const responsable = await makeUser(db, { role: 'responsable', sites: [site.id] });
  const equipementId = (await makeEquipement(db, { site_id: site.id })).id;
  const id = await bringTo('ouverte', { client, equipementId });
  // As one that was started from a row of old: its workflow has to be told to look at it.
  await db.query(
    `UPDATE interventions SET arme_le = arme_le - interval '30 days', date_creation = date_creation - interval '30 days',
       workflow_demarre = false WHERE id = $1`,
    [id],
  );
  return { id, responsable };
}

async function levelsTold(id: number): Promise<number[]> {
  const rows: { niveau: number }[] = await system.db.query(
    `SELECT (apres->>'niveau')::integer AS niveau FROM historique
     WHERE entite = 'intervention' AND entite_id = $1 AND action = 'escalade' ORDER BY numero_evenement`,
    [id],
  );
  return rows.map(({ niveau }) => niveau);
}

/** Who has been told of an intervention, in the order in which they were. */
async function told(id: number): Promise<number[]> {
  const rows: { destinataire_id: number }[] = await system.db.query(
    `SELECT destinataire_id FROM notifications WHERE (metadata->>'intervention_id')::integer = $1
     ORDER BY id, destinataire_id`,
    [id],
  );
  return rows.map(({ destinataire_id }) => destinataire_id);
}

beforeAll(async () => {
  system = await prepareSystem();
  const { db } = system;
  chef = await makeUser(db);
  admin = await makeUser(db);
  client = await system.as(chef);
  await system.startApi();
  uncommitted = await overdue();
  committed = await overdue();
  ordered = await bringTo('ouverte', { client, equipementId: (await makeEquipement(db)).id });
  const technicien = await makeTechnicien(db);
  assign = () =>
    client.put(
      `/interventions/${ordered}/assign`,
      { technicien_id: technicien.id },
      { 'Idempotency-Key': 'affectation' },
    );

  const held = await holdRows(system.owner, 'SELECT id FROM users WHERE id = ANY($1) FOR UPDATE', [
    [uncommitted.responsable.id, admin.id, technicien.user.id],
  ]);
  const first = await system.startWorker();
  await held.awaitedBy(2);
  const answering = assign();
  await held.awaitedBy(3);
  expect(await levelsTold(uncommitted.id)).toEqual([]);
  expect(await levelsTold(committed.id)).toEqual([2]);
  await system.killWorker(first);
  await endWorkerConnections(system.owner);
  await held.release();
  expect(await levelsTold(uncommitted.id)).toEqual([]);

  await system.startWorker();
  answer = await answering;
});
afterAll(() => system.close());

describe('kill -9 of the worker', () => {
  it.each([
    ['tells a level whose transaction was under way', () => uncommitted],
    ['does not tell again a level whose transaction was committed', () => committed],
  ])('%s', async (_, given) => {
    const { id, responsable } = given();
    await eventually(
      () => levelsTold(id),
      (levels) => levels.length >= 2,
    );
    await expectInvariants(system);
    expect(await levelsTold(id)).toEqual([2, 3]);
    expect(await told(id)).toEqual([responsable.id, chef.id, admin.id]);
  });

  it('makes the assignment that was under way once, however often it is asked for', async () => {
    expect([200, 503]).toContain(answer.status);
    await eventually(assign, ({ status }) => status === 200);
    await expectInvariants(system);
    const { body } = await client.get(`/interventions/${ordered}/historique`);
    expect(body.map(({ action }: { action: string }) => action)).toEqual(['creation', 'assignation']);
  });
});
