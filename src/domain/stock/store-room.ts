import { RegieError } from '../errors';
import { PRIORITES, type Priorite } from '../priorites';
import { MAX_BESOIN, MAX_STOCK, type StatutBesoin, type TypeMouvement } from './pieces';

/**
 * What becomes of parts: what lies on the shelf, what of it is set aside, for whom, and who waits. Pure rules over the
 * parts of one transaction, all of whose live needs are known; `services/stock/store-room.ts` reads and writes them.
 *
 * As long as anybody waits for a part, none of it is free: what comes is given at once to those who wait, in their turn.
 */

/** A part as it lies on the shelf. */
export interface Shelf {
  id: number;
  reference: string;
  designation: string;
  /** Units that are there, also those that are set aside. */
  stock: number;
  seuil_alerte: number;
  /** Whether its running low has been told, and it has not been above since. */
  alerte_dite: boolean;
}

/** What an intervention needs of a part. */
export interface Besoin {
  /** Null for one that is not written yet. Lower ones are older: they are given out under the lock of the part. */
  id: number | null;
  intervention_id: number;
  piece_id: number;
  quantite: number;
  /** Units on the shelf that are set aside for it. */
  quantite_reservee: number;
  /** Units that are in the hands of the technicien, and have left the stock. */
  quantite_recue: number;
  statut: StatutBesoin;
  /** What its intervention has not taken note of yet. */
  signal: Signal | null;
  /** Of its intervention. */
  priorite: Priorite;
  urgence: boolean;
  /** Whether its intervention waits for parts. */
  attend: boolean;
}

/** `complete`: what the intervention waited for is there. `reprise`: what was set aside turned out not to be there. */
export type Signal = 'complete' | 'reprise';

/** A line of the book of a part: the stock is the sum of the variations. */
export interface Mouvement {
  piece_id: number;
  type: TypeMouvement;
  /** As it was said: how many came or went, or how many there are. */
  quantite: number;
  variation: number;
  /** What the stock came to. */
  stock: number;
  motif: string | null;
  intervention_id: number | null;
}

/** Whose need it is, with what decides about its turn. */
export type Demandeur = Pick<Besoin, 'intervention_id' | 'priorite' | 'urgence' | 'attend'>;

/** Why units come or go. */
export interface Occasion {
  motif?: string | null;
  intervention_id?: number | null;
}

/** Units of a need that are not even on the shelf. */
function missingOf({
  quantite,
  quantite_reservee,
  quantite_recue,
}: Pick<Besoin, 'quantite' | 'quantite_reservee' | 'quantite_recue'>): number {
  return quantite - quantite_reservee - quantite_recue;
}

/** Whose turn comes first: the more critical, of equals the urgent, of equals whoever has waited longest. */
function byTurn(one: Besoin, other: Besoin): number {
  return (
    PRIORITES.indexOf(other.priorite) - PRIORITES.indexOf(one.priorite) ||
    Number(other.urgence) - Number(one.urgence) ||
    ageOf(one) - ageOf(other)
  );
}

function ageOf({ id }: Besoin): number {
  return id ?? Number.POSITIVE_INFINITY;
}

export class StoreRoom {
  readonly mouvements: Mouvement[] = [];
  private readonly shelves: ReadonlyMap<number, Shelf>;
  /** The needs of each part, those among them that are over by now included. */
  private readonly needs = new Map<number, Besoin[]>();

  /** @param besoins every live need of these parts; what becomes of them stands in them afterwards. */
  constructor(shelves: readonly Shelf[], besoins: readonly Besoin[]) {
    this.shelves = new Map(shelves.map((shelf) => [shelf.id, shelf]));
    for (const besoin of besoins) this.keep(besoin);
  }

  /** All of them, by part. */
  get besoins(): readonly Besoin[] {
    return [...this.needs.values()].flat();
  }

  get pieces(): readonly Shelf[] {
    return [...this.shelves.values()];
  }

  has(pieceId: number): boolean {
    return this.shelves.has(pieceId);
  }

  shelf(pieceId: number): Shelf {
    return this.shelves.get(pieceId)!;
  }

  /** Units that are set aside. */
  reserve(pieceId: number): number {
    return this.needsOf(pieceId).reduce((sum, { quantite_reservee }) => sum + quantite_reservee, 0);
  }

  /** Units that nobody has been promised. */
  disponible(pieceId: number): number {
    return this.shelf(pieceId).stock - this.reserve(pieceId);
  }

  /** Whether few are left for whoever comes next. */
  isLow(pieceId: number): boolean {
    return this.disponible(pieceId) <= this.shelf(pieceId).seuil_alerte;
  }

  /** The live needs of an intervention, among those of these parts. */
  needsFor(interventionId: number): Besoin[] {
    return this.besoins.filter((besoin) => besoin.intervention_id === interventionId && isLive(besoin));
  }

