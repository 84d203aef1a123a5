import { LRUCache } from 'lru-cache';

/** How messages are written: languages, severities, dates, durations, names. */

/** Languages that people may choose; every text for them exists in each. */
export const LANGUES = ['fr', 'en', 'ar'] as const;
export type Langue = (typeof LANGUES)[number];

export type TypeNotification = 'info' | 'warning' | 'error' | 'success';

export interface MessageText {
  titre: string;
  message: string;
  type: TypeNotification;
}

/** Arabic as it is written in Morocco: with its names of the months, and with the digits 0 to 9. */
const LOCALES: Record<Langue, string> = { fr: 'fr-FR', en: 'en-GB', ar: 'ar-MA-u-nu-latn' };
const AT: Record<Langue, string> = { fr: 'à', en: 'at', ar: 'على الساعة' };

/** "dimanche 20 décembre 2026": a day, `2026-12-20`, as it is written for people. */
export function formatDay(jour: string, langue: Langue): string {
  return dateOf(datePart(`${jour}T12:00:00Z`, LOCALES[langue], 'UTC'), langue);
}

/** "dimanche 20 décembre 2026 à 09:00": an instant as it is written for people, in the time zone given. */
export function formatInstant(instant: string, langue: Langue, zone: string): string {
  const part = datePart(instant, LOCALES[langue], zone);
  return `${dateOf(part, langue)} ${AT[langue]} ${part('hour')}:${part('minute')}`;
}

/** Assembled from its parts: the separators Intl puts between them change with the ICU that Node.js carries. */
function dateOf(part: (type: string) => string, langue: Langue): string {
  const day = langue === 'fr' && part('day') === '1' ? '1er' : part('day');
  return `${part('weekday')} ${day} ${part('month')} ${part('year')}`;
}

/**
 * What somebody typed, or any fragment whose direction is not known, as part of a sentence: in Arabic it keeps an order of
 * its own (FSI and PDI, UAX 9), so that a Latin name or a reference with digits and dashes mixes up nothing around it.
 */
export function isolated(text: string, langue: Langue): string {
  return langue === 'ar' ? `\u2068${text}\u2069` : text;
}

/** "45 min", "2 h" or "1 h 30" ("1 h 30 min" in English, "1 س 30 د" in Arabic) for a number of minutes. */
export function formatDuration(minutes: number, langue: Langue): string {
  const hours = Math.floor(minutes / 60);
  const rest = Math.round(minutes % 60);
  const [h, min] = langue === 'ar' ? ['س', 'د'] : ['h', 'min'];
  if (hours === 0) return `${rest} ${min}`;
  if (rest === 0) return `${hours} ${h}`;
  return langue === 'fr' ? `${hours} h ${String(rest).padStart(2, '0')}` : `${hours} ${h} ${rest} ${min}`;
}

/** First name, then name. */
export function fullName(personne: { nom: string; prenom: string }): string {
  return `${personne.prenom} ${personne.nom}`;
}

/**
 * Makers of dates by locale and zone: to make one costs as much as all the rest of a message. Luxon keeps them too, and asks
 * for the offset and the locale at each date besides, which was a third of what a mail took.
 */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 100 });

function datePart(instant: string, locale: string, zone: string): (type: string) => string {
  const name = `${locale} ${zone}`;
  let format = formats.get(name);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, {
      timeZone: zone,
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(name, format);
  }
  const parts = format.formatToParts(new Date(instant));
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
}

/** The months, January first; in Arabic as Morocco calls them. */
export const MOIS: Readonly<Record<Langue, readonly string[]>> = {
  fr: [
    'janvier',
    'février',
    'mars',
    'avril',
    'mai',
    'juin',
    'juillet',
    'août',
    'septembre',
    'octobre',
    'novembre',
    'décembre',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  ar: [
    'يناير',
    'فبراير',
    'مارس',
    'أبريل',
    'ماي',
    'يونيو',
    'يوليوز',
    'غشت',
    'شتنبر',
    'أكتوبر',
    'نونبر',
    'دجنبر',
  ],
};
