import { DateTime, Info } from 'luxon';
import { dayAfter, wallClockAt } from '../../domain/local-time';
import { formatInstant, type Langue, MOIS } from '../../domain/writing';

/** Days and times as the page writes them. */

const LOCALES: Readonly<Record<Langue, string>> = { fr: 'fr-FR', en: 'en-GB', ar: 'ar-MA-u-nu-latn' };

/** "mardi 1er décembre", with the year where it is not this one. */
export function jourEnToutesLettres(jour: string, langue: Langue): string {
  const date = DateTime.fromISO(jour, { zone: 'utc', locale: LOCALES[langue] });
  const numero = langue === 'fr' && date.day === 1 ? '1er' : date.day;
  return `${date.weekdayLong} ${numero} ${MOIS[langue][date.month - 1]}`;
}

/** "14:30", by the clocks of a zone. */
export function heureDe(instant: number, zone: string): string {
  return new Date(wallClockAt(instant, zone)).toISOString().slice(11, 16);
}

/** "mardi 1er décembre 2026 à 09:00". */
export function momentDe(instant: number, langue: Langue, zone: string): string {
  return formatInstant(new Date(instant).toISOString(), langue, zone);
}

/** "décembre 2026", or "novembre – décembre 2026" of days in two months. */
export function moisDe(premier: string, dernier: string, langue: Langue): string {
  const [a, b] = [premier, dernier].map((jour) => MOIS[langue][Number(jour.slice(5, 7)) - 1]);
  const [avant, apres] = [premier.slice(0, 4), dernier.slice(0, 4)];
  if (a === b) return `${a} ${apres}`;
  return avant === apres ? `${a} – ${b} ${apres}` : `${a} ${avant} – ${b} ${apres}`;
}

/** Short names of the days, Monday first; in Arabic letters, since its short names are the whole ones. */
export function entetes(langue: Langue): readonly string[] {
  return Info.weekdays(langue === 'ar' ? 'narrow' : 'short', { locale: LOCALES[langue] });
}

/** Monday of the week of a day. */
export function lundiDe(jour: string): string {
  return dayAfter(jour, -((new Date(jour).getUTCDay() + 6) % 7));
}

/** "Casablanca (UTC+1)" as its clocks are at an instant. */
export function zoneEnMots(zone: string, instant: number): string {
  return `${zone.split('/').at(-1)!.replaceAll('_', ' ')} (${decalage(zone, instant)})`;
}

function decalage(zone: string, instant: number): string {
  const minutes = Math.round((wallClockAt(instant, zone) - instant) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const written = rest === 0 ? `${hours}` : `${hours}:${String(rest).padStart(2, '0')}`;
  return minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '−' : '+'}${written}`;
}

/** What a browser without scripts may choose from; one with scripts knows all. */
export const ZONES: readonly string[] = [
  'Pacific/Honolulu',
  'America/Los_Angeles',
  'America/Denver',
  'America/Chicago',
  'America/New_York',
  'America/Sao_Paulo',
  'Atlantic/Azores',
  'Africa/Abidjan',
  'Europe/London',
  'Africa/Algiers',
  'Africa/Casablanca',
  'Africa/Tunis',
  'Europe/Paris',
  'Africa/Cairo',
  'Europe/Athens',
  'Europe/Istanbul',
  'Asia/Riyadh',
  'Asia/Dubai',
  'Indian/Reunion',
  'Asia/Kolkata',
  'Asia/Bangkok',
  'Asia/Shanghai',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Pacific/Noumea',
  'Pacific/Auckland',
];
