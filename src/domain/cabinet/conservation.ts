import { dayAfter } from '../local-time';
import type { Naissance } from './naissances';

/**
 * How long the record of a patient is kept. Periods are data, each with where it comes from: those of a country are shipped
 * where one was found that says a number, and a practice declares its own in their place. Nothing follows from them but a list.
 */

/**
 * From when a period runs: the last act, the eighteenth birthday, or the death. The latest end of those that apply is when it is due;
 * that of a death applies to who has died.
 */
export const ANCRES = ['dernier_acte', 'majorite', 'deces'] as const;
export type Ancre = (typeof ANCRES)[number];

export interface Politique {
  ancre: Ancre;
  duree_mois: number;
  /** Who says so. */
  source: string;
}

const REFERENTIEL =
  'CNIL, référentiel relatif aux traitements de données destinés à la gestion des cabinets médicaux et paramédicaux';

/** By country, ISO 3166. Of a country that is not here a practice says itself how long it keeps what. */
export const LIVREES: Readonly<Record<string, readonly Politique[]>> = {
  FR: [
    {
      ancre: 'dernier_acte',
      duree_mois: 240,
      source: `${REFERENTIEL} : 5 ans en base active puis 15 ans d’archivage intermédiaire après la dernière prise en charge`,
    },
    { ancre: 'majorite', duree_mois: 120, source: `${REFERENTIEL} : pour un mineur, jusqu’à ses 28 ans` },
  ],
};

/** What holds in a practice: what it declared, otherwise what is shipped for its country. */
export function politiquesOf(pays: string, declarees: readonly Politique[]): Politique[] {
  const shipped = LIVREES[pays] ?? [];
  return ANCRES.flatMap((ancre) => {
    const found = declarees.find((one) => one.ancre === ancre) ?? shipped.find((one) => one.ancre === ancre);
    return found === undefined ? [] : [found];
  });
}

/** Days between two signatures and what they were given for. */
export const DELAI_PURGE = 30;

/**
 * The last day on which a record is kept.
 * @param dernierActe day of the practice. @param deces day; null for who lives.
 * @returns null where nothing says how long after the last act: then nothing is ever due.
 */
export function echeanceOf(
  politiques: readonly Politique[],
  { dernierActe, naissance, deces }: { dernierActe: string; naissance: Naissance; deces: string | null },
): string | null {
  if (!politiques.some(({ ancre }) => ancre === 'dernier_acte')) return null;
  const since: Readonly<Record<Ancre, string | null>> = {
    dernier_acte: dernierActe,
    majorite: majorite(naissance),
    deces,
  };
  const ends = politiques.flatMap(({ ancre, duree_mois }) => {
    const from = since[ancre];
    return from === null ? [] : [addMonths(from, duree_mois)];
  });
  return ends.sort().at(-1)!;
}

/** The eighteenth birthday, the last that it may be where the birth date is not known as exactly. */
function majorite({ date, precision }: Naissance): string {
  const last = { jour: date, mois: dayAfter(addMonths(date, 1), -1), annee: `${date.slice(0, 4)}-12-31` };
  return addMonths(last[precision], 18 * 12);
}

/** The same day so many months later; where there is none, the first of the month after. */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1 + months, date)).toISOString().slice(0, 10);
}
