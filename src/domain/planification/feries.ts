import type { DemiJournee } from '../working-time';

/**
 * Public holidays: which country's a place keeps, and those of the countries that Régie ships, worked out by rules. What
 * an authority announces each year, a moon or a decree, cannot be worked out: such days are `estime` until somebody confirms
 * or moves them.
 */

export const STATUTS_FERIE = ['estime', 'confirme'] as const;
export type StatutFerie = (typeof STATUTS_FERIE)[number];

/** Countries whose holidays are shipped, as ISO 3166 writes them. */
type PaysLivre = 'MA' | 'FR';

/** The country of sites that name none, by their zone; where the zone is another one, no holidays apply. */
export const PAYS_OF_ZONE: Readonly<Record<string, PaysLivre>> = {
  'Africa/Casablanca': 'MA',
  'Europe/Paris': 'FR',
};

/** A holiday as it is shipped. */
interface Ferie {
  /** Names this very holiday, whatever its day, so that it is shipped once. */
  cle: string;
  pays: PaysLivre;
  /** A day, `2026-12-25`. */
  date: string;
  libelle: string;
  statut: StatutFerie;
  demi_journee: DemiJournee | null;
}

/** Years after the present one for which holidays are shipped. */
export const YEARS_AHEAD = 3;

/** The holidays of every shipped country from the first day of a year to the last one of another, in the order of their days. */
export function feriesBetween(firstYear: number, lastYear: number): Ferie[] {
  const years = Array.from({ length: lastYear - firstYear + 1 }, (_, n) => firstYear + n);
  return years
    .flatMap((year) => [...fixedOf('MA', year), ...fixedOf('FR', year), ...easterOf(year), ...hijriOf(year)])
    .sort((a, b) => a.date.localeCompare(b.date) || a.cle.localeCompare(b.cle));
}

const FIXED: Readonly<Record<PaysLivre, Readonly<Record<string, string>>>> = {
  // Morocco: decree 2.77.169 as amended; 14 January since 2024, 31 October since 2025.
  MA: {
    '01-01': 'Nouvel An',
    '01-11': "Manifeste de l'indépendance",
    '01-14': 'Nouvel An amazigh',
    '05-01': 'Fête du travail',
    '07-30': 'Fête du Trône',
    '08-14': 'Allégeance de Oued Ed-Dahab',
    '08-20': 'Révolution du Roi et du peuple',
    '08-21': 'Fête de la jeunesse',
    '10-31': "Fête de l'unité",
    '11-06': 'Marche verte',
    '11-18': "Fête de l'indépendance",
  },
  // France: article L3133-1 of the Code du travail; those of Alsace-Moselle and overseas are for administrators to add.
  FR: {
    '01-01': 'Jour de l’An',
    '05-01': 'Fête du travail',
    '05-08': 'Victoire de 1945',
    '07-14': 'Fête nationale',
    '08-15': 'Assomption',
    '11-01': 'Toussaint',
    '11-11': 'Armistice de 1918',
    '12-25': 'Noël',
  },
};

function fixedOf(pays: PaysLivre, year: number): Ferie[] {
  return Object.entries(FIXED[pays]).map(([day, libelle]) => ({
    cle: `${pays}:${year}:${day}`,
    pays,
    date: `${year}-${day}`,
    libelle,
    statut: 'confirme',
    demi_journee: null,
  }));
}

/** Days after Easter Sunday. */
const AFTER_EASTER: readonly (readonly [days: number, libelle: string])[] = [
  [1, 'Lundi de Pâques'],
  [39, 'Ascension'],
  [50, 'Lundi de Pentecôte'],
];

function easterOf(year: number): Ferie[] {
  const sunday = Date.parse(easterSunday(year));
  return AFTER_EASTER.map(([days, libelle]) => ({
    cle: `FR:${year}:paques+${days}`,
    pays: 'FR',
    date: isoDay(sunday + days * DAY),
    libelle,
    statut: 'confirme',
    demi_journee: null,
  }));
}

/**
 * Easter Sunday of a year of the Gregorian calendar: the "anonymous" computus of Nature (1876), as Jean Meeus gives it in
 * Astronomical Algorithms, chapter 8.
 */
export function easterSunday(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const e = b % 4;
  const g = Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * e + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return isoDay(Date.UTC(year, Math.floor(n / 31) - 1, (n % 31) + 1));
}

/**
 * Moroccan holidays of the Hijri year by month and day. Morocco sees the moon itself, often a day after the calendar of
 * Umm al-Qura, by which they are worked out here.
 */
const HIJRI: Readonly<Record<string, readonly [cle: string, libelle: string]>> = {
  '1-1': ['moharram', '1er Moharram'],
  '3-12': ['mawlid:1', 'Aïd Al Mawlid, premier jour'],
  '3-13': ['mawlid:2', 'Aïd Al Mawlid, second jour'],
  '10-1': ['fitr:1', 'Aïd Al Fitr, premier jour'],
  '10-2': ['fitr:2', 'Aïd Al Fitr, second jour'],
  '12-10': ['adha:1', 'Aïd Al Adha, premier jour'],
  '12-11': ['adha:2', 'Aïd Al Adha, second jour'],
};

const UMM_AL_QURA = new Intl.DateTimeFormat('en-u-ca-islamic-umalqura-nu-latn', {
  timeZone: 'UTC',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
});

function hijriOf(year: number): Ferie[] {
  const found: Ferie[] = [];
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY) {
    const parts = UMM_AL_QURA.formatToParts(day);
    const part = (type: string) => parts.find((one) => one.type === type)!.value;
    const feast = HIJRI[`${part('month')}-${part('day')}`];
    if (feast === undefined) continue;
    const [name, libelle] = feast;
    // By the year of the moon: some years of the sun hold the same feast twice.
    found.push({
      cle: `MA:${part('year')}h:${name}`,
      pays: 'MA',
      date: isoDay(day),
      libelle,
      statut: 'estime',
      demi_journee: null,
    });
  }
  return found;
}

const DAY = 24 * 3_600_000;

function isoDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
