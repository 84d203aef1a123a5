import type { Texte } from '../errors';

/**
 * Birth dates. A day, a month or a year as far as it is known, in no time zone: `1962-03-14`, `1962-03`, `1962`. They are
 * never an instant, which would be another day somewhere.
 */

export const PRECISIONS = ['jour', 'mois', 'annee'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** As the database keeps it: the first day that it may be. */
export interface Naissance {
  date: string;
  precision: Precision;
}

const FIRST_YEAR = 1850;

/** @returns null for what is no date in the calendar, or before anybody who lives. */
export function parseNaissance(text: string): Naissance | null {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map((part) => (part === undefined ? null : Number(part)));
  if (year! < FIRST_YEAR) return null;
  const precision = month == null ? 'annee' : day == null ? 'mois' : 'jour';
  if (month != null && (month < 1 || month > 12)) return null;
  if (day != null && (day < 1 || day > daysOf(year!, month!))) return null;
  return { date: `${match[1]}-${match[2] ?? '01'}-${match[3] ?? '01'}`, precision };
}

export function formatNaissance({ date, precision }: Naissance): string {
  return date.slice(0, { jour: 10, mois: 7, annee: 4 }[precision]);
}

/**
 * Whether somebody cannot have been born yet, wherever they are. @param now milliseconds; the day is already the next one
 * in the first zone of the world.
 */
export function isToCome({ date }: Naissance, now: number): boolean {
  const FIRST_ZONE = 14 * 3_600_000;
  return date > new Date(now + FIRST_ZONE).toISOString().slice(0, 10);
}

/**
 * What speaks against a day as the one on which somebody died; null when nothing does.
 * @param deces `2026-11-02`. @param today day of the practice that says so.
 */
export function decesFault(deces: string, naissance: Naissance, today: string): Texte | null {
  if (deces > today) return TO_COME;
  return deces < naissance.date ? BEFORE_BIRTH : null;
}

const TO_COME = { fr: 'Cette date est à venir', en: 'This date is still to come' };
const BEFORE_BIRTH = { fr: 'Avant la naissance du patient', en: 'Before the patient was born' };

function daysOf(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}
