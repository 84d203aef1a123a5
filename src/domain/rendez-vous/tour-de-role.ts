/** Whose turn it is to take an appointment: fair by weight within a month, and said why. */

export interface Candidat {
  id: number;
  priorite: number;
  /** Share of the work; more than 0. */
  poids: number;
  /** Appointments of this month that were kept or still stand; not those that were cancelled or to which nobody came. */
  faits: number;
  /** See {@link calibrationOf}; 0 for who was there from the beginning of the month. */
  calibration: number;
  /** When they last got one, in whatever month: a later one has a higher number; null for never. */
  dernier: number | null;
}

export const CRITERES = ['seul', 'charge', 'priorite', 'anciennete', 'rang'] as const;
/** What decided between the first two: that there was one alone, their load, priority, who waited longer, or their number. */
export type Critere = (typeof CRITERES)[number];

export interface Tour {
  id: number;
  critere: Critere;
  /** Of each candidate, `(faits − calibration) ÷ poids`. */
  charges: { id: number; charge: number }[];
}

/** Lowest load, then highest priority, then longest without one, then lowest id. @throws {RangeError} for nobody. */
export function choisir(candidats: readonly Candidat[]): Tour {
  const [first, second] = [...candidats].sort((a, b) =>
    COMPARISONS.reduce((sum, [, by]) => sum || by(a, b), 0),
  );
  if (first === undefined) throw new RangeError('There is nobody whose turn it could be');
  const critere = second === undefined ? 'seul' : COMPARISONS.find(([, by]) => by(first, second) !== 0)![0];
  return { id: first.id, critere, charges: candidats.map((one) => ({ id: one.id, charge: chargeOf(one) })) };
}

/**
 * What is taken off the count of somebody who joins within a month: less than nothing, so that they begin where the others
 * are and do not get everything until they have caught up.
 */
export function calibrationOf(poids: number, others: readonly Omit<Candidat, 'id'>[]): number {
  if (others.length === 0) return 0;
  const mean = others.reduce((sum, other) => sum + chargeOf(other), 0) / others.length;
  // Without the zero that has a sign.
  return 0 - mean * poids;
}

/** Somebody among those who take turns, as the rows know them. Instants are milliseconds. */
export interface Membre {
  id: number;
  poids: number;
  /** Since when they take turns. */
  depuis: number;
  /** When each of the appointments that count was given to them. */
  attributions: readonly number[];
}

/** The calibration of each: by the loads, at the moment at which they joined, of those who had joined before. */
export function calibrer(membres: readonly Membre[]): Map<number, number> {
  const calibrations = new Map<number, number>();
  for (const membre of [...membres].sort((a, b) => a.depuis - b.depuis)) {
    const others = membres
      .filter(({ depuis }) => depuis < membre.depuis)
      .map(({ id, poids, attributions }) => ({
        poids,
        priorite: 0,
        faits: attributions.filter((at) => at < membre.depuis).length,
        calibration: calibrations.get(id)!,
        dernier: null,
      }));
    calibrations.set(membre.id, calibrationOf(membre.poids, others));
  }
  return calibrations;
}

function chargeOf({ faits, calibration, poids }: Omit<Candidat, 'id'>): number {
  return (faits - calibration) / poids;
}

const COMPARISONS: readonly [Critere, (a: Candidat, b: Candidat) => number][] = [
  ['charge', (a, b) => chargeOf(a) - chargeOf(b)],
  ['priorite', (a, b) => b.priorite - a.priorite],
  ['anciennete', (a, b) => compareInstants(a.dernier, b.dernier)],
  ['rang', (a, b) => a.id - b.id],
];

/** Never comes before any time. */
function compareInstants(a: number | null, b: number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  return b === null ? 1 : a - b;
}
