import { Stock1765800000000 } from '../../src/db/migrations/1765800000000-stock';
import { interventionsToTell } from '../../src/services/interventions/cycle/pieces';
import { createTestDatabase, migrateDown, migrateUp, type TestDatabase } from '../support/database';
import { makeIntervention, makePiece, makeTechnicien } from '../support/factories';
import { stockFaults } from '../support/stock';

/** Stocks and needs of version 0.2.0: what was reserved had left the stock, and a part could be needed twice. */

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('keeps every unit where it is, sets aside what lay there while somebody waited, and opens the books', async () => {
  const { db, owner } = database;
  const { id: technicien_id } = await makeTechnicien(db);
  const names = ['plain', 'held', 'twice', 'free'] as const;
  const pieces = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await makePiece(owner)).id])),
  ) as Record<(typeof names)[number], number>;
  const [low, high, done] = await Promise.all([
    makeIntervention(db, { statut: 'attente_pieces', technicien_id, priorite: 'basse' }),
    makeIntervention(db, { statut: 'attente_pieces', technicien_id, priorite: 'critique' }),
    makeIntervention(db, { statut: 'annulee', motif_annulation: 'Double', date_fin: new Date() }),
  ]);

  const runner = owner.createQueryRunner();
  try {
    await migrateDown(runner, Stock1765800000000);
    const stock = { plain: 7, held: 1, twice: 0, free: 4 };
    for (const name of names) {
      await runner.query('UPDATE pieces SET stock = $2, seuil_alerte = 1 WHERE id = $1', [
        pieces[name],
        stock[name],
      ]);
    }
    const needs: [{ id: number }, keyof typeof pieces, number, string][] = [
      [low!, 'held', 2, 'reservee'],
      [done!, 'held', 3, 'rendue'],
      [low!, 'twice', 1, 'reservee'],
      [low!, 'twice', 2, 'demandee'],
      [low!, 'twice', 4, 'recue'],
      [low!, 'free', 3, 'demandee'],
      [high!, 'free', 5, 'demandee'],
    ];
    for (const [{ id }, name, quantite, statut] of needs) {
      await runner.query(
        'INSERT INTO besoins_pieces (intervention_id, piece_id, quantite, statut) VALUES ($1, $2, $3, $4)',
        [id, pieces[name], quantite, statut],
      );
    }
    await migrateUp(runner, Stock1765800000000);
  } finally {
    await runner.release();
  }

  expect(await stockFaults(owner)).toEqual([]);
  const stocks: { id: number; stock: number; reserve: number; alerte_dite: boolean }[] = await db.query(
    'SELECT id, stock, reserve, alerte_dite FROM pieces ORDER BY id',
  );
  const of = (name: keyof typeof pieces) => stocks.find(({ id }) => id === pieces[name]);
  expect(of('plain')).toMatchObject({ stock: 7, reserve: 0, alerte_dite: false });
  expect(of('held')).toMatchObject({ stock: 3, reserve: 2, alerte_dite: true });
  expect(of('twice')).toMatchObject({ stock: 1, reserve: 1 });
  expect(of('free')).toMatchObject({ stock: 4, reserve: 4 });
  const rows = await db.query(
    `SELECT intervention_id, piece_id, quantite, quantite_reservee AS reservee, quantite_recue AS recue, statut
     FROM besoins_pieces ORDER BY id`,
  );
  expect(rows).toEqual([
    {
      intervention_id: low!.id,
      piece_id: pieces.held,
      quantite: 2,
      reservee: 2,
      recue: 0,
      statut: 'reservee',
    },
    {
      intervention_id: done!.id,
      piece_id: pieces.held,
      quantite: 3,
      reservee: 0,
      recue: 0,
      statut: 'rendue',
    },
    {
      intervention_id: low!.id,
      piece_id: pieces.twice,
      quantite: 7,
      reservee: 1,
      recue: 4,
      statut: 'demandee',
    },
    {
      intervention_id: low!.id,
      piece_id: pieces.free,
      quantite: 3,
      reservee: 0,
      recue: 0,
      statut: 'demandee',
    },
    {
      intervention_id: high!.id,
      piece_id: pieces.free,
      quantite: 5,
      reservee: 4,
      recue: 0,
      statut: 'demandee',
    },
  ]);
  expect(await interventionsToTell(db, 0, 10)).toEqual([]);
});

it('wakes whoever is given all that it waited for', async () => {
  const { db, owner } = database;
  const { id: technicien_id } = await makeTechnicien(db);
  const piece = await makePiece(owner);
  const one = await makeIntervention(db, { statut: 'attente_pieces', technicien_id });
  const runner = owner.createQueryRunner();
  try {
    await migrateDown(runner, Stock1765800000000);
    await runner.query('UPDATE pieces SET stock = 2 WHERE id = $1', [piece.id]);
    await runner.query(
      `INSERT INTO besoins_pieces (intervention_id, piece_id, quantite, statut) VALUES ($1, $2, 2, 'demandee')`,
      [one.id, piece.id],
    );
    await migrateUp(runner, Stock1765800000000);
  } finally {
    await runner.release();
  }
  expect(await stockFaults(owner)).toEqual([]);
  expect(await interventionsToTell(db, 0, 10)).toEqual([{ id: one.id }]);
});
