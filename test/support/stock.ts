import type { DataSource } from 'typeorm';
import { PRIORITES, type Priorite } from '../../src/domain/priorites';
import type { StatutBesoin, TypeMouvement } from '../../src/domain/stock/pieces';

/**
 * Parts the slow and obvious way: every unit is a thing of its own, which lies on the shelf, is promised to a need or is in
 * somebody's hands, and whatever is given or taken is so one by one.
 */

interface Unit {
  /** Whose it is to be, on the shelf; null for nobody. */
  promised: ModelNeed | null;
}

export interface ModelNeed {
  intervention: number;
  piece: number;
  /** When it was first asked for. */
  age: number;
  wanted: number;
  inHand: number;
  outcome: StatutBesoin | null;
}

export class StockModel {
  readonly shelf = new Map<number, Unit[]>();
  readonly needs: ModelNeed[] = [];
  private clock = 0;

  constructor(
    stock: ReadonlyMap<number, number>,
    private readonly turns: ReadonlyMap<number, { priorite: Priorite; urgence: boolean }>,
  ) {
    for (const [piece, count] of stock) this.shelf.set(piece, units(count));
  }

  stock(piece: number): number {
    return this.shelf.get(piece)!.length;
  }

  reserved(piece: number): number {
    return this.shelf.get(piece)!.filter(({ promised }) => promised !== null).length;
  }

  promisedTo(need: ModelNeed): number {
    return this.shelf.get(need.piece)!.filter(({ promised }) => promised === need).length;
  }

  arrive(piece: number, count: number): void {
    this.shelf.get(piece)!.push(...units(count));
    this.give(piece);
  }

  /** False when nobody may take so many. */
  leave(piece: number, count: number): boolean {
    const there = this.shelf.get(piece)!;
    const free = there.filter(({ promised }) => promised === null);
    if (free.length < count) return false;
    this.shelf.set(piece, [...there.filter(({ promised }) => promised !== null), ...free.slice(count)]);
    return true;
  }

  count(piece: number, counted: number): void {
    const there = this.shelf.get(piece)!;
    while (there.length < counted) there.push({ promised: null });
    while (there.length > counted) {
      const free = there.findIndex(({ promised }) => promised === null);
      const last = this.inTurn(there.flatMap(({ promised }) => promised ?? [])).at(-1);
      const lost = free >= 0 ? free : there.findIndex(({ promised }) => promised === last);
      there.splice(lost, 1);
    }
    this.give(piece);
  }

  ask(intervention: number, piece: number, count: number): void {
    let need = this.live(intervention).find((one) => one.piece === piece);
    if (need === undefined) {
      need = { intervention, piece, age: this.clock++, wanted: 0, inHand: 0, outcome: null };
      this.needs.push(need);
    }
    need.wanted += count;
    this.give(piece);
  }

  /** What is not on the shelf comes, and what is then promised is handed over. */
  receive(intervention: number): void {
    for (const need of this.live(intervention)) {
      const missing = need.wanted - need.inHand - this.promisedTo(need);
      this.arrive(need.piece, missing);
      need.inHand += this.takePromised(need);
    }
  }

  change(intervention: number, piece: number, wanted: number): void {
    const need = this.live(intervention).find((one) => one.piece === piece)!;
    if (wanted === 0) this.end(need, 'rendue', true);
    else {
      need.wanted = wanted;
      const back = Math.max(0, need.inHand - wanted);
      need.inHand -= back;
      while (this.promisedTo(need) > need.wanted - need.inHand) {
        this.shelf.get(piece)!.find(({ promised }) => promised === need)!.promised = null;
      }
      this.arrive(piece, back);
    }
    this.give(piece);
  }

  finish(intervention: number): void {
    for (const need of this.live(intervention)) {
      need.inHand += this.takePromised(need);
      this.end(need, 'consommee', false);
    }
  }

  cancel(intervention: number): void {
    for (const need of this.live(intervention)) this.end(need, 'rendue', true);
  }

  live(intervention: number): ModelNeed[] {
    return this.needs.filter((need) => need.intervention === intervention && need.outcome === null);
  }

  private end(need: ModelNeed, outcome: StatutBesoin, bringsBack: boolean): void {
    const there = this.shelf.get(need.piece)!.filter(({ promised }) => promised === need);
    const got = need.inHand + there.length;
    need.outcome = got === 0 ? 'annulee' : outcome;
    if (got > 0 && got < need.wanted) {
      this.needs.push({ ...need, wanted: need.wanted - got, inHand: 0, outcome: 'annulee' });
      need.wanted = got;
    }
    for (const unit of there) unit.promised = null;
    if (bringsBack) this.arrive(need.piece, need.inHand);
    need.inHand = 0;
    this.give(need.piece);
  }

