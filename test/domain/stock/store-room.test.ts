import { PRIORITES } from '../../../src/domain/priorites';
import { formatMontant, MAX_BESOIN, MAX_STOCK, MONTANT } from '../../../src/domain/stock/pieces';
import { type Besoin, type Demandeur, type Shelf, StoreRoom } from '../../../src/domain/stock/store-room';
import { createRandom } from '../../../tools/lib/random';
import { type ModelNeed, StockModel } from '../../support/stock';

const shelf = (id: number, stock = 0): Shelf => ({
  id,
  reference: `R-${id}`,
  designation: 'Joint',
  stock,
  seuil_alerte: 0,
  alerte_dite: false,
});

const who = (intervention_id: number, given: Partial<Demandeur> = {}): Demandeur => ({
  intervention_id,
  priorite: 'normale',
  urgence: false,
  attend: true,
  ...given,
});

/** As the database numbers what is new when it is written. */
function numbered(room: StoreRoom): StoreRoom {
  let next = Math.max(0, ...room.besoins.map(({ id }) => id ?? 0));
  for (const besoin of room.besoins) besoin.id ??= ++next;
  return room;
}

const show = ({ statut, quantite, quantite_reservee, quantite_recue, signal }: Besoin) =>
  `${statut} ${quantite_reservee}+${quantite_recue}/${quantite}${signal === null ? '' : ` ${signal}`}`;

describe('what is needed', () => {
  it('is set aside as far as it is there, and never twice', () => {
    const room = new StoreRoom([shelf(1, 5)], []);
    expect(show(room.need(who(1), 1, 3))).toBe('reservee 3+0/3');
    expect(show(room.need(who(2), 1, 3))).toBe('demandee 2+0/3');
    expect(show(room.need(who(3), 1, 1))).toBe('demandee 0+0/1');
    expect([room.shelf(1).stock, room.reserve(1), room.disponible(1)]).toEqual([5, 5, 0]);
    expect(room.mouvements).toEqual([]);
  });

  it('is one need of a part, however often it is asked for', () => {
    const room = new StoreRoom([shelf(1, 3)], []);
    room.need(who(1), 1, 2);
    expect(show(room.need(who(1), 1, 2))).toBe('demandee 3+0/4');
    expect(room.besoins).toHaveLength(1);
    expect(() => room.need(who(1), 1, MAX_BESOIN)).toThrow(
      expect.objectContaining({ code: 'LIMITE_ATTEINTE' }),
    );
  });
});

describe('what comes', () => {
  it('goes to the critical, then the urgent, then the oldest, in part where it does not suffice', () => {
    const room = new StoreRoom([shelf(1)], []);
    const needs = [
      room.need(who(1, { priorite: 'basse', urgence: true }), 1, 2),
      room.need(who(2), 1, 2),
      room.need(who(3), 1, 2),
      room.need(who(4, { urgence: true }), 1, 2),
      room.need(who(5, { priorite: 'critique', attend: false }), 1, 2),
    ];
    numbered(room);
    const come = (count: number) => {
      room.add('entree', 1, count);
      return needs.map(({ quantite_reservee }) => quantite_reservee);
    };
    expect(come(1)).toEqual([0, 0, 0, 0, 1]);
    expect(come(2)).toEqual([0, 0, 0, 1, 2]);
    expect(come(4)).toEqual([0, 2, 1, 2, 2]);
    expect(come(4)).toEqual([2, 2, 2, 2, 2]);
    expect(room.disponible(1)).toBe(1);
    // Only to those who wait for parts it is an arrival.
    expect(needs.map(({ signal }) => signal)).toEqual(['complete', 'complete', 'complete', 'complete', null]);
  });

  it('is no more than can be counted', () => {
    const room = new StoreRoom([shelf(1, MAX_STOCK - 1)], []);
    room.add('retour', 1, 1);
    expect(() => room.add('entree', 1, 1)).toThrow(expect.objectContaining({ code: 'LIMITE_ATTEINTE' }));
  });
});

describe('what leaves', () => {
  it('is only what nobody has been promised', () => {
    const room = new StoreRoom([shelf(1, 5)], []);
    room.need(who(1), 1, 3);
    expect(() => room.take(1, 3)).toThrow(
      expect.objectContaining({
        code: 'STOCK_INSUFFISANT',
        details: expect.objectContaining({ extensions: { stock: 5, reserve: 3, disponible: 2 } }),
      }),
    );
    room.take(1, 2);
    expect(room.mouvements).toEqual([
      expect.objectContaining({ type: 'sortie', quantite: 2, variation: -2, stock: 3 }),
    ]);
  });
});

