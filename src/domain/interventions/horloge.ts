import { addCounted, type Counting, countedBetween, delay } from './comptage';

/**
 * The clock of the resolution (contract-planification §3). The deadline that nobody typed is a function of where the clock
 * started, of its pauses and of the priority as it is, and of nothing else: a change of priority counts again from the
 * start with every pause replayed, and equal events in another order give the same. Instants are milliseconds.
 */

/** A wait that stopped the clock, and is over. */
export interface Pause {
  debut: number;
  fin: number;
  /** Why, where it was not for parts. */
  motif?: string;
}

export interface Horloge {
  /** The creation, or the last reopening. */
  depuis: number;
  /** Since then, in order. One that still lasts is none yet. */
  pauses: readonly Pause[];
}

/**
 * When the delay of the priority will have passed, not counting the pauses. While one lasts, what it is if the work is
 * taken up again at once: nothing is told of it until then.
 */
export function computeDateLimite(counting: Counting, horloge: Horloge): number {
  return passedAt(counting, horloge, delay(counting, 'resolution'));
}

/** When so many milliseconds of the time that counts will have passed, not counting the pauses. */
export function passedAt(counting: Counting, { depuis, pauses }: Horloge, duration: number): number {
  let left = duration;
  let from = depuis;
  for (const { debut, fin } of pauses) {
    const counted = countedBetween(counting, from, debut);
    if (left <= counted) break;
    left -= counted;
    from = fin;
  }
  return addCounted(counting, from, left);
}
