import type { WorkingHours } from '../working-time';

export const NIVEAUX_EXPERIENCE = ['junior', 'confirme', 'senior', 'expert'] as const;
export type NiveauExperience = (typeof NIVEAUX_EXPERIENCE)[number];

/** A stretch of days off; instants in ISO 8601, the end excluded. */
export interface Absence {
  /** Among those of one technicien; given when it is written down. */
  id?: number;
  debut: string;
  fin: string;
  motif?: string;
}

/** Absences that a technicien may have. */
export const MAX_ABSENCES = 200;

/**
 * Gives an id to each absence that has none yet: what is known keeps its own, also where it is said again without one.
 * @param last the highest id there ever was.
 * @returns the highest one by now beside them.
 */
export function withIds(
  given: readonly Absence[],
  known: readonly Absence[],
  last: number,
): { absences: Absence[]; last: number } {
  const left = [...known];
  const take = (matches: (one: Absence) => boolean) => {
    const index = left.findIndex(matches);
    return index < 0 ? undefined : left.splice(index, 1)[0]!.id;
  };
  // Those that are named go first, so that nobody else is taken for them.
  const named = given.map(({ id }) => (id === undefined ? undefined : take((one) => one.id === id)));
  let highest = last;
  const absences = given.map(({ debut, fin, motif }, index) => {
    const same = (one: Absence) => one.debut === debut && one.fin === fin && one.motif === motif;
    const id = named[index] ?? take(same) ?? ++highest;
    return { id, debut, fin, ...(motif === undefined ? {} : { motif }) };
  });
  return { absences, last: highest };
}

export type Horaires = WorkingHours;
