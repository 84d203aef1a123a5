import type { Piece } from '../../src/db/stock/pieces';
import { startTestApi, type TestApi } from '../support/api';
import type { Client } from '../support/client';
import { makeEquipement, makeIntervention, makePiece, makeSite, makeTechnicien } from '../support/factories';
import { statementsDuring } from '../support/queries';
import { stockFaults } from '../support/stock';

/** The book of a part, and what interventions need of it. */

let api: TestApi;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  admin = (await api.newPerson('admin')).client;
});
afterEach(async () => {
  expect(await stockFaults(api.db)).toEqual([]);
});
afterAll(() => api.close());

const read = async ({ id }: { id: number }) => (await admin.get(`/pieces/${id}`)).body;
const move = (piece: { id: number }, type: string, quantite: unknown, motif?: string, by = admin) =>
  by.post(`/pieces/${piece.id}/mouvements`, { type, quantite, ...(motif === undefined ? {} : { motif }) });
const bookOf = async ({ id }: { id: number }, query = '') =>
  (await admin.get(`/pieces/${id}/mouvements${query}`)).body;
const need = (intervention: { id: number }, ...needs: [Piece, number][]) =>
  admin.post(
    `/interventions/${intervention.id}/pieces`,
    needs.map(([piece, quantite]) => ({ piece_id: piece.id, quantite })),
  );

describe('the stock', () => {
  it('is the sum of its movements, each with who, when and why', async () => {
    const { user, client } = await api.newPerson('responsable');
    const created = await client.post('/pieces', { reference: 'LIVRE-1', designation: 'Joint', stock: 4 });
    const piece = created.body;
    const entered = await move(piece, 'entree', 10, 'Livraison', client);
    expect([entered.status, entered.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        piece_id: piece.id,
        type: 'entree',
        quantite: 10,
        variation: 10,
        stock: 14,
        motif: 'Livraison',
        intervention_id: null,
        auteur_id: user.id,
        date_creation: expect.stringMatching(/Z$/),
      },
    ]);
    await move(piece, 'sortie', 3);
    await move(piece, 'retour', 1);
    await move(piece, 'inventaire', 9, 'Comptage annuel');
    expect(
      (await bookOf(piece)).map((line: Record<string, unknown>) => [
        line.type,
        line.quantite,
        line.variation,
      ]),
    ).toEqual([
      ['inventaire', 9, -3],
      ['retour', 1, 1],
      ['sortie', 3, -3],
      ['entree', 10, 10],
      ['inventaire', 4, 4],
    ]);
    expect(await read(piece)).toMatchObject({ stock: 9, reserve: 0, disponible: 9, version: 5 });
    const history = await api.db.query(
      `SELECT action, avant, apres FROM historique WHERE entite = 'piece' AND entite_id = $1 ORDER BY id`,
      [piece.id],
    );
    expect(history.at(-1)).toEqual({
      action: 'mouvement_stock',
      avant: { stock: 12 },
      apres: { stock: 9 },
    });
  });

  it('is counted, never set: PATCH and PUT write the difference, and PUT without it leaves it', async () => {
    const piece = await makePiece(api.db, { stock: 5 });
    const changed = await admin.patch(`/pieces/${piece.id}`, { stock: 8, prix_unitaire: '12.5' });
    expect(changed.body).toMatchObject({ stock: 8, prix_unitaire: '12.50' });
    expect((await bookOf(piece))[0]).toMatchObject({ type: 'inventaire', quantite: 8, variation: 3 });
    await admin.patch(`/pieces/${piece.id}`, { stock: 8 });
    expect(await bookOf(piece)).toHaveLength(2);
    const put = await admin.put(`/pieces/${piece.id}`, { reference: piece.reference, designation: 'Autre' });
    expect(put.body).toMatchObject({ designation: 'Autre', stock: 8, prix_unitaire: '12.50' });
  });

  it('gives out only what is available, and says how much that is', async () => {
    const piece = await makePiece(api.db, { stock: 5 });
    await need(await makeIntervention(api.db), [piece, 3]);
    const refused = await move(piece, 'sortie', 3);
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'STOCK_INSUFFISANT',
      stock: 5,
      reserve: 3,
      disponible: 2,
    });
    expect((await move(piece, 'sortie', 2)).status).toBe(201);
    expect(await read(piece)).toMatchObject({ stock: 3, reserve: 3, disponible: 0 });
  });

  it('takes promises back where it has been counted lower', async () => {
    const piece = await makePiece(api.db, { stock: 4 });
    const [first, second] = [await makeIntervention(api.db), await makeIntervention(api.db)];
    await need(first, [piece, 2]);
    await need(second, [piece, 2]);
    expect((await admin.patch(`/pieces/${piece.id}`, { stock: 3 })).body).toMatchObject({ reserve: 3 });
    const [kept] = (await admin.get(`/interventions/${first.id}/pieces`)).body;
    const [lost] = (await admin.get(`/interventions/${second.id}/pieces`)).body;
    expect([kept.statut, lost.statut, lost.quantite_reservee]).toEqual(['reservee', 'demandee', 1]);
  });

  it('lists its book by keyset, by type, without losing a line', async () => {
    const piece = await makePiece(api.db);
    for (let n = 0; n < 5; n++) await move(piece, n % 2 === 0 ? 'entree' : 'retour', 1);
    const seen: number[] = [];
    let path: string | undefined = `/pieces/${piece.id}/mouvements?limit=2&sort=id`;
    while (path !== undefined) {
      const reply = await admin.get(path);
      expect(reply.headers.get('x-total-count')).toBe('6');
      seen.push(...reply.body.map(({ id }: { id: number }) => id));
      path = /<\/api\/v1([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    expect([seen.length, new Set(seen).size]).toEqual([6, 6]);
    expect(await bookOf(piece, '?type=entree,inventaire')).toHaveLength(4);
    expect((await admin.get('/pieces/999999/mouvements')).status).toBe(404);
  });

  it('names an intervention only to whoever may see it', async () => {
    const piece = await makePiece(api.db, { stock: 2 });
    const elsewhere = await makeEquipement(api.db, { site_id: (await makeSite(api.db)).id });
    const technicien = await makeTechnicien(api.db);
    const hidden = await makeIntervention(api.db, {
      equipement_id: elsewhere.id,
      statut: 'en_cours',
      technicien_id: technicien.id,
    });
    await need(hidden, [piece, 1]);
    await api.db.query(
      `INSERT INTO mouvements_stock (piece_id, type, quantite, variation, stock, intervention_id) VALUES ($1, 'sortie', 0, 0, 2, $2)`,
      [piece.id, hidden.id],
    );
    const other = await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] });
    const lineOf = async (client: Client) =>
      (await client.get(`/pieces/${piece.id}/mouvements`)).body[0].intervention_id;
    expect([await lineOf(admin), await lineOf(other.client)]).toEqual([hidden.id, null]);
  });
});

