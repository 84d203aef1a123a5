export const STATUTS_BESOIN = ['demandee', 'reservee', 'recue', 'consommee', 'rendue'] as const;
/**
 * `demandee`: not in stock, to be ordered. `reservee`: taken out of the stock, not yet in the technicien's
 * hands. `recue`: there. Then used (`consommee`) or brought back (`rendue`).
 */
export type StatutBesoin = (typeof STATUTS_BESOIN)[number];

/** States in which the technicien still waits for a part. */
export const MISSING: readonly StatutBesoin[] = ['demandee', 'reservee'];