describe('what has been counted', () => {
  it('is what there is: promises are taken back from those whose turn comes last, who are told', () => {
    const room = new StoreRoom([shelf(1, 6)], []);
    const [low, old, young, high] = [
      room.need(who(1, { priorite: 'basse' }), 1, 1),
      room.need(who(2), 1, 2),
      room.need(who(3), 1, 2),
      room.need(who(4, { priorite: 'haute' }), 1, 1),
    ];
    numbered(room);
    room.count(1, 2);
    expect([low!, old!, young!, high!].map(show)).toEqual([
      'demandee 0+0/1 reprise',
      'demandee 1+0/2 reprise',
      'demandee 0+0/2 reprise',
      'reservee 1+0/1',
    ]);
    // There all the same: those who wait go on, and were never told otherwise.
    room.count(1, 4);
    expect([low!, old!, young!].map(show)).toEqual([
      'demandee 0+0/1 reprise',
      'reservee 2+0/2 complete',
      'demandee 1+0/2 reprise',
    ]);
    expect(room.mouvements.map(({ quantite, variation }) => [quantite, variation])).toEqual([
      [2, -4],
      [4, 2],
    ]);
  });
});

describe('what is received', () => {
  it('goes through the stock, to whoever is first in line, and what is left is handed over', () => {
    const room = new StoreRoom([shelf(1)], []);
    const critical = room.need(who(1, { priorite: 'critique' }), 1, 2);
    const mine = room.need(who(2), 1, 3);
    numbered(room);
    expect(room.receive(2, [mine])).toBe(false);
    expect([show(critical), show(mine)]).toEqual(['reservee 2+0/2 complete', 'demandee 0+1/3']);
    expect(room.mouvements.map(({ type, variation }) => [type, variation])).toEqual([
      ['entree', 3],
      ['sortie', -1],
    ]);
    expect(room.receive(2, [mine])).toBe(true);
    expect([show(mine), room.shelf(1).stock, room.reserve(1)]).toEqual(['recue 0+3/3', 2, 2]);
  });

  it('ends the wait with the last missing part, or with the last that was to be fetched', () => {
    const room = new StoreRoom([shelf(1, 1), shelf(2)], []);
    const [fetched, ordered] = [room.need(who(1), 1, 1), room.need(who(1), 2, 1)];
    expect([room.receive(1, [fetched!]), room.receive(1, [ordered!])]).toEqual([false, true]);
    const other = new StoreRoom([shelf(1, 1), shelf(2)], []);
    const [, last] = [other.need(who(1), 1, 1), other.need(who(1), 2, 1)];
    expect(other.receive(1, [last!])).toBe(true);
    const there = new StoreRoom([shelf(1, 1), shelf(2, 1)], []);
    const [one, two] = [there.need(who(1), 1, 1), there.need(who(1), 2, 1)];
    expect([there.receive(1, [one!]), there.receive(1, [two!])]).toEqual([false, true]);
  });
});

describe('what is not needed any more', () => {
  it('is free for the next, and what is in hand comes back', () => {
    const room = new StoreRoom([shelf(1, 5)], []);
    const mine = room.need(who(1), 1, 5);
    const next = room.need(who(2), 1, 4);
    numbered(room);
    room.receive(1, [mine]);
    room.need(who(1), 1, 2);
    room.change(mine, 6);
    expect([show(mine), show(next)]).toEqual(['demandee 0+5/6', 'demandee 0+0/4']);
    room.change(mine, 4);
    expect([show(mine), show(next)]).toEqual(['recue 0+4/4 complete', 'demandee 1+0/4']);
    room.change(mine, 0);
    expect([show(mine), show(next)]).toEqual(['rendue 0+0/4 complete', 'reservee 4+0/4 complete']);
  });

  it('ends the wait of whoever waited for nothing else', () => {
    const room = new StoreRoom([shelf(1), shelf(2, 1)], []);
    const [missing, there] = [room.need(who(1), 1, 2), room.need(who(1), 2, 1)];
    numbered(room);
    room.change(missing!, 1);
    expect(missing!.signal).toBeNull();
    room.change(missing!, 0);
    expect([show(missing!), show(there!)]).toEqual(['annulee 0+0/1 complete', 'reservee 1+0/1']);
  });
});