  private takePromised(need: ModelNeed): number {
    const there = this.shelf.get(need.piece)!;
    const others = there.filter(({ promised }) => promised !== need);
    this.shelf.set(need.piece, others);
    return there.length - others.length;
  }

  private give(piece: number): void {
    for (;;) {
      const free = this.shelf.get(piece)!.find(({ promised }) => promised === null);
      const waiting = this.needs.filter(
        (need) =>
          need.outcome === null && need.piece === piece && need.wanted > need.inHand + this.promisedTo(need),
      );
      const first = this.inTurn(waiting)[0];
      if (free === undefined || first === undefined) return;
      free.promised = first;
    }
  }

  private inTurn(needs: readonly ModelNeed[]): ModelNeed[] {
    const rank = ({ intervention, age }: ModelNeed) => {
      const { priorite, urgence } = this.turns.get(intervention)!;
      return [-PRIORITES.indexOf(priorite), urgence ? 0 : 1, age] as const;
    };
    return [...needs].sort((one, other) => {
      const [a, b] = [rank(one), rank(other)];
      return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    });
  }
}

function units(count: number): Unit[] {
  return Array.from({ length: count }, () => ({ promised: null }));
}

interface PieceRow {
  id: number;
  stock: number;
  reserve: number;
}
interface BesoinRow {
  id: number;
  intervention_id: number;
  piece_id: number;
  quantite: number;
  quantite_reservee: number;
  quantite_recue: number;
  statut: StatutBesoin;
  priorite: Priorite;
  urgence: boolean;
  etat: string;
}
interface MouvementRow {
  id: number;
  piece_id: number;
  type: TypeMouvement;
  quantite: number;
  variation: number;
  stock: number;
}

/** What holds of parts whatever has happened; empty when all of it does. */
export async function stockFaults(db: DataSource): Promise<string[]> {
  const pieces: PieceRow[] = await db.query('SELECT id, stock, reserve FROM pieces ORDER BY id');
  const besoins: BesoinRow[] = await db.query(
    `SELECT b.*, i.priorite, i.urgence, i.statut AS etat FROM besoins_pieces b
     JOIN interventions i ON i.id = b.intervention_id ORDER BY b.id`,
  );
  const mouvements: MouvementRow[] = await db.query('SELECT * FROM mouvements_stock ORDER BY id');
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  for (const { id, stock, reserve } of pieces) {
    let sum = 0;
    for (const line of mouvements.filter(({ piece_id }) => piece_id === id)) {
      sum += line.variation;
      expect(
        sum === line.stock && sum >= 0,
        `part ${id}: line ${line.id} comes to ${line.stock}, not ${sum}`,
      );
    }
    expect(sum === stock, `part ${id}: stock ${stock}, movements ${sum}`);
    const needs = besoins.filter(({ piece_id }) => piece_id === id);
    const promised = needs.reduce((total, { quantite_reservee }) => total + quantite_reservee, 0);
    expect(promised === reserve, `part ${id}: reserve ${reserve}, needs ${promised}`);
    expect(promised <= stock, `part ${id}: ${promised} promised of ${stock}`);
    const waits = needs.some(({ statut }) => statut === 'demandee');
    expect(!waits || promised === stock, `part ${id}: somebody waits for what is free`);
  }
  for (const { id, quantite, quantite_reservee, quantite_recue, statut, etat } of besoins) {
    const got = quantite_reservee + quantite_recue;
    const live = ['demandee', 'reservee', 'recue'].includes(statut);
    const is = got < quantite ? 'demandee' : quantite_reservee > 0 ? 'reservee' : 'recue';
    expect(live ? statut === is : got === 0, `need ${id} of ${quantite} is ${statut} with ${got}`);
    expect(!live || !['terminee', 'annulee'].includes(etat), `need ${id} is ${statut}, its work ${etat}`);
  }
  const twice = besoins.filter(({ statut, ...one }) =>
    besoins.some(
      (other) =>
        other.id < one.id &&
        other.intervention_id === one.intervention_id &&
        other.piece_id === one.piece_id &&
        [statut, other.statut].every((each) => ['demandee', 'reservee', 'recue'].includes(each)),
    ),
  );
  return [...faults, ...twice.map(({ id }) => `need ${id} is there twice`)];
}