describe('what is said of a part', () => {
  const BAD: [string, unknown][] = [
    ['a negative price', { prix_unitaire: '-1' }],
    ['a float', { prix_unitaire: 12.5 }],
    ['an exponent', { prix_unitaire: '1e3' }],
    ['too many decimals', { prix_unitaire: '0.00001' }],
    ['a huge price', { prix_unitaire: '100000000' }],
    ['a stock below nothing', { stock: -1 }],
    ['half a piece', { stock: 1.5 }],
    ['what it computes itself', { reserve: 3 }],
    ['the same', { disponible: 3 }],
  ];
  it.each(BAD)('is refused: %s', async (_, changes) => {
    const piece = await makePiece(api.db);
    expect((await admin.patch(`/pieces/${piece.id}`, changes)).status).toBe(422);
  });

  it.each([
    ['entree', 0],
    ['entree', -1],
    ['entree', 1.5],
    ['entree', 1_000_001],
    ['entree', '3'],
    ['sortie', Number.MAX_SAFE_INTEGER],
    ['inventaire', -1],
    ['inventaire', 2_147_483_648],
    ['consommation', 1],
  ])('is no movement: %s of %s', async (type, quantite) => {
    const piece = await makePiece(api.db);
    expect((await move(piece, type, quantite)).body).toMatchObject({ status: 422, code: 'VALIDATION' });
  });

  it('does not count beyond what can be counted', async () => {
    const piece = await makePiece(api.db);
    await move(piece, 'inventaire', 1_000_000_000);
    expect((await move(piece, 'entree', 1)).body).toMatchObject({ status: 409, code: 'LIMITE_ATTEINTE' });
  });
});

