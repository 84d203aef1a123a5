/** Reports that people ask for. */

export const TYPES_RAPPORT = ['intervention', 'semaine', 'equipement', 'mois'] as const;
export type TypeRapport = (typeof TYPES_RAPPORT)[number];

export const STATUTS_RAPPORT = ['en_cours', 'pret', 'abandonne'] as const;
export type StatutRapport = (typeof STATUTS_RAPPORT)[number];

/** Reports of one person that are being made at once. */
export const MAX_EN_COURS = 5;

/** Among the sites of a report: what stands on none. */
export const SANS_SITE = 0;

/** `2026-12`. */
export const MOIS = /^(20\d\d)-(0[1-9]|1[0-2])$/;

/** The first day of a month and that of the next, as `YYYY-MM-DD`. */
export function daysOfMonth(mois: string): { debut: string; suivant: string } {
  const [year, month] = mois.split('-').map(Number) as [number, number];
  const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`;
  return { debut: `${mois}-01`, suivant: `${next}-01` };
}