  /**
   * Units come: bought, or brought back.
   * @throws {RegieError} `LIMITE_ATTEINTE` when there would be more than are counted.
   */
  add(type: 'entree' | 'retour', pieceId: number, quantite: number, occasion: Occasion = {}): void {
    if (this.shelf(pieceId).stock + quantite > MAX_STOCK) {
      throw new RegieError('LIMITE_ATTEINTE', {
        detail: { fr: `Au plus ${MAX_STOCK} en stock`, en: `At most ${MAX_STOCK} in stock` },
        extensions: { limite: MAX_STOCK },
      });
    }
    this.note(type, pieceId, quantite, quantite, occasion);
    this.serve(pieceId);
  }

  /**
   * Units leave, of those that nobody has been promised.
   * @throws {RegieError} `STOCK_INSUFFISANT`
   */
  take(pieceId: number, quantite: number, occasion: Occasion = {}): void {
    const disponible = this.disponible(pieceId);
    if (quantite > disponible) {
      const { stock } = this.shelf(pieceId);
      throw new RegieError('STOCK_INSUFFISANT', {
        detail: {
          fr: `${disponible} disponible(s) : ${stock} en stock, dont ${stock - disponible} réservée(s)`,
          en: `${disponible} available: ${stock} in stock, of which ${stock - disponible} reserved`,
        },
        extensions: { stock, reserve: stock - disponible, disponible },
      });
    }
    this.note('sortie', pieceId, quantite, -quantite, occasion);
  }

  /**
   * Somebody has counted: so many there are. Where that is less than was promised, promises are taken back, from those
   * whose turn comes last.
   */
  count(pieceId: number, quantite: number, occasion: Occasion = {}): void {
    this.note('inventaire', pieceId, quantite, quantite - this.shelf(pieceId).stock, occasion);
    let excess = -this.disponible(pieceId);
    for (const besoin of this.needsOf(pieceId).sort(byTurn).reverse()) {
      if (excess <= 0) break;
      const taken = Math.min(excess, besoin.quantite_reservee);
      if (taken === 0) continue;
      if (missingOf(besoin) === 0) besoin.signal = 'reprise';
      besoin.quantite_reservee -= taken;
      excess -= taken;
      settle(besoin);
    }
    this.serve(pieceId);
  }

  /**
   * An intervention needs so many more of a part: what is free is set aside for it at once.
   * @throws {RegieError} `LIMITE_ATTEINTE`
   */
  need(demandeur: Demandeur, pieceId: number, quantite: number): Besoin {
    let besoin = this.needsFor(demandeur.intervention_id).find(({ piece_id }) => piece_id === pieceId);
    if (besoin === undefined) {
      besoin = {
        ...demandeur,
        id: null,
        piece_id: pieceId,
        quantite: 0,
        quantite_reservee: 0,
        quantite_recue: 0,
        statut: 'demandee',
        signal: null,
      };
      this.keep(besoin);
    }
    grow(besoin, besoin.quantite + quantite);
    this.serve(pieceId, besoin);
    return besoin;
  }

  /**
   * A need comes to another quantity, none at all included. What it does not need any more is no longer set aside, and what
   * the technicien has of that is brought back.
   * @throws {RegieError} `LIMITE_ATTEINTE`
   */
  change(besoin: Besoin, quantite: number): void {
    if (quantite > besoin.quantite) {
      grow(besoin, quantite);
      this.serve(besoin.piece_id, besoin);
      return;
    }
    const before = this.waitOf(besoin.intervention_id);
    const untold = besoin.signal === 'complete';
    if (quantite === 0) this.close(besoin, 'rendue');
    else {
      const back = Math.max(0, besoin.quantite_recue - quantite);
      besoin.quantite = quantite;
      besoin.quantite_recue -= back;
      besoin.quantite_reservee = Math.min(besoin.quantite_reservee, quantite - besoin.quantite_recue);
      settle(besoin);
      this.bringBack(besoin, back);
    }
    const ended = untold || endsWait(before, this.waitOf(besoin.intervention_id));
    if (besoin.attend && ended) besoin.signal = 'complete';
    this.serve(besoin.piece_id);
  }

  /**
   * What an intervention was waiting for has come. What was not on the shelf is put there first, and goes to whoever is first
   * in line, like everything that comes; what is then set aside for these needs is handed over.
   * @returns whether that ends the wait for parts: the last missing one is there, or the last awaited one is in hand.
   */
  receive(interventionId: number, besoins: readonly Besoin[]): boolean {
    const before = this.waitOf(interventionId);
    for (const besoin of besoins) {
      const missing = missingOf(besoin);
      if (missing > 0) this.add('entree', besoin.piece_id, missing, { intervention_id: interventionId });
      const { quantite_reservee: given } = besoin;
      besoin.quantite_reservee = 0;
      besoin.quantite_recue += given;
      settle(besoin);
      if (given > 0) {
        this.note('sortie', besoin.piece_id, given, -given, { intervention_id: interventionId });
      }
    }
    // Whoever records it knows it from the answer.
    for (const besoin of this.needsFor(interventionId))
      if (besoin.signal === 'complete') besoin.signal = null;
    return endsWait(before, this.waitOf(interventionId));
  }

