import { dayAfter, dayAt, endOfDay, instantOfWallClock, startOfDay, startOfWeek } from '../local-time';
import { motsDuNom } from './recherche';

/**
 * Once a week, what of the accesses to records is worth a look: by the clocks of the practice, which PostgreSQL is not asked.
 */

const HOUR = 3_600_000;
/** It is told on Monday at this hour. */
const DIT_A = 7;
/** Nobody receives patients from then on, until then. */
const NUIT = { debut: 22, fin: 6 };
/** A day with the records of more patients than these, opened one by one, is no day of work. */
export const EN_MASSE = 150;

/** From one instant to another, the second one left out; milliseconds. */
export interface Intervalle {
  debut: number;
  fin: number;
}

export interface Semaine extends Intervalle {
  /** Its first and its last day. */
  du: string;
  au: string;
  jours: Intervalle[];
  nuits: Intervalle[];
}

/** The last week that is over and may be told of; of Monday before seven the one before. */
export function semaineDue(now: number, zone: string): Semaine {
  const monday = dayAt(startOfWeek(now, zone), zone);
  const told = hourOf(monday, DIT_A, zone) <= now ? monday : dayAfter(monday, -7);
  return semaineDe(dayAfter(told, -7), zone);
}

function semaineDe(du: string, zone: string): Semaine {
  const days = Array.from({ length: 7 }, (_, n) => dayAfter(du, n));
  const jours = days.map((day) => ({ debut: startOfDay(day, zone), fin: endOfDay(day, zone) }));
  const nuits = days.flatMap((day, n) => [
    { debut: jours[n]!.debut, fin: hourOf(day, NUIT.fin, zone) },
    { debut: hourOf(day, NUIT.debut, zone), fin: jours[n]!.fin },
  ]);
  return { du, au: days[6]!, debut: jours[0]!.debut, fin: jours[6]!.fin, jours, nuits };
}

function hourOf(day: string, hour: number, zone: string): number {
  return instantOfWallClock(Date.parse(day) + hour * HOUR, zone);
}

/** Whether somebody who reads bears a name of the patient, however it is written. */
export function estHomonyme(lecteur: string, patient: readonly (string | null)[]): boolean {
  const name = nameOf(lecteur);
  return name !== '' && patient.some((nom) => nom !== null && nameOf(nom) === name);
}

function nameOf(nom: string): string {
  return motsDuNom(nom).join('');
}
