import type { Condition, Operateur, PasCompteur } from './plans';

/** When a reading of a meter makes a plan due. */

/** What a meter showed before a reading, and shows by it; null before the first one. */
export interface Lecture {
  avant: number | null;
  apres: number;
}

/** A meter that falls by more than a step was put back, or is another one; by less it was corrected. */
export function isPutBack({ pas }: PasCompteur, { avant, apres }: Lecture): boolean {
  return avant !== null && apres <= avant - pas;
}

/**
 * The multiples of the step that a reading has reached, counted from zero, the highest last; several when a reading was left
 * out. More than this many are none of a meter that goes on bit by bit: the last ones.
 */
export function stepsReached({ pas }: PasCompteur, { avant, apres }: Lecture): number[] {
  if (avant === null) return [];
  const first = Math.floor(avant / pas) + 1;
  const last = Math.floor(apres / pas);
  const steps = [];
  for (let step = Math.max(first, last - MAX_STEPS + 1); step <= last; step++) steps.push(step * pas);
  return steps;
}

const MAX_STEPS = 20;

/** The value at which the meter is due that was last done, or last due, at another one; null while it is not reached. */
export function thresholdReached({ pas }: PasCompteur, base: number, { apres }: Lecture): number | null {
  return apres >= base + pas ? base + pas : null;
}

/** What is remembered of a condition between two readings. */
export interface EtatCondition {
  /** Whether it may be met: not again before the meter has come back. */
  arme: boolean;
  /** Readings in a row that are beyond the bound. */
  consecutifs: number;
}

/** What a reading makes of a condition. */
export function conditionAfter(
  { operateur, seuil, hysteresis, n_releves }: Condition,
  { arme, consecutifs }: EtatCondition,
  valeur: number,
): EtatCondition & { declenchee: boolean } {
  if (!arme) {
    const back = isBack(operateur, seuil, hysteresis, valeur);
    return { arme: back, consecutifs: 0, declenchee: false };
  }
  if (!holds(operateur, valeur, seuil)) return { arme, consecutifs: 0, declenchee: false };
  const declenchee = consecutifs + 1 >= n_releves;
  return { arme: !declenchee, consecutifs: declenchee ? 0 : consecutifs + 1, declenchee };
}

function holds(operateur: Operateur, valeur: number, seuil: number): boolean {
  switch (operateur) {
    case '>':
      return valeur > seuil;
    case '>=':
      return valeur >= seuil;
    case '<':
      return valeur < seuil;
    case '<=':
      return valeur <= seuil;
  }
}

/** Whether the meter has come back behind the bound by the hysteresis, so that crossing it again means something. */
function isBack(operateur: Operateur, seuil: number, hysteresis: number, valeur: number): boolean {
  const isUpper = operateur === '>' || operateur === '>=';
  const bound = isUpper ? seuil - hysteresis : seuil + hysteresis;
  return !holds(operateur, valeur, seuil) && (isUpper ? valeur <= bound : valeur >= bound);
}
