import { invalid } from '../errors';
import { addWorkingTime, DEFAULT_HOURS, WORKING_DAY, type WorkingHours } from '../working-time';

/** Days on which a site is closed, both included. */
export interface Fermeture {
  date_debut: string;
  date_fin: string;
  motif?: string;
}

/** Closings that a site may have, and days of each. */
export const MAX_FERMETURES = 100;
export const MAX_JOURS_FERMETURE = 366;

/** What is counted of the longest deadline there is until its last level is told, twice over. */
const ENOUGH = 90 * WORKING_DAY;

/**
 * Whether a site leaves time for the work that is done there, so that no deadline is looked for in vain.
 * @throws {RegieError} `VALIDATION` when it does not
 */
export function requireEnoughTime(
  { horaires, fermetures }: { horaires: WorkingHours | null; fermetures: readonly Fermeture[] },
  zone: string,
  now: number,
): void {
  const closings = fermetures.map(({ date_debut, date_fin }) => ({ debut: date_debut, fin: date_fin }));
  try {
    addWorkingTime(now, ENOUGH, { hours: horaires ?? DEFAULT_HOURS, zone, closings });
  } catch {
    throw invalid({
      champ: fermetures.length > 0 ? 'fermetures' : 'horaires',
      message: {
        fr: 'Trop peu de temps ouvré : au moins 720 heures dans les trois ans à venir sont attendues',
        en: 'Too little working time: at least 720 hours within the next three years are expected',
      },
    });
  }
}
