import type { EntityManager } from 'typeorm';
import { RegieError } from '../../../src/domain/errors';
import type { Ordre } from '../../../src/domain/interventions/ordres';
import { PRIORITES, type Priorite } from '../../../src/domain/priorites';
import { addBesoins, changeBesoin } from '../../../src/services/interventions/besoins';
import { adopt } from '../../../src/services/interventions/cycle/adopt';
import { applyOrdre } from '../../../src/services/interventions/cycle/apply';
import { interventionsToTell } from '../../../src/services/interventions/cycle/pieces';
import { addMouvement, type NewMouvement } from '../../../src/services/stock/mouvements';
import { createRandom, type Random } from '../../../tools/lib/random';
import { askedBy } from '../../support/asked';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { makeAdmin, makePiece } from '../../support/factories';
import { type InventedTime, inventTime, ZONE } from '../../support/invented-time';
import { StockModel, stockFaults } from '../../support/stock';

/**
 * Needs, arrivals, counts, cancellations and completions from eight connections at once. Each transaction takes a number at
 * its end, under its locks: in the order of these numbers a slow and obvious model does the same, and has to come to the same.
 */

const CONNECTIONS = 8;
const STEPS = 60;

let database: TestDatabase;
let time: InventedTime;
beforeAll(async () => {
  database = await createTestDatabase();
  time = await inventTime(database);
  await database.owner.query('CREATE SEQUENCE essai_rang; GRANT USAGE ON SEQUENCE essai_rang TO PUBLIC');
});
afterAll(() => database.drop());

interface Done {
  rank: number;
  replay: (model: StockModel) => void;
}

interface Played {
  run: (tx: EntityManager) => Promise<number[]>;
  replay: (model: StockModel) => void;
}

class World {
  readonly done: Done[] = [];
  /** How often a rule said no, by its code. */
  readonly refused = new Map<string, number>();

  constructor(
    readonly pieces: readonly number[],
    readonly interventions: readonly number[],
    private readonly principal: Parameters<typeof askedBy>[0],
  ) {}

  /** One person, who does one thing after the other. */
  async act(random: Random): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      const played = await this.someStep(random);
      try {
        const { rank, toWake } = await database.db.transaction(async (tx) => {
          const woken = await played.run(tx);
          const [{ rank: taken }] = await tx.query(`SELECT nextval('essai_rang')::integer AS rank`);
          return { rank: taken as number, toWake: woken };
        });
        this.done.push({ rank, replay: played.replay });
        for (const id of toWake) await look(id);
      } catch (error) {
        // Whatever is no rule, a deadlock above all, fails the test.
        if (!(error instanceof RegieError)) throw error;
        this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
      }
    }
  }

  private async someStep(random: Random): Promise<Played> {
    const piece = random.pick(this.pieces);
    const id = random.pick(this.interventions);
    const count = random.int(1, 6);
    const some = () =>
      Array.from({ length: random.int(1, 4) }, () => ({
        piece_id: random.pick(this.pieces),
        quantite: random.int(1, 4),
      }));
    switch (random.int(0, 11)) {
      case 0:
      case 1:
        return this.movement(piece, { type: random.pick(['entree', 'retour']), quantite: count }, (model) =>
          model.arrive(piece, count),
        );
      case 2:
        return this.movement(piece, { type: 'sortie', quantite: count }, (model) => {
          if (!model.leave(piece, count))
            throw new Error(`${count} of ${piece} were taken that are not there`);
        });
      case 3:
        return this.movement(piece, { type: 'inventaire', quantite: count * 2 }, (model) =>
          model.count(piece, count * 2),
        );
      case 4:
      case 5:
      case 6: {
        const needs = some();
        return {
          run: async (tx) => (await addBesoins(tx, time.accessOnce(), actor(), id, needs)).toWake,
          replay: (model) => {
            for (const { piece_id, quantite } of needs) model.ask(id, piece_id, quantite);
          },
        };
      }
      case 7: {
        const needs = some();
        return this.order(id, { type: 'statut', statut: 'attente_pieces', pieces: needs }, (model) => {
          for (const { piece_id, quantite } of needs) model.ask(id, piece_id, quantite);
        });
      }
      case 8:
        return this.order(id, { type: 'reception', besoins: null }, (model) => model.receive(id));
      case 9: {
        const [need] = await database.db.query(
          `SELECT id, piece_id FROM besoins_pieces WHERE intervention_id = $1 AND statut IN ('demandee', 'reservee', 'recue')
           ORDER BY random() LIMIT 1`,
          [id],
        );
        const wanted = random.int(0, 5);
        if (need === undefined) return this.someStep(random);
        return {
          run: async (tx) => (await changeBesoin(tx, time.accessOnce(), actor(), id, need.id, wanted)).toWake,
          replay: (model) => model.change(id, need.piece_id, wanted),
        };
      }
      case 10:
        return this.order(id, { type: 'statut', statut: 'terminee', rapport: 'Fait.' }, (model) =>
          model.finish(id),
        );
      default:
        if (random.int(0, 2) > 0) {
          return this.order(id, { type: 'statut', statut: 'en_cours' }, () => {});
        }
        return this.order(id, { type: 'statut', statut: 'annulee', motif: 'Double.' }, (model) =>
          model.cancel(id),
        );
    }
  }

  private movement(
    piece: number,
    given: Pick<NewMouvement, 'type' | 'quantite'>,
    replay: Played['replay'],
  ): Played {
    const run = async (tx: EntityManager) =>
      (await addMouvement(tx, time.accessOnce(), actor(), piece, { ...given, motif: null })).toWake;
    return { run, replay };
  }

  private order(id: number, ordre: Ordre, replay: Played['replay']): Played {
    const run = async (tx: EntityManager) => {
      const toWake: number[] = [];
      await applyOrdre(tx, id, askedBy(this.principal, ordre), new Date(), ZONE, toWake);
      return toWake;
    };
    return { run, replay };
  }
}

