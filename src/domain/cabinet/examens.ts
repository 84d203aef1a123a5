/**
 * What was asked of a laboratory or of a colleague, and what came back. A result waits for a doctor until one has seen it and
 * decided; each that comes is a version of its own, and one that is partial says so. A result of which nobody knows yet whose
 * it is waits in the practice's inbox.
 */

export const STATUTS_EXAMEN = ['demande', 'attendu', 'partiel', 'recu', 'vu'] as const;
export type StatutExamen = (typeof STATUTS_EXAMEN)[number];

/** What a doctor does about what they have seen. `sans_objet` ends what is not waited for any more, come or not. */
export const DECISIONS = [
  'normal',
  'a_surveiller',
  'a_convoquer',
  'traitement_modifie',
  'sans_objet',
] as const;
export type Decision = (typeof DECISIONS)[number];

/** Who is told of a result that nobody has seen, one after the other. */
export const NIVEAUX = ['auteur', 'remplacant', 'gerant'] as const;
export type Niveau = (typeof NIVEAUX)[number];

const HOUR = 3_600_000;
/** After so long unseen the first of them is told, and after as long again each of the others. Milliseconds. */
export const DELAI_CRITIQUE = 4 * HOUR;
export const DELAI = 72 * HOUR;

/** What is due of an examen, in milliseconds since the epoch. */
export interface EtatExamen {
  statut: StatutExamen;
  /** Of what came last. */
  critique: boolean;
  /** The end of the day by which it was to come; null where nobody said one. */
  attendu: number | null;
  /** When what came last did. */
  recu: number | null;
  /** Whether a doctor has been told that it is late. */
  retard_dit: boolean;
  /** How many of {@link NIVEAUX} have been told that it waits. */
  niveau: number;
}

export type Attendu = 'retard' | Niveau;

/** What comes next of an examen by itself, and when; null while nothing does. It may lie in the past: then it is due. */
export function prochainDe(etat: EtatExamen): { date: number; attente: Attendu } | null {
  const { statut, critique, attendu, recu, retard_dit, niveau } = etat;
  if (statut === 'vu' || statut === 'demande') return null;
  const retard =
    statut !== 'recu' && attendu !== null && !retard_dit
      ? { date: attendu, attente: 'retard' as const }
      : null;
  const next = NIVEAUX[niveau];
  const unseen =
    (statut === 'recu' || statut === 'partiel') && recu !== null && next !== undefined
      ? { date: recu + (niveau + 1) * (critique ? DELAI_CRITIQUE : DELAI), attente: next }
      : null;
  if (retard === null || unseen === null) return retard ?? unseen;
  return retard.date <= unseen.date ? retard : unseen;
}

/** How it stands once a result has come. */
export function statutApresResultat(partiel: boolean): StatutExamen {
  return partiel ? 'partiel' : 'recu';
}

/**
 * How it stands once a doctor has decided on what came: of what was partial the rest is waited for.
 * @param attendu whether a day is known by which.
 */
export function statutApresDecision(
  statut: StatutExamen,
  decision: Decision,
  attendu: boolean,
): StatutExamen {
  if (statut !== 'partiel' || decision === 'sans_objet') return 'vu';
  return attendu ? 'attendu' : 'demande';
}
