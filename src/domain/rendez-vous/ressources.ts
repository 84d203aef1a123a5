import type { Stretch } from '../working-time';

/** What people who receive, and rooms, say of their time. */

/** A day on which other stretches hold than the week's: none at all where it is closed. */
export interface Exception {
  /** `2026-12-24`, in the calendar of whose it is. */
  date: string;
  plages: readonly Stretch[];
}

/** Days on which somebody is away, both included. */
export interface AbsenceIntervenant {
  date_debut: string;
  date_fin: string;
  motif: string | null;
  /** Who may be booked in their place. */
  remplacant_id: number | null;
}

/** Exceptions and absences that one row may hold. */
export const MAX_EXCEPTIONS = 400;

/** The exceptions by their days, as calendars have them: none at all where no day has to be looked up. */
export function exceptionsByDay(
  exceptions: readonly Exception[],
): ReadonlyMap<string, readonly Stretch[]> | undefined {
  if (exceptions.length === 0) return undefined;
  return new Map(exceptions.map(({ date, plages }) => [date, plages]));
}