const actor = () => time.actorAt(Date.now());
const look = (id: number) => database.db.transaction((tx) => adopt(tx, id, new Date(), ZONE));

it.each([1, 2, 3])('come to what they come to one after the other (%i)', async (seed) => {
  const random = createRandom(seed);
  const { principal } = await makeAdmin(database.db);
  const stock = new Map<number, number>();
  for (let n = 0; n < 4; n++) {
    const count = random.int(0, 12);
    stock.set((await makePiece(database.db, { stock: count })).id, count);
  }
  const turns = new Map<number, { priorite: Priorite; urgence: boolean }>();
  for (let n = 0; n < 24; n++) {
    const turn = { priorite: random.pick(PRIORITES), urgence: random.int(0, 1) === 1 };
    turns.set(await time.begin(turn, Date.now()), turn);
  }
  const world = new World([...stock.keys()], [...turns.keys()], principal);
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => world.act(createRandom(seed * 100 + n))));

  const model = new StockModel(stock, turns);
  for (const { replay } of world.done.sort((one, other) => one.rank - other.rank)) replay(model);
  expect(await found(world.pieces)).toEqual(expectedOf(model));
  expect(await stockFaults(database.db)).toEqual([]);
  expect(world.done.length).toBeGreaterThan((CONNECTIONS * STEPS) / 3);
  for (const code of world.refused.keys()) {
    expect(['STOCK_INSUFFISANT', 'CLOTUREE', 'TRANSITION_INVALIDE', 'INTROUVABLE', 'VALIDATION']).toContain(
      code,
    );
  }

  // Everybody whose parts have come has gone on, or is found by whoever looks for them.
  for (const { id } of await interventionsToTell(database.db, 0, 500)) await look(id);
  expect(await interventionsToTell(database.db, 0, 500)).toEqual([]);
});

async function found(pieces: readonly number[]) {
  const shelves = await database.db.query(
    'SELECT id, stock, reserve FROM pieces WHERE id = ANY($1) ORDER BY id',
    [pieces],
  );
  const needs = await database.db.query(
    `SELECT intervention_id, piece_id, quantite, quantite_reservee, quantite_recue,
       CASE WHEN statut IN ('demandee', 'reservee', 'recue') THEN 'live' ELSE statut END AS outcome
     FROM besoins_pieces WHERE piece_id = ANY($1)`,
    [pieces],
  );
  return {
    shelves,
    needs: needs.map((row: object) => Object.values(row).join(' ')).sort(),
  };
}

function expectedOf(model: StockModel) {
  return {
    shelves: [...model.shelf.keys()].map((id) => ({
      id,
      stock: model.stock(id),
      reserve: model.reserved(id),
    })),
    needs: model.needs
      .map((need) =>
        [
          need.intervention,
          need.piece,
          need.wanted,
          model.promisedTo(need),
          need.inHand,
          need.outcome ?? 'live',
        ].join(' '),
      )
      .sort(),
  };
}
