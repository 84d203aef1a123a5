/**
 * What becomes of a delivery: what the answer of a receiver means, when it is tried again, when it is given up, and when a
 * webhook that keeps failing is switched off. Durations are milliseconds.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A delivery is tried for so long, then given up. */
export const DELIVERY_PERIOD = DAY;

/** From each try to the next one. The last of them goes on until the day is over. */
export const DELAYS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  4 * HOUR,
  5 * HOUR,
  6 * HOUR,
];

/** A receiver may ask for a longer wait, up to this: a mistake of its clock must not cost it a day of deliveries. */
const MAX_RETRY_AFTER = 6 * HOUR;
/** Waits are spread by this share of theirs, either way. */
const SPREAD = 0.1;

/** A webhook that has failed for so long is switched off. */
const FAILURE_PERIOD = 3 * DAY;
/** Failures further apart than this say nothing of the time between them: nothing was sent then. */
const QUIET_PERIOD = 2 * DAY;

/** Why a try failed. */
export const ERREURS_LIVRAISON = [
  /** Another status than 2xx. */
  'refus',
  /** A 3xx: redirects are not followed. */
  'redirection',
  /** The URL led to an address that is not called. Nothing was sent. */
  'adresse_refusee',
  /** The name is not known, or no name server answered. */
  'nom_inconnu',
  /** No whole answer in time. */
  'delai',
  /** The certificate is not to be trusted, or there was none. */
  'tls',
  /** The secret of the webhook cannot be opened: its key has been taken out of ours. Nothing was sent. */
  'secret',
  /** No connection, one that broke, or an answer that is no HTTP. */
  'connexion',
] as const;
export type ErreurLivraison = (typeof ERREURS_LIVRAISON)[number];

export type Outcome =
  | { resultat: 'livree' }
  | { resultat: 'echec'; erreur: ErreurLivraison }
  /** The receiver wants nothing more, ever (410). */
  | { resultat: 'parti'; erreur: ErreurLivraison };

/** What an answer means: 2xx is a success, and nothing else is. */
export function outcomeOf({ status }: { status: number }): Outcome {
  if (status >= 200 && status < 300) return { resultat: 'livree' };
  if (status === 410) return { resultat: 'parti', erreur: 'refus' };
  return { resultat: 'echec', erreur: status >= 300 && status < 400 ? 'redirection' : 'refus' };
}

/** Statuses whose `Retry-After` counts (RFC 6585 and 9110). */
const BUSY = new Set([429, 503]);
/** The date of RFC 9110: what else JavaScript would take for one is none. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long a receiver that is busy asks to be left alone; null when it says nothing that can be read. */
export function retryAfterOf(status: number, header: string | undefined, now: Date): number | null {
  if (!BUSY.has(status) || header === undefined) return null;
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) return Number(value) * SECOND;
  if (!HTTP_DATE.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}

export interface Tried {
  /** When the delivery began to be tried, or to wait for its turn. */
  debut: Date;
  /** Tries so far, the one that has just failed included. */
  tentatives: number;
  retryAfter: number | null;
  now: Date;
  /** From 0 to 1, by which waits are spread. */
  chance: number;
}

/** When a delivery that failed is tried again; null when it is given up. */
export function nextTry({ debut, tentatives, retryAfter, now, chance }: Tried): Date | null {
  const end = debut.getTime() + DELIVERY_PERIOD;
  if (now.getTime() >= end) return null;
  const planned = DELAYS[Math.min(tentatives, DELAYS.length) - 1]!;
  const spread = planned * (1 + SPREAD * (2 * chance - 1));
  const asked = Math.min(retryAfter ?? 0, MAX_RETRY_AFTER);
  return new Date(Math.min(now.getTime() + Math.max(spread, asked), end));
}

/** Since when a webhook fails, and when it last did; null while it does not. */
export interface Failing {
  echec_depuis: Date | null;
  dernier_echec: Date | null;
}

/** Since when a webhook fails that has just failed once more. */
export function failureStart({ echec_depuis, dernier_echec }: Failing, now: Date): Date {
  if (echec_depuis === null || dernier_echec === null) return now;
  return now.getTime() - dernier_echec.getTime() > QUIET_PERIOD ? now : echec_depuis;
}

/** Whether a webhook that has failed since then is switched off. */
export function closesWebhook(echecDepuis: Date, now: Date): boolean {
  return now.getTime() - echecDepuis.getTime() >= FAILURE_PERIOD;
}

/** Characters of an answer that are kept. */
const EXCERPT = 1_000;
/**
 * What is no text to read: control characters but line breaks and tabs, invisible ones, those that turn the direction of
 * writing, and what stands for bytes that are no UTF-8.
 */
const UNREADABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\uFFFD]/gu;

/** The beginning of an answer, for people to read; null when there is nothing to read in it. */
export function excerptOf(body: Uint8Array): string | null {
  const text = new TextDecoder().decode(body).replace(UNREADABLE, '').trim();
  return text === '' ? null : [...text].slice(0, EXCERPT).join('');
}
