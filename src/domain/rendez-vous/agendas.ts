/** Calendars that people keep elsewhere. */

export const GENRES_AGENDA = ['caldav', 'ics'] as const;
/** Read by CalDAV (RFC 4791), or a file of iCalendar under an address. */
export type GenreAgenda = (typeof GENRES_AGENDA)[number];

export const ERREURS_AGENDA = [
  'adresse_refusee',
  'nom_inconnu',
  'connexion',
  'tls',
  'delai',
  /** User or password are refused. */
  'identifiants',
  'introuvable',
  'reponse',
  /** More than is read. */
  'trop_grand',
  /** Not a calendar, or one that cannot be read. */
  'illisible',
  /** Its times are those of a zone that nobody knows; the detail names it. */
  'fuseau_inconnu',
  /** The key with which the access was sealed is gone. */
  'secret',
] as const;
/** Why a calendar could not be read. */
export type ErreurAgenda = (typeof ERREURS_AGENDA)[number];
