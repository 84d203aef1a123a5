export const STATUTS_PLANNING = ['planifiee', 'en_cours', 'realisee', 'annulee'] as const;
export type StatutPlanning = (typeof STATUTS_PLANNING)[number];

/** Minutes of the shortest and of the longest visit there may be. */
export const MIN_DURATION = 5;
export const MAX_DURATION = 10_080;

/** Minutes a visit takes when nobody says. */
export const DEFAULT_DURATION = 60;

/** How many may go with the technicien of a visit. */
export const MAX_EQUIPIERS = 10;
