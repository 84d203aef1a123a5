import { invalid } from '../errors';
import { dayAfter, dayAt } from '../local-time';
import { type Course, realityOf } from './conflits';
import type { StatutPlanning } from './planning';
import type { Segment } from './segments';

/** A week of a plan: its days, when each visit takes place, how late it is. Instants are milliseconds. */

const DAY = 24 * 3_600_000;

/**
 * The days of a week as ISO 8601 names it, Monday to Sunday: `2026-W51` begins on 2026-12-14.
 * @throws {RegieError} `VALIDATION` for a week that its year does not have.
 */
export function daysOfWeek(semaine: string): string[] {
  const [year, week] = semaine.split('-W').map(Number) as [number, number];
  // The first week is the one with 4 January in it.
  const monday = dayAfter(mondayOf(`${String(year).padStart(4, '0')}-01-04`), 7 * (week - 1));
  if (weekOf(monday) !== semaine) {
    throw invalid({
      champ: 'semaine',
      message: { fr: 'Cette année n’a pas cette semaine', en: 'That year does not have that week' },
    });
  }
  return Array.from({ length: 7 }, (_, n) => dayAfter(monday, n));
}

/** The week in which an instant lies by the calendar of a zone, as ISO 8601 names it. */
export function weekAt(instant: number, zone: string): string {
  return weekOf(mondayOf(dayAt(instant, zone)));
}

function mondayOf(day: string): string {
  return dayAfter(day, -((new Date(day).getUTCDay() + 6) % 7));
}

function weekOf(monday: string): string {
  // A week belongs to the year of its Thursday.
  const year = dayAfter(monday, 3).slice(0, 4);
  const first = mondayOf(`${year}-01-04`);
  const week = Math.round((Date.parse(monday) - Date.parse(first)) / (7 * DAY)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** A visit as it was planned, and what became of it. */
export interface VisiteVecue extends Course {
  statut: Exclude<StatutPlanning, 'annulee'>;
  /** When the work on it ended; null while it has not, or where nobody knows. */
  ended: number | null;
}

/**
 * When a visit takes place as far as is known by now: what is done when it was done, what is under way as it goes on, what is to
 * come as it is planned. What was done over several days keeps to the stretches that were planned: nobody says which hours of
 * the night were not worked.
 */
export function segmentsShown(visite: VisiteVecue, now: number, zone: string): readonly Segment[] {
  const { statut, segments, began, ended } = visite;
  if (statut === 'en_cours') return realityOf(visite, now);
  const isOfOneDay =
    began !== null && ended !== null && ended > began && dayAt(began, zone) === dayAt(ended - 1, zone);
  if (statut === 'realisee' && segments.length === 1 && isOfOneDay) return [[began, ended]];
  return segments;
}

/** How long after its deadline a visit ends; 0 when in time, or when there is none. */
export function retardOf(segments: readonly Segment[], dateLimite: number | null): number {
  const [, fin] = segments.at(-1)!;
  return dateLimite === null ? 0 : Math.max(0, fin - dateLimite);
}
