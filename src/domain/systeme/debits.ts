/** How much one caller may ask for: far more than people and their frontends do, far less than harms others. */

/** Reads are cheap; whatever writes is not, and who is not known yet has little to ask. */
export type Genre = 'lecture' | 'ecriture' | 'anonyme';

/** Requests are counted over this time, in milliseconds. */
export const FENETRE = 60_000;

/** Requests of one caller in that time. */
export const LIMITES: Readonly<Record<Genre, number>> = { lecture: 3_000, ecriture: 600, anonyme: 600 };

/** The beginning of the time in which an instant is counted. */
export function fenetreOf(now: Date): Date {
  return new Date(Math.floor(now.getTime() / FENETRE) * FENETRE);
}
