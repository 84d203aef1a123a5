import { Connection, Client as TemporalClient } from '@temporalio/client';
import type { User } from '../../src/db/identite/users';
import type { Piece } from '../../src/db/stock/pieces';
import type { Priorite } from '../../src/domain/priorites';
import type { Client } from '../support/client';
import { eventually } from '../support/eventually';
import { makeEquipement, makePiece, makeSite, makeTechnicien, makeUser } from '../support/factories';
import { bringTo } from '../support/life';
import { anotherRound } from '../support/rounds';
import { stockFaults } from '../support/stock';
import { startTestSystem, type TestSystem } from '../support/system';

/** What waits for parts goes on by itself, through its workflow, however they come. */

let system: TestSystem;
let admin: Client;
let connection: Connection;
let temporal: TemporalClient;
beforeAll(async () => {
  system = await startTestSystem();
  const { address, namespace } = system.config.temporal;
  connection = await Connection.connect({ address });
  temporal = new TemporalClient({ connection, namespace });
  admin = (await system.newPerson('admin')).client;
});
afterEach(async () => {
  expect(await stockFaults(system.db)).toEqual([]);
});
afterAll(async () => {
  await connection.close();
  await system.close();
});

interface Waiting {
  id: number;
  technicien: User;
  responsable: User;
}

async function started(priorite: Priorite = 'normale'): Promise<Waiting> {
  const site = await makeSite(system.db);
  const responsable = await makeUser(system.db, { role: 'responsable', sites: [site.id] });
  const technicien = await makeTechnicien(system.db);
  const equipement = await makeEquipement(system.db, { site_id: site.id });
  const given = { client: admin, equipementId: equipement.id, technicienId: technicien.id, date: new Date() };
  const id = await bringTo('en_cours', given);
  if (priorite !== 'normale') await admin.patch(`/interventions/${id}`, { priorite });
  return { id, technicien: technicien.user, responsable };
}

const wait = async ({ id }: { id: number }, ...needs: [Piece, number][]) => {
  const pieces = needs.map(([piece, quantite]) => ({ piece_id: piece.id, quantite }));
  const reply = await admin.put(`/interventions/${id}/statut`, { statut: 'attente_pieces', pieces });
  expect([reply.status, reply.body.statut]).toEqual([200, 'attente_pieces']);
};
async function waiting(priorite: Priorite, ...needs: [Piece, number][]): Promise<Waiting> {
  const one = await started(priorite);
  await wait(one, ...needs);
  return one;
}
const move = (piece: Piece, type: string, quantite: number) =>
  admin.post(`/pieces/${piece.id}/mouvements`, { type, quantite });
const statutOf = async ({ id }: { id: number }) => (await admin.get(`/interventions/${id}`)).body.statut;
const needsOf = async ({ id }: { id: number }) => (await admin.get(`/interventions/${id}/pieces`)).body;
const untilResumed = (one: { id: number }) =>
  eventually(
    () => statutOf(one),
    (statut) => statut === 'en_cours',
  );
const actionsOf = async ({ id }: { id: number }): Promise<string[]> =>
  (await admin.get(`/interventions/${id}/historique?limit=100`)).body.map(
    ({ action }: { action: string }) => action,
  );
const told = async (user: Pick<User, 'id'>, modele: string): Promise<number[]> =>
  (
    await system.db.query(
      `SELECT (donnees->>'intervention_id')::integer AS id FROM messages WHERE destinataire_id = $1 AND modele = $2 ORDER BY id`,
      [user.id, modele],
    )
  ).map(({ id }: { id: number }) => id);