describe('at the end', () => {
  const partly = () => {
    const room = new StoreRoom([shelf(1, 3), shelf(2)], []);
    room.need(who(1), 1, 5);
    room.need(who(1), 2, 1);
    return numbered(room);
  };

  it('what is there has been used, what never came is annulee', () => {
    const room = partly();
    room.consume(1);
    expect(room.besoins.map(show)).toEqual(['consommee 0+0/3', 'annulee 0+0/2', 'annulee 0+0/1']);
    expect(room.mouvements.map(({ type, variation }) => [type, variation])).toEqual([['sortie', -3]]);
    expect(room.shelf(1).stock).toBe(0);
  });

  it('what is there goes back, or on, when the work is called off', () => {
    const room = partly();
    const next = room.need(who(2), 1, 2);
    numbered(room);
    room.release(1);
    expect(show(next)).toBe('reservee 2+0/2 complete');
    expect([room.shelf(1).stock, room.disponible(1)]).toEqual([3, 1]);
    expect(room.besoins.filter(({ intervention_id }) => intervention_id === 1).map(show)).toEqual([
      'rendue 0+0/3',
      'annulee 0+0/2',
      'annulee 0+0/1',
    ]);
  });
});

it('amounts are exact decimals', () => {
  for (const text of ['0', '12', '12.5', '0.0001', '99999999.9999']) expect(text).toMatch(MONTANT);
  for (const text of ['', '-1', '01', '1.', '.5', '1e3', '1,5', '0.00001', '100000000', 'NaN', ' 1', '1\n']) {
    expect(text).not.toMatch(MONTANT);
  }
  expect(['12.5000', '0', '0.1250', '7.0001', '37.50', '100.0000'].map(formatMontant)).toEqual([
    '12.50',
    '0.00',
    '0.125',
    '7.0001',
    '37.50',
    '100.00',
  ]);
});

describe('whatever happens', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'it is what counting one by one comes to (%i)',
    (seed) => {
      const random = createRandom(seed);
      const roll = (sides: number) => random.int(0, sides - 1);
      const stock = new Map([1, 2, 3].map((id) => [id, roll(6)]));
      const people = [1, 2, 3, 4, 5, 6].map((id) =>
        who(id, { priorite: PRIORITES[roll(4)]!, urgence: roll(2) === 0, attend: roll(2) === 0 }),
      );
      const model = new StockModel(stock, new Map(people.map((person) => [person.intervention_id, person])));
      const room = new StoreRoom(
        [...stock].map(([id, count]) => shelf(id, count)),
        [],
      );
      for (let step = 0; step < 120; step++) {
        const [piece, person, count] = [1 + roll(3), people[roll(6)]!, roll(5)];
        const id = person.intervention_id;
        const mine = room.needsFor(id);
        const chosen = mine[roll(Math.max(1, mine.length))];
        switch (roll(8)) {
          case 0:
            room.add('entree', piece, count + 1);
            model.arrive(piece, count + 1);
            break;
          case 1: {
            const free = model.leave(piece, count + 1);
            if (free) room.take(piece, count + 1);
            else expect(() => room.take(piece, count + 1)).toThrow();
            break;
          }
          case 2:
            room.count(piece, count * 2);
            model.count(piece, count * 2);
            break;
          case 3:
          case 4:
            room.need(person, piece, count + 1);
            model.ask(id, piece, count + 1);
            break;
          case 5:
            room.receive(id, mine);
            model.receive(id);
            break;
          case 6:
            if (chosen === undefined) break;
            room.change(chosen, count);
            model.change(id, chosen.piece_id, count);
            break;
          default:
            if (roll(2) === 0) {
              room.consume(id);
              model.finish(id);
            } else {
              room.release(id);
              model.cancel(id);
            }
        }
        numbered(room);
        expect(picture(room)).toEqual(pictureOf(model));
      }
    },
  );
});

function picture(room: StoreRoom) {
  return {
    stock: room.pieces.map(({ id, stock }) => [id, stock, room.reserve(id)]),
    needs: room.besoins
      .map((b) => [
        b.intervention_id,
        b.piece_id,
        b.quantite,
        b.quantite_reservee,
        b.quantite_recue,
        b.statut,
      ])
      .map(String)
      .sort(),
  };
}

function pictureOf(model: StockModel) {
  return {
    stock: [...model.shelf.keys()].map((id) => [id, model.stock(id), model.reserved(id)]),
    needs: model.needs
      .map((need) => [
        need.intervention,
        need.piece,
        need.wanted,
        model.promisedTo(need),
        need.inHand,
        need.outcome ?? stateOf(need, model.promisedTo(need)),
      ])
      .map(String)
      .sort(),
  };
}

function stateOf({ wanted, inHand }: ModelNeed, promised: number): string {
  if (inHand + promised < wanted) return 'demandee';
  return promised > 0 ? 'reservee' : 'recue';
}