  /** The work is done: what was set aside or in hand has been used, what never came is not needed any more. */
  consume(interventionId: number): void {
    for (const besoin of this.needsFor(interventionId)) {
      const { piece_id, quantite_reservee: left } = besoin;
      if (left > 0) this.note('sortie', piece_id, left, -left, { intervention_id: interventionId });
      this.end(besoin, 'consommee');
    }
  }

  /** The work is called off: what was set aside or in hand is there for the next in line. */
  release(interventionId: number): void {
    for (const besoin of this.needsFor(interventionId)) {
      this.close(besoin, 'rendue');
      this.serve(besoin.piece_id);
    }
  }

  /** What is missing to an intervention, and what its technicien does not have yet, in units. */
  waitOf(interventionId: number): Wait {
    const needs = this.needsFor(interventionId);
    return {
      missing: needs.reduce((sum, besoin) => sum + missingOf(besoin), 0),
      awaited: needs.reduce((sum, { quantite, quantite_recue }) => sum + quantite - quantite_recue, 0),
    };
  }

  /** Gives what is free to those who wait, in their turn. @param own need that has just come, whose units are no arrival. */
  private serve(pieceId: number, own?: Besoin): void {
    let free = this.disponible(pieceId);
    if (free <= 0) return;
    for (const besoin of this.needsOf(pieceId).sort(byTurn)) {
      if (free === 0) return;
      const given = Math.min(free, missingOf(besoin));
      if (given === 0) continue;
      free -= given;
      besoin.quantite_reservee += given;
      settle(besoin);
      if (missingOf(besoin) > 0) continue;
      // An arrival is told to those who wait; and what was taken back and is there again, to nobody.
      besoin.signal = besoin.attend && besoin !== own ? 'complete' : null;
    }
  }

  /** Ends a need with what there is of it brought back. */
  private close(besoin: Besoin, outcome: StatutBesoin): void {
    const { quantite_recue: inHand } = besoin;
    this.end(besoin, outcome);
    this.bringBack(besoin, inHand);
  }

  /** Ends a need with what there is of it; the rest of it never came. */
  private end(besoin: Besoin, outcome: StatutBesoin): void {
    const missing = missingOf(besoin);
    const there = besoin.quantite - missing;
    besoin.quantite_reservee = 0;
    besoin.quantite_recue = 0;
    besoin.signal = null;
    besoin.statut = there === 0 ? 'annulee' : outcome;
    if (there === 0 || missing === 0) return;
    besoin.quantite = there;
    this.keep({ ...besoin, id: null, quantite: missing, statut: 'annulee' });
  }

  /** Not refused, whatever the stock comes to: it is there. */
  private bringBack({ piece_id, intervention_id }: Besoin, quantite: number): void {
    if (quantite > 0) this.note('retour', piece_id, quantite, quantite, { intervention_id });
  }

  private keep(besoin: Besoin): void {
    const others = this.needs.get(besoin.piece_id);
    if (others === undefined) this.needs.set(besoin.piece_id, [besoin]);
    else others.push(besoin);
  }

  private note(
    type: TypeMouvement,
    pieceId: number,
    quantite: number,
    variation: number,
    { motif = null, intervention_id = null }: Occasion,
  ): void {
    const shelf = this.shelf(pieceId);
    shelf.stock += variation;
    const { stock } = shelf;
    this.mouvements.push({ piece_id: pieceId, type, quantite, variation, stock, motif, intervention_id });
  }

  private needsOf(pieceId: number): Besoin[] {
    return (this.needs.get(pieceId) ?? []).filter(isLive);
  }
}

interface Wait {
  missing: number;
  awaited: number;
}

/** Whether the last part that was missing is there, or the last that was awaited is in hand. */
function endsWait(before: Wait, after: Wait): boolean {
  return (before.missing > 0 && after.missing === 0) || (before.awaited > 0 && after.awaited === 0);
}

function isLive({ statut }: Besoin): boolean {
  return statut === 'demandee' || statut === 'reservee' || statut === 'recue';
}

/** What the quantities of a live need say. */
function settle(besoin: Besoin): void {
  if (missingOf(besoin) > 0) besoin.statut = 'demandee';
  else besoin.statut = besoin.quantite_reservee > 0 ? 'reservee' : 'recue';
}

function grow(besoin: Besoin, quantite: number): void {
  if (quantite > MAX_BESOIN) {
    throw new RegieError('LIMITE_ATTEINTE', {
      detail: { fr: `Au plus ${MAX_BESOIN} de cette pièce`, en: `At most ${MAX_BESOIN} of this part` },
      extensions: { limite: MAX_BESOIN },
    });
  }
  besoin.quantite = quantite;
  settle(besoin);
}
