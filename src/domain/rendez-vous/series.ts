import { invalid, RegieError, type Texte } from '../errors';
import { dayAt, endOfDay, instantOfWallClock, wallClockAt } from '../local-time';
import { joursFrom, parseRegle } from '../recurrence';

/** Appointments that come back: when each of them begins. Instants are milliseconds. */

export const EN_CONFLIT = ['echouer', 'sauter'] as const;
/** What becomes of a series of which something cannot be had: nothing is booked, or all the rest is. */
export type EnConflit = (typeof EN_CONFLIT)[number];

export interface Recurrence {
  /** RFC 5545, with `COUNT` or `UNTIL`. */
  regle: string;
  en_conflit: EnConflit;
}

/** How much of its series a cancellation is about: the appointment alone, or it and those that begin later. */
export const PORTEES = ['seule', 'suivantes'] as const;

/** The longest series of any service: each appointment of it is made in the same transaction. */
export const MAX_OCCURRENCES = 52;

const DAY = 86_400_000;

/**
 * The starts of a series: on the days of its rule, each at the hour of the first by the clocks of a zone, however long the
 * days between are. Where the clocks skip that hour, it is the moment at which they have gone past it.
 * @param debut of the first one, which has to fall on the rule.
 * @param most as many as there may be; null where nothing comes back.
 * @throws {RegieError} `VALIDATION` of `recurrence.regle`
 */
export function debutsDeSerie(regle: string, debut: number, zone: string, most: number | null): number[] {
  if (most === null) {
    throw fault('Cette prestation ne se répète pas', 'This service does not come back', 'recurrence');
  }
  const { rest, count, until } = bornesOf(regle, zone);
  if (count !== null && count > most) throw tooMany(most);
  const first = dayAt(debut, zone);
  const wall = wallClockAt(debut, zone);
  const sinceMidnight = wall - Math.floor(wall / DAY) * DAY;
  const debuts: number[] = [];
  for (const { jour } of joursFrom(parsed(rest), first, first)) {
    const start = jour === first ? debut : instantOfWallClock(Date.parse(jour) + sinceMidnight, zone);
    if (debuts.length === count || start > until) break;
    if (debuts.length === 0 && jour !== first) break;
    if (debuts.length === most) throw tooMany(most);
    debuts.push(start);
  }
  if (debuts.length === 0) {
    throw fault('Le début ne tombe pas sur la règle', 'The start does not fall on the rule');
  }
  return debuts;
}

interface Bornes {
  /** The rule without them. */
  rest: string;
  count: number | null;
  /** The last instant at which one may begin. */
  until: number;
}

/** How long a rule goes on: a series has an end. */
function bornesOf(regle: string, zone: string): Bornes {
  const parts = regle.replace(/^RRULE:/, '').split(';');
  const named = (name: string) =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  const [counts, untils] = [named('COUNT'), named('UNTIL')];
  if (counts.length + untils.length !== 1) {
    throw fault('Un COUNT ou un UNTIL attendu', 'Either a COUNT or an UNTIL is expected');
  }
  const rest = parts.filter((part) => !/^(COUNT|UNTIL)=/.test(part)).join(';');
  const [count] = counts;
  if (count === undefined) return { rest, count: null, until: untilOf(untils[0]!, zone) };
  if (!/^[1-9]\d{0,5}$/.test(count)) throw fault('COUNT : un nombre attendu', 'COUNT: a number is expected');
  return { rest, count: Number(count), until: Number.POSITIVE_INFINITY };
}

/** `20261231` for all of that day, `20261231T170000Z`, or without `Z` by the clocks of the zone. */
function untilOf(text: string, zone: string): number {
  const [, year, month, day, time, utc] = /^(\d{4})(\d{2})(\d{2})(?:T(\d{6})(Z?))?$/.exec(text) ?? [];
  const date = `${year}-${month}-${day}`;
  const [hours, minutes, seconds] = time?.match(/\d{2}/g) ?? ['00', '00', '00'];
  const wall = Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`);
  // What is no day is another one, or none.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 10) !== date) {
    throw fault(`UNTIL : « ${text} » n’est pas une date`, `UNTIL: "${text}" is not a date`);
  }
  if (time === undefined) return endOfDay(date, zone) - 1;
  return utc === 'Z' ? wall : instantOfWallClock(wall, zone);
}

/** What is wrong with a rule is said of where it stands. */
function parsed(regle: string) {
  try {
    return parseRegle(regle);
  } catch (error) {
    if (!(error instanceof RegieError) || error.details.erreurs === undefined) throw error;
    throw invalid(...error.details.erreurs.map((one) => ({ ...one, champ: `recurrence.${one.champ}` })));
  }
}

function tooMany(most: number) {
  return fault(`Au plus ${most} rendez-vous à la fois`, `At most ${most} appointments at a time`);
}

function fault(fr: string, en: string, champ = 'recurrence.regle') {
  return invalid({ champ, message: { fr, en } satisfies Texte });
}
