import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeTechnicien, makeUser } from '../support/factories';
import { expectInvariants } from '../support/invariants';
import { bringTo } from '../support/life';
import { endWorkerConnections, holdRows } from '../support/locks';
import { type ProcessSystem, prepareSystem } from '../support/processes';
import { stockFaults } from '../support/stock';

/**
 * Two interventions wait for a part. One is given it while no worker runs. The other is given it by work that is called off,
 * and its worker is killed in the middle of writing down that it goes on: the notification needs the row of its
 * technicien, which the test holds.
 */

let system: ProcessSystem;
let client: Client;
beforeAll(async () => {
  system = await prepareSystem();
  client = await system.as(await makeUser(system.db));
  await system.startApi();
});
afterAll(() => system.close());

const statutOf = async (id: number) => (await client.get(`/interventions/${id}`)).body.statut;
const ended = async (id: number): Promise<string[]> =>
  (
    await system.db.query(
      `SELECT action FROM historique WHERE entite = 'intervention' AND entite_id = $1 AND action = 'reprise'`,
      [id],
    )
  ).map(({ action }: { action: string }) => action);

it('work that has its parts goes on once, whenever its worker dies', async () => {
  const { db } = system;
  const [bought, freed] = [await makePiece(db), await makePiece(db, { stock: 1 })];
  const begun = async () => {
    const technicien = await makeTechnicien(db);
    const equipementId = (await makeEquipement(db)).id;
    const given = { client, equipementId, technicienId: technicien.id, date: new Date() };
    return { id: await bringTo('en_cours', given), user: technicien.user };
  };
  const first = await system.startWorker();
  const [holder, one, other] = [await begun(), await begun(), await begun()];
  await client.post(`/interventions/${holder.id}/pieces`, [{ piece_id: freed.id, quantite: 1 }]);
  for (const [{ id }, piece] of [
    [one, bought],
    [other, freed],
  ] as const) {
    const pieces = [{ piece_id: piece.id, quantite: 1 }];
    const reply = await client.put(`/interventions/${id}/statut`, { statut: 'attente_pieces', pieces });
    expect(reply.body.statut).toBe('attente_pieces');
  }

  const held = await holdRows(system.owner, 'SELECT id FROM users WHERE id = ANY($1) FOR UPDATE', [
    [other.user.id],
  ]);
  const off = await client.put(`/interventions/${holder.id}/statut`, { statut: 'annulee', motif: 'Double.' });
  expect(off.status).toBe(200);
  await held.awaitedBy(1);
  await system.killWorker(first);
  await endWorkerConnections(system.owner);
  await held.release();
  const arrived = await client.post(`/pieces/${bought.id}/mouvements`, { type: 'entree', quantite: 1 });
  expect(arrived.status).toBe(201);
  expect([await statutOf(one.id), await statutOf(other.id)]).toEqual(['attente_pieces', 'attente_pieces']);

  await system.startWorker();
  for (const { id, user } of [one, other]) {
    await eventually(
      () => statutOf(id),
      (statut) => statut === 'en_cours',
    );
    expect(await ended(id)).toEqual(['reprise']);
    const told = await db.query(
      `SELECT id FROM notifications WHERE destinataire_id = $1 AND metadata->>'modele' = 'pieces_recues'`,
      [user.id],
    );
    expect(told).toHaveLength(1);
  }
  expect(await stockFaults(db)).toEqual([]);
  await expectInvariants(system);
});