describe('the last missing part', () => {
  it('resumes the work when it is bought, told once', async () => {
    const piece = await makePiece(system.db);
    const one = await waiting('normale', [piece, 3]);
    expect((await move(piece, 'entree', 2)).status).toBe(201);
    expect(await needsOf(one)).toMatchObject([{ statut: 'demandee', quantite: 3, quantite_reservee: 2 }]);
    expect(await statutOf(one)).toBe('attente_pieces');
    await move(piece, 'entree', 2);
    await untilResumed(one);
    expect((await admin.get(`/interventions/${one.id}/historique`)).body.at(-1)).toMatchObject({
      action: 'reprise',
      auteur_id: null,
      apres: { statut: 'en_cours', pieces_recues: [{ reference: piece.reference, quantite: 3 }] },
    });
    expect((await admin.get(`/pieces/${piece.id}`)).body).toMatchObject({
      stock: 4,
      reserve: 3,
      disponible: 1,
    });
    await temporal.workflow.getHandle(`intervention-${one.id}`).signal('synchroniser');
    await admin.patch(`/interventions/${one.id}`, { priorite: 'haute' });
    expect(await told(one.technicien, 'pieces_recues')).toEqual([one.id]);
    expect((await actionsOf(one)).filter((action) => action === 'reprise')).toHaveLength(1);
  });

  it.each(['inventaire', 'retour'])('resumes it when it is found by %s', async (type) => {
    const piece = await makePiece(system.db);
    const one = await waiting('normale', [piece, 1]);
    await move(piece, type, 1);
    await untilResumed(one);
  });

  it('resumes it when somebody sets the stock', async () => {
    const piece = await makePiece(system.db);
    const one = await waiting('normale', [piece, 1]);
    await admin.patch(`/pieces/${piece.id}`, { stock: 1 });
    await untilResumed(one);
  });

  it('resumes it when other work is called off, in turn', async () => {
    const piece = await makePiece(system.db, { stock: 2 });
    const holder = await started();
    await admin.post(`/interventions/${holder.id}/pieces`, [{ piece_id: piece.id, quantite: 2 }]);
    const normal = await waiting('normale', [piece, 1]);
    const critical = await waiting('critique', [piece, 2]);
    await admin.put(`/interventions/${holder.id}/statut`, { statut: 'annulee', motif: 'Sans objet' });
    await untilResumed(critical);
    expect(await statutOf(normal)).toBe('attente_pieces');
    expect(await needsOf(holder)).toMatchObject([{ statut: 'rendue', quantite: 2, quantite_reservee: 0 }]);
    // Received ones come back, too.
    await admin.post(`/interventions/${critical.id}/pieces/recues`);
    expect((await admin.get(`/pieces/${piece.id}`)).body).toMatchObject({ stock: 0, reserve: 0 });
    await admin.put(`/interventions/${critical.id}/statut`, { statut: 'annulee', motif: 'Sans objet' });
    await untilResumed(normal);
  });

  it('resumes it when other work needs less, or none', async () => {
    const piece = await makePiece(system.db, { stock: 2 });
    const holder = await started();
    const path = `/interventions/${holder.id}/pieces`;
    const [need] = (await admin.post(path, [{ piece_id: piece.id, quantite: 2 }])).body;
    const first = await waiting('normale', [piece, 1]);
    const second = await waiting('normale', [piece, 1]);
    expect((await admin.put(`${path}/${need.id}`, { quantite: 1 })).status).toBe(200);
    await untilResumed(first);
    expect(await statutOf(second)).toBe('attente_pieces');
    expect((await admin.delete(`${path}/${need.id}`)).status).toBe(204);
    await untilResumed(second);
  });

  it('resumes the critical one whoever records what came, and says who is given what', async () => {
    const piece = await makePiece(system.db);
    const normal = await waiting('normale', [piece, 2]);
    const critical = await waiting('critique', [piece, 1]);
    const reply = await admin.post(`/interventions/${normal.id}/pieces/recues`);
    expect([reply.status, reply.body.statut]).toEqual([200, 'attente_pieces']);
    expect(await needsOf(normal)).toMatchObject([{ statut: 'demandee', quantite: 2, quantite_recue: 1 }]);
    await untilResumed(critical);
    const again = await admin.post(`/interventions/${normal.id}/pieces/recues`);
    expect(again.body.statut).toBe('en_cours');
    expect(await told(critical.technicien, 'pieces_recues')).toEqual([critical.id]);
  });

  it('is the last of several: those that came before are not told one by one', async () => {
    const [one, other] = [await makePiece(system.db), await makePiece(system.db)];
    const both = await waiting('normale', [one, 1], [other, 1]);
    await move(one, 'entree', 1);
    await move(other, 'entree', 1);
    await untilResumed(both);
    const last = (await admin.get(`/interventions/${both.id}/historique`)).body.at(-1);
    expect(last.apres.pieces_recues).toHaveLength(2);
    expect(await told(both.technicien, 'pieces_recues')).toEqual([both.id]);
  });

  it('may be one that is not needed any more', async () => {
    const piece = await makePiece(system.db);
    const one = await waiting('normale', [piece, 1]);
    const [need] = await needsOf(one);
    await admin.delete(`/interventions/${one.id}/pieces/${need.id}`);
    await untilResumed(one);
    expect(await needsOf(one)).toMatchObject([{ statut: 'annulee' }]);
  });

  it('is found within a minute when the word of it was lost', async () => {
    const piece = await makePiece(system.db);
    const one = await waiting('normale', [piece, 1]);
    const wake = system.app.engine.wakeAllInBackground;
    system.app.engine.wakeAllInBackground = () => {};
    try {
      await move(piece, 'entree', 1);
    } finally {
      system.app.engine.wakeAllInBackground = wake;
    }
    expect(await statutOf(one)).toBe('attente_pieces');
    await anotherRound(temporal.schedule.getHandle(`reconciliation-${system.config.temporal.taskQueue}`));
    await untilResumed(one);
    expect(await told(one.technicien, 'pieces_recues')).toEqual([one.id]);
  });
});