describe('what an intervention needs', () => {
  it.each(['ouverte', 'planifiee', 'en_cours', 'attente_pieces'] as const)(
    'is noted while it is %s: set aside at once, in part too',
    async (statut) => {
      const [there, short] = [await makePiece(api.db, { stock: 5 }), await makePiece(api.db, { stock: 1 })];
      const { id: technicien_id } = await makeTechnicien(api.db);
      const one = await makeIntervention(api.db, {
        statut,
        technicien_id: statut === 'ouverte' ? null : technicien_id,
      });
      const reply = await need(one, [there, 2], [short, 3]);
      expect(reply.status).toBe(201);
      expect(reply.body).toMatchObject([
        { piece_id: there.id, statut: 'reservee', quantite: 2, quantite_reservee: 2, quantite_recue: 0 },
        { piece_id: short.id, statut: 'demandee', quantite: 3, quantite_reservee: 1, prix_unitaire: null },
      ]);
      expect(await read(there)).toMatchObject({ stock: 5, reserve: 2, disponible: 3 });
      expect((await admin.get(`/interventions/${one.id}/pieces`)).body).toEqual(reply.body);
      const history = (await admin.get(`/interventions/${one.id}/historique`)).body;
      expect(history.at(-1)).toMatchObject({
        action: 'besoins',
        apres: { pieces: [{ quantite: 2 }, { quantite: 3 }] },
      });
    },
  );

  it('is one need of a part, asked for twice in one body or in two', async () => {
    const piece = await makePiece(api.db, { stock: 4 });
    const one = await makeIntervention(api.db);
    expect((await need(one, [piece, 1], [piece, 2])).body).toMatchObject([
      { quantite: 3, statut: 'reservee' },
    ]);
    expect((await need(one, [piece, 2])).body).toMatchObject([
      { quantite: 5, quantite_reservee: 4, statut: 'demandee' },
    ]);
    expect((await admin.get(`/interventions/${one.id}/pieces`)).body).toHaveLength(1);
  });

  it('acts once for the same key', async () => {
    const piece = await makePiece(api.db, { stock: 9 });
    const one = await makeIntervention(api.db);
    const body = [{ piece_id: piece.id, quantite: 2 }];
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        admin.post(`/interventions/${one.id}/pieces`, body, { 'Idempotency-Key': `besoin-${one.id}` }),
      ),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await read(piece)).toMatchObject({ reserve: 2 });
  });

  it('refuses what is no need, and keeps nothing', async () => {
    const piece = await makePiece(api.db, { stock: 4 });
    const one = await makeIntervention(api.db);
    const line = { piece_id: piece.id, quantite: 1 };
    const bad = [
      [],
      line,
      [{ ...line, quantite: 0 }],
      [{ ...line, quantite: -1 }],
      [{ ...line, quantite: 0.5 }],
      [{ ...line, quantite: 10_001 }],
      [{ ...line, quantite: '2' }],
      [{ ...line, statut: 'recue' }],
      [{ ...line, piece_id: 0 }],
      Array.from({ length: 51 }, () => line),
    ];
    for (const body of bad)
      expect((await admin.post(`/interventions/${one.id}/pieces`, body)).status).toBe(422);
    const unknown = await admin.post(`/interventions/${one.id}/pieces`, [
      line,
      { piece_id: 999_999, quantite: 1 },
    ]);
    expect([unknown.status, unknown.body.erreurs]).toEqual([
      422,
      [expect.objectContaining({ champ: '1.piece_id' })],
    ]);
    const most = Array.from({ length: 50 }, () => ({ ...line, quantite: 10_000 }));
    expect((await admin.post(`/interventions/${one.id}/pieces`, most)).body.code).toBe('LIMITE_ATTEINTE');
    expect((await admin.get(`/interventions/${one.id}/pieces`)).body).toEqual([]);
    expect(await read(piece)).toMatchObject({ reserve: 0 });
  });

  it('is changed and removed: what is left over goes to the next in line', async () => {
    const piece = await makePiece(api.db, { stock: 4 });
    const [one, next] = [await makeIntervention(api.db), await makeIntervention(api.db)];
    const [mine] = (await need(one, [piece, 4])).body;
    await need(next, [piece, 3]);
    const path = `/interventions/${one.id}/pieces/${mine.id}`;
    expect((await admin.put(path, { quantite: 3 })).body).toMatchObject([
      { quantite: 3, statut: 'reservee' },
    ]);
    expect((await admin.get(`/interventions/${next.id}/pieces`)).body).toMatchObject([
      { quantite_reservee: 1 },
    ]);
    expect((await admin.put(path, { quantite: 0 })).status).toBe(422);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(`/interventions/${next.id}/pieces`)).body).toMatchObject([
      { statut: 'reservee' },
    ]);
    expect((await admin.get(`/interventions/${one.id}/pieces`)).body).toMatchObject([{ statut: 'rendue' }]);
    expect((await admin.delete(path)).status).toBe(404);
    expect((await admin.put(`/interventions/${next.id}/pieces/${mine.id}`, { quantite: 1 })).status).toBe(
      404,
    );
    expect((await admin.delete(`/pieces/${piece.id}`)).body.code).toBe('DEPENDANCES');
  });

  it.each(['terminee', 'annulee'] as const)('is closed with an intervention that is %s', async (statut) => {
    const piece = await makePiece(api.db, { stock: 4 });
    const { id: technicien_id } = await makeTechnicien(api.db);
    const one = await makeIntervention(api.db, {
      statut,
      technicien_id,
      date_fin: new Date(),
      rapport: 'Fait.',
      motif_annulation: 'Double.',
    });
    expect((await need(one, [piece, 1])).body).toMatchObject({ status: 409, code: 'CLOTUREE', statut });
    for (const send of [
      admin.put(`/interventions/${one.id}/pieces/1`, { quantite: 1 }),
      admin.delete(`/interventions/${one.id}/pieces/1`),
    ]) {
      expect((await send).body).toMatchObject({ status: 409, code: 'CLOTUREE' });
    }
    expect(await read(piece)).toMatchObject({ reserve: 0 });
  });

  it('is for the technicien whose work it is, and for no client', async () => {
    const piece = await makePiece(api.db, { stock: 4 });
    const technicien = await makeTechnicien(api.db);
    const worker = await api.as(technicien.user);
    const { user, client } = await api.newPerson('client');
    const equipement = await makeEquipement(api.db, { client_id: user.id });
    const mine = await makeIntervention(api.db, {
      equipement_id: equipement.id,
      statut: 'en_cours',
      technicien_id: technicien.id,
    });
    const free = await makeIntervention(api.db, { equipement_id: equipement.id });
    const body = [{ piece_id: piece.id, quantite: 1 }];
    const by = async (who: Client, { id }: { id: number }) =>
      (await who.post(`/interventions/${id}/pieces`, body)).status;
    expect([await by(worker, mine), await by(worker, free)]).toEqual([201, 403]);
    expect([await by(client, mine), await by(api.anonymous, mine)]).toEqual([403, 401]);
    expect((await client.get(`/interventions/${mine.id}/pieces`)).status).toBe(200);
    expect((await move(piece, 'entree', 1, undefined, worker)).status).toBe(403);
    expect((await worker.get(`/pieces/${piece.id}/mouvements`)).status).toBe(200);
    expect((await client.get(`/pieces/${piece.id}/mouvements`)).status).toBe(403);
  });
});

