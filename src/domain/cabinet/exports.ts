/**
 * Copies of a record that leave the practice. One is made in its own time, lies sealed where files are kept, is handed over
 * once, and is gone by then or after its time, whichever comes first.
 */

export const STATUTS_EXPORT = ['en_cours', 'pret', 'remis', 'expire', 'echoue'] as const;
export type StatutExport = (typeof STATUTS_EXPORT)[number];

/**
 * Why one was not made: it held not exactly what there is, whoever asked for it may not have it any more, or it could not be
 * made for as long as it was tried.
 */
export const ERREURS_EXPORT = ['comptes', 'droits', 'essais'] as const;
export type ErreurExport = (typeof ERREURS_EXPORT)[number];

const HOUR = 3_600_000;
/** For so long one is there to be fetched, in milliseconds. */
export const VALIDITE_EXPORT = 72 * HOUR;
/** For so long it is tried. */
export const ESSAIS_EXPORT = 24 * HOUR;
/** Exports that somebody may have under way or unfetched at a time. */
export const MAX_EXPORTS = 10;
/** Whoever fetches one has its bytes by then, or it is there again. */
export const REMISE = 60_000;

export interface EtatExport {
  statut: StatutExport;
  date_creation: Date;
  date_expiration: Date | null;
  date_remise: Date | null;
  date_effacement: Date | null;
}

/** What is to be done of one now; of what is to be waited for, how long. */
export type SuiteExport = { acte: 'etablir' | 'abandonner' | 'effacer' | 'rien' } | { attendre: number };

/**
 * @param remis whether whoever fetched it has said that they have it.
 * @param now milliseconds.
 */
export function suiteExport(etat: EtatExport, remis: boolean, now: number): SuiteExport {
  const { statut, date_creation, date_expiration, date_remise, date_effacement } = etat;
  if (date_effacement !== null) return { acte: 'rien' };
  if (statut === 'en_cours') {
    return { acte: now - date_creation.getTime() > ESSAIS_EXPORT ? 'abandonner' : 'etablir' };
  }
  const until =
    statut === 'pret'
      ? date_expiration!.getTime()
      : statut === 'remis' && !remis
        ? date_remise!.getTime() + REMISE
        : now;
  return until > now ? { attendre: until - now } : { acte: 'effacer' };
}
