/** What somebody is qualified for, and until when. Days are written `2026-12-19` and are those of the site. */

/** A qualification that is valid on some days only: a licence, a habilitation électrique. */
export interface Habilitation {
  competence: string;
  /** The first day; null when it has always been valid. */
  valide_du: string | null;
  /** The last day, included; null when it does not end. */
  valide_jusqu_au: string | null;
}

/** Habilitations that a technicien may have, former ones included. */
export const MAX_HABILITATIONS = 100;

/**
 * What a person can do. A skill that `habilitations` name follows their dates, also where `competences` name it too; one
 * that stands in `competences` alone is valid without end.
 */
export interface Qualifications {
  competences: readonly string[];
  habilitations: readonly Habilitation[];
}

/** Why somebody does not have what is asked for: a skill is not theirs at all, or its habilitation is not valid that day. */
export type Manque = 'competence' | 'habilitation_expiree';

const { compare } = new Intl.Collator('fr', { sensitivity: 'base' });

/** Whether two texts name one skill, whatever their accents and case. */
export function isSameCompetence(one: string, other: string): boolean {
  return compare(one, other) === 0;
}

/**
 * What somebody lacks to do work that asks for skills on some days; nothing when every skill is theirs and valid on each of
 * them. Of several habilitations for a skill each day needs one: a renewal goes on where the former one ends.
 */
export function missingQualification(
  { competences, habilitations }: Qualifications,
  wanted: readonly string[],
  days: readonly string[],
): Manque | null {
  let expired = false;
  for (const competence of wanted) {
    const dated = habilitations.filter((one) => isSameCompetence(one.competence, competence));
    if (dated.length === 0) {
      if (!competences.some((held) => isSameCompetence(held, competence))) return 'competence';
    } else if (!days.every((day) => dated.some((one) => isValidOn(one, day)))) {
      expired = true;
    }
  }
  return expired ? 'habilitation_expiree' : null;
}

function isValidOn({ valide_du, valide_jusqu_au }: Habilitation, day: string): boolean {
  return (valide_du === null || valide_du <= day) && (valide_jusqu_au === null || day <= valide_jusqu_au);
}