it('an arrival costs as many statements for twenty who wait as for one', async () => {
  const arrival = async (waiting: number): Promise<number> => {
    const piece = await makePiece(api.db);
    for (let n = 0; n < waiting; n++) await need(await makeIntervention(api.db), [piece, 1]);
    const statements = await statementsDuring(() => move(piece, 'entree', waiting));
    expect(await read(piece)).toMatchObject({ stock: waiting, disponible: 0 });
    return statements.length;
  };
  expect(await arrival(20)).toBe(await arrival(1));
});

describe('a stock that runs low', () => {
  it('is told once to those who order, and again only after it has been above', async () => {
    const { user: elsewhere } = await api.newPerson('responsable', { sites: [(await makeSite(api.db)).id] });
    const { user: worker } = await api.newPerson('technicien');
    const piece = await makePiece(api.db, { stock: 6, seuil_alerte: 3 });
    const told = async (user: { id: number }): Promise<number[]> =>
      (
        await api.db.query(
          `SELECT (donnees->>'disponible')::integer AS disponible FROM messages
           WHERE modele = 'stock_bas' AND destinataire_id = $1 AND (donnees->>'piece_id')::integer = $2 ORDER BY id`,
          [user.id, piece.id],
        )
      ).map(({ disponible }: { disponible: number }) => disponible);
    const one = await makeIntervention(api.db);
    await need(one, [piece, 2]);
    expect(await told(elsewhere)).toEqual([]);
    await need(one, [piece, 1]);
    await move(piece, 'sortie', 1);
    expect(await told(elsewhere)).toEqual([3]);
    await move(piece, 'entree', 5);
    await move(piece, 'sortie', 6);
    expect(await told(elsewhere)).toEqual([3, 1]);
    await move(piece, 'entree', 9);
    await admin.patch(`/pieces/${piece.id}`, { seuil_alerte: 10 });
    await admin.patch(`/pieces/${piece.id}`, { seuil_alerte: 11 });
    expect(await told(elsewhere)).toEqual([3, 1, 10]);
    expect(await told(worker)).toEqual([]);
    const [notification] = await api.db.query(
      `SELECT type, metadata FROM notifications WHERE destinataire_id = $1 ORDER BY id DESC LIMIT 1`,
      [elsewhere.id],
    );
    expect(notification).toEqual({ type: 'warning', metadata: { modele: 'stock_bas', piece_id: piece.id } });
    const alerts = (await admin.get('/pieces?en_alerte=true&limit=200')).body;
    expect(alerts.map(({ id }: Piece) => id)).toContain(piece.id);
  });

  it('is told once, however many take from it at the same moment', async () => {
    const piece = await makePiece(api.db, { stock: 20, seuil_alerte: 10 });
    await Promise.all(Array.from({ length: 12 }, () => move(piece, 'sortie', 1)));
    const [{ told }] = await api.db.query(
      `SELECT count(DISTINCT evenement)::integer AS told FROM messages
       WHERE modele = 'stock_bas' AND (donnees->>'piece_id')::integer = $1`,
      [piece.id],
    );
    expect(told).toBe(1);
  });
});
