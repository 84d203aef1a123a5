export const STATUTS_BESOIN = ['demandee', 'reservee', 'recue', 'consommee', 'rendue', 'annulee'] as const;
/**
 * `demandee`: some of it is still to come. `reservee`: what the technicien does not have yet is set aside on the shelf.
 * `recue`: all of it is in their hands, and has left the stock. Then used (`consommee`), brought back (`rendue`) or, where it
 * never came, not needed any more (`annulee`).
 */
export type StatutBesoin = (typeof STATUTS_BESOIN)[number];

/** Needs of work that goes on: a part has at most one such need in each intervention. */
export const LIVE: readonly StatutBesoin[] = ['demandee', 'reservee', 'recue'];

export const TYPES_MOUVEMENT = ['entree', 'sortie', 'inventaire', 'retour'] as const;
/** `inventaire` says how many there are; the others, how many came or went. */
export type TypeMouvement = (typeof TYPES_MOUVEMENT)[number];

/** Units that come or go in one movement. */
export const MAX_MOUVEMENT = 1_000_000;
/** Units on the shelf: with what may still be brought back to it, well within what the database counts to. */
export const MAX_STOCK = 1_000_000_000;
/** Units asked for at once, and those that one need comes to. */
export const MAX_DEMANDE = 10_000;
export const MAX_BESOIN = 100_000;

/** An amount of money of a part, as text: at most four decimals, never a float. */
export const MONTANT = /^(?:0|[1-9]\d{0,7})(?:\.\d{1,4})?$/;

/** An amount as PostgreSQL writes it, as people do: "12.5000" is "12.50", "0.1250" is "0.125". */
export function formatMontant(decimal: string): string {
  const [units, decimals = ''] = decimal.split('.') as [string, string?];
  return `${units}.${decimals.replace(/0+$/, '').padEnd(2, '0')}`;
}
