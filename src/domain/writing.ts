/** How messages are written: languages, severities, dates, durations, names. */

export type Langue = 'fr' | 'en' | 'ar';
/** The languages texts exist in. */
export type WrittenLangue = 'fr' | 'en';

export type TypeNotification = 'info' | 'warning' | 'error' | 'success';

export interface MessageText {
  titre: string;
  message: string;
  type: TypeNotification;
}

/** The language texts are written in for someone who prefers `langue`; Arabic falls back to French for now. */
export function writtenLangue(langue: Langue): WrittenLangue {
  return langue === 'en' ? 'en' : 'fr';
}

/** "dimanche 20 décembre 2026 à 09:00": an instant as it is written for people, in the time zone given. */
export function formatInstant(instant: string, langue: Langue, zone: string): string {
  const french = writtenLangue(langue) === 'fr';
  const part = datePart(instant, french ? 'fr-FR' : 'en-GB', zone);
  // Assembled from its parts: the separators Intl puts between them change with the ICU that Node.js carries.
  const day = french && part('day') === '1' ? '1er' : part('day');
  const date = `${part('weekday')} ${day} ${part('month')} ${part('year')}`;
  return `${date} ${french ? 'à' : 'at'} ${part('hour')}:${part('minute')}`;
}

/** "45 min", "2 h" or "1 h 30" ("1 h 30 min" in English) for a number of minutes. */
export function formatDuration(minutes: number, langue: Langue): string {
  const hours = Math.floor(minutes / 60);
  const rest = Math.round(minutes % 60);
  if (hours === 0) return `${rest} min`;
  if (rest === 0) return `${hours} h`;
  return writtenLangue(langue) === 'fr'
    ? `${hours} h ${String(rest).padStart(2, '0')}`
    : `${hours} h ${rest} min`;
}

/** First name, then name. */
export function fullName(personne: { nom: string; prenom: string }): string {
  return `${personne.prenom} ${personne.nom}`;
}

function datePart(instant: string, locale: string, zone: string): (type: string) => string {
  const parts = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant));
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
}
