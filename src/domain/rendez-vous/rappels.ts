import { addDays, dayAfter, dayAt, instantOfWallClock } from '../local-time';
import type { Rappel } from './prestations';

/** When somebody is reminded of an appointment, and when it is asked what became of it. Instants are milliseconds. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** At which hour of the day, by the clocks where it took place, those that nobody settled are listed. */
const HEURE_DU_SOIR = 19;

/** By which a reminder of a service is known: there is no use in two of the same. */
export function nomDuRappel({ avant, canal }: Rappel): string {
  return `${avant} ${canal}`;
}

/**
 * When a reminder is given. Days are those of the calendar: a day before nine o'clock is nine o'clock, also in the night in
 * which the clocks change; hours and minutes are elapsed time.
 * @param zone of whoever is reminded.
 */
export function instantDuRappel(avant: string, debut: number, zone: string): number {
  const [, days, hours, minutes] = /^P(?:(\d+)D|T(?:(\d+)H|(\d+)M))$/.exec(avant) ?? [];
  if (days !== undefined) return addDays(debut, -Number(days), zone);
  return debut - Number(hours ?? 0) * HOUR - Number(minutes ?? 0) * MINUTE;
}

export interface ARappeler {
  debut: number;
  rappels: readonly Rappel[];
  /** Since when this beginning is settled. */
  horaireDepuis: number;
  /** Since when each reminder is one, by {@link nomDuRappel}. */
  rappelsDepuis: ReadonlyMap<string, number>;
}

/**
 * The reminders whose time has come, and when the next one is; null for no more. One whose time had passed when the
 * appointment was made or moved, or when the service got it, is none; nor is any after the beginning.
 */
export function rappelsDus(
  { debut, rappels, horaireDepuis, rappelsDepuis }: ARappeler,
  zone: string,
  now: number,
): { dus: Rappel[]; prochain: number | null } {
  if (now >= debut) return { dus: [], prochain: null };
  const named = new Map(rappels.map((rappel) => [nomDuRappel(rappel), rappel]));
  const given = [...named].flatMap(([nom, rappel]) => {
    const date = instantDuRappel(rappel.avant, debut, zone);
    const since = Math.max(horaireDepuis, rappelsDepuis.get(nom) ?? horaireDepuis);
    return date > since && date < debut ? [{ rappel, date }] : [];
  });
  const ahead = given.filter(({ date }) => date > now).map(({ date }) => date);
  return {
    dus: given.filter(({ date }) => date <= now).map(({ rappel }) => rappel),
    prochain: ahead.length === 0 ? null : Math.min(...ahead),
  };
}

/** The evening on which it is asked what became of what ended at an instant: its own, unless that is over. */
export function soirDe(fin: number, zone: string): number {
  const day = dayAt(fin, zone);
  const own = soirDuJour(day, zone);
  return own >= fin ? own : soirDuJour(dayAfter(day, 1), zone);
}

/** The evening of a day. */
export function soirDuJour(day: string, zone: string): number {
  return instantOfWallClock(Date.parse(day) + HEURE_DU_SOIR * HOUR, zone);
}
