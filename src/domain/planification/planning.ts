export const STATUTS_PLANNING = ['planifiee', 'en_cours', 'realisee', 'annulee'] as const;
export type StatutPlanning = (typeof STATUTS_PLANNING)[number];

/** Minutes of the longest visit there may be. */
export const MAX_DURATION = 10_080;

/** Minutes a visit takes when nobody says. */
export const DEFAULT_DURATION = 60;
