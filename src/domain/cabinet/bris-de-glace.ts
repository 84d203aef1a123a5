/**
 * Records that are not shared, opened all the same for a while, with a reason: for how long, and what follows by itself. The
 * patient is told at once; somebody who runs the practice says whether it was right, and others are asked when they do not.
 */

/** For so long a record is open, at most. Milliseconds. */
export const DUREE_BRIS = 60 * 60_000;
/** Within this it is reviewed, else it is asked for once more, of all who may. Milliseconds. */
export const DELAI_REVUE = 72 * 3_600_000;
/** So often it is asked for, at most: a month. After that the weekly digest still names it. */
export const DEMANDES_MAX = 10;

export const CONCLUSIONS = ['justifie', 'injustifie', 'a_suivre'] as const;
export type Conclusion = (typeof CONCLUSIONS)[number];

/** How it stands: it is reviewed also while it is open. */
export const ETATS_BRIS = ['ouvert', 'a_revoir', 'revu'] as const;
export type EtatBris = (typeof ETATS_BRIS)[number];

/** What of one says what follows. */
export interface FaitsBris {
  date_fin: Date;
  averti_le: Date | null;
  /** How often it was asked to be reviewed, and when last. */
  demandes: number;
  demandee_le: Date | null;
  revue_le: Date | null;
}

/** What is to be done now: tell the patient, ask for the review. */
export interface SuiteBris {
  avertir: boolean;
  demander: boolean;
}

export function dueOf({ averti_le, demandes, demandee_le, revue_le }: FaitsBris, now: number): SuiteBris {
  const demander =
    revue_le === null &&
    demandes < DEMANDES_MAX &&
    (demandee_le === null || demandee_le.getTime() + DELAI_REVUE <= now);
  return { avertir: averti_le === null, demander };
}

/** When something comes next, and what; null when nothing does. What is due already comes now. */
export function nextOf(faits: FaitsBris, now: number): { date: number; attente: 'fin' | 'revue' } | null {
  const { avertir, demander } = dueOf(faits, now);
  if (avertir || demander) return { date: now, attente: 'revue' };
  const fin = faits.date_fin.getTime();
  const revue =
    faits.revue_le === null && faits.demandes < DEMANDES_MAX
      ? faits.demandee_le!.getTime() + DELAI_REVUE
      : null;
  if (fin > now && (revue === null || fin <= revue)) return { date: fin, attente: 'fin' };
  return revue === null ? null : { date: revue, attente: 'revue' };
}

/**
 * Whom it is asked of: first whoever has run the practice for the longest, then everybody who does; never whoever opened the
 * record.
 * @param gerants those who run it by now, for the longest first.
 */
export function reviewersOf(
  gerants: readonly number[],
  { auteur, demandes }: { auteur: number; demandes: number },
): number[] {
  const others = gerants.filter((id) => id !== auteur);
  return demandes === 0 ? others.slice(0, 1) : others;
}