describe('a wait for what is there already', () => {
  it('is the technicien’s own: it lasts until they have it', async () => {
    const piece = await makePiece(system.db, { stock: 5 });
    const one = await waiting('normale', [piece, 2]);
    await move(piece, 'entree', 5);
    await temporal.workflow.getHandle(`intervention-${one.id}`).signal('synchroniser');
    await admin.patch(`/interventions/${one.id}`, { urgence: true });
    expect(await statutOf(one)).toBe('attente_pieces');
    const reply = await admin.post(`/interventions/${one.id}/pieces/recues`);
    expect(reply.body.statut).toBe('en_cours');
    expect(await needsOf(one)).toMatchObject([{ statut: 'recue', quantite_recue: 2, quantite_reservee: 0 }]);
    expect((await admin.get(`/pieces/${piece.id}`)).body).toMatchObject({ stock: 8, reserve: 0 });
  });
});

describe('parts that turn out not to be there', () => {
  it('are taken back from whoever comes last, who is told, once', async () => {
    const piece = await makePiece(system.db, { stock: 3 });
    const [first, last] = [await started(), await started()];
    for (const { id } of [first, last]) {
      await admin.post(`/interventions/${id}/pieces`, [{ piece_id: piece.id, quantite: 1 }]);
    }
    await move(piece, 'inventaire', 1);
    expect(await needsOf(first)).toMatchObject([{ statut: 'reservee' }]);
    expect(await needsOf(last)).toMatchObject([{ statut: 'demandee', quantite_reservee: 0 }]);
    await eventually(
      () => told(last.responsable, 'pieces_reprises'),
      ({ length }) => length > 0,
    );
    await temporal.workflow.getHandle(`intervention-${last.id}`).signal('synchroniser');
    await admin.patch(`/interventions/${last.id}`, { priorite: 'haute' });
    expect(await told(last.technicien, 'pieces_reprises')).toEqual([last.id]);
    expect(await told(last.responsable, 'pieces_reprises')).toEqual([last.id]);
    expect(await told(first.technicien, 'pieces_reprises')).toEqual([]);
    expect((await actionsOf(last)).filter((action) => action === 'pieces_reprises')).toHaveLength(1);
  });
});

describe('the end', () => {
  const finish = ({ id }: { id: number }) =>
    admin.put(`/interventions/${id}/statut`, { statut: 'terminee', rapport: 'Joints remplacés.' });

  it('uses up what there is, forgets what never came, and keeps what it cost then', async () => {
    const dear = await makePiece(system.db, { stock: 3, prix_unitaire: '12.3450' });
    const cheap = await makePiece(system.db, { prix_unitaire: '0.1' });
    const one = await started();
    const path = `/interventions/${one.id}`;
    await admin.post(`${path}/pieces`, [
      { piece_id: dear.id, quantite: 5 },
      { piece_id: cheap.id, quantite: 3 },
    ]);
    const cheapNeed = (await needsOf(one)).find((need: { piece_id: number }) => need.piece_id === cheap.id);
    await admin.post(`${path}/pieces/recues`, { besoins: [cheapNeed.id] });
    expect((await admin.get(path)).body.cout_pieces).toBeNull();
    const done = await finish(one);
    expect(done.body.cout_pieces).toBe('37.335');
    await admin.patch(`/pieces/${dear.id}`, { prix_unitaire: '99' });
    expect((await admin.get(path)).body.cout_pieces).toBe('37.335');
    expect(await needsOf(one)).toMatchObject([
      { piece_id: dear.id, statut: 'consommee', quantite: 3, prix_unitaire: '12.345' },
      { piece_id: cheap.id, statut: 'consommee', quantite: 3, prix_unitaire: '0.10' },
      { piece_id: dear.id, statut: 'annulee', quantite: 2, prix_unitaire: null },
    ]);
    const book = (await admin.get(`/pieces/${dear.id}/mouvements`)).body;
    expect(book[0]).toMatchObject({
      type: 'sortie',
      quantite: 3,
      variation: -3,
      stock: 0,
      intervention_id: one.id,
    });

    // Reopened, what was used stays used, at the price of then.
    await admin.put(`${path}/statut`, { statut: 'en_cours' });
    expect((await admin.get(path)).body.cout_pieces).toBeNull();
    await move(dear, 'entree', 2);
    await admin.post(`${path}/pieces`, [{ piece_id: dear.id, quantite: 1 }]);
    expect((await finish(one)).body.cout_pieces).toBe('136.335');
    await admin.put(`${path}/statut`, { statut: 'en_cours' });
    const off = await admin.put(`${path}/statut`, { statut: 'annulee', motif: 'Sans objet' });
    expect(off.body.cout_pieces).toBe('136.335');
  });

  it('costs nothing without parts', async () => {
    expect((await finish(await started())).body.cout_pieces).toBe('0.00');
  });
});
