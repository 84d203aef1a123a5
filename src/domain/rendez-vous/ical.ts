import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalAttendeeType,
  ICalCalendarMethod,
  type ICalEventData,
  ICalEventStatus,
  ICalEventTransparency,
} from 'ical-generator';
import { foldToLine, forCalendar } from '../lines';
import type { Langue } from '../writing';

/**
 * Appointments as calendar programs read them: invitations that mails carry (iTIP, RFC 5546 and 6047), and the event that is
 * stored in somebody's calendar (CalDAV, RFC 4791 §4.1). Instants stand in UTC, so that no file holds rules of time zones.
 * Equal input gives equal bytes.
 */

/** What an invitation asks of the program that reads it; also the `method` of the part's Content-Type. */
export type Methode = 'REQUEST' | 'CANCEL';

export interface Personne {
  nom: string;
  email: string;
}

/** Of `Régie <regie@exemple.ma>`, as mails have it: who organises, the same for all of an appointment's life. */
export function personneOf(from: string): Personne {
  const [, nom, email] = /^\s*"?(.*?)"?\s*<([^<>]+)>\s*$/.exec(from) ?? [];
  return email === undefined ? { nom: from.trim(), email: from.trim() } : { nom: nom || email, email };
}

export interface EvenementRendezVous {
  /** `rendez_vous.uid`. */
  uid: string;
  /** The UID of the event where it is none of an appointment: a workshop, by all who come to it. */
  cle?: string;
  /** Of the row: 0, and one more with each change, the cancellation included. */
  sequence: number;
  /** When this was said (DTSTAMP): the time of the change, so that what is sent again is the same. */
  horodatage: Date;
  debut: Date;
  fin: Date;
  titre: string;
  description?: string | null;
  /** Address, telephone number, link or room; one line. */
  lieu?: string | null;
  /** A page about it. */
  url?: string | null;
  /** Nobody has accepted it yet. */
  aValider?: boolean;
  /** The same for all of an appointment's life: programs believe nobody else about it. */
  organisateur: Personne;
  langue: Langue;
}

export interface Invitation extends EvenementRendezVous {
  methode: Methode;
  /** Whom the mail goes to, and nobody else: the names of others are none of their business. */
  participant: Personne;
}

/** The name of the file in a mail; its part in the body has {@link contentTypeInvitation} too. */
export const FICHIER_INVITATION = 'invitation.ics';

/** RFC 6047 §2.4: the method stands in the MIME type as well, and both are the same. */
export function contentTypeInvitation(methode: Methode): string {
  return `text/calendar; method=${methode}; charset=UTF-8`;
}

const PREFIX = 'rendez-vous-';
const SEANCE = 'seance-';

/** The UID of an appointment for life. It names no host: the house may move to another one. */
export function calendarUid(uid: string): string {
  return `${PREFIX}${uid}`;
}

/** The UID of a workshop, by whoever receives all who come to it. */
export function seanceCalendarUid(seanceId: number): string {
  return `${SEANCE}${seanceId}`;
}

/** Of which workshop of ours a UID would be; null for those of others. */
export function seanceOfCalendarUid(calendarUid: string): number | null {
  const id = calendarUid.startsWith(SEANCE) ? Number(calendarUid.slice(SEANCE.length)) : Number.NaN;
  return Number.isSafeInteger(id) && id > 0 && id <= MAX_SEQUENCE ? id : null;
}

/** Of which appointment of ours a UID would be; null for those of others. */
export function uidOfCalendarUid(calendarUid: string): string | null {
  return calendarUid.startsWith(PREFIX) ? calendarUid.slice(PREFIX.length) : null;
}

/**
 * The calendar object of a mail about an appointment.
 * @throws {RangeError} for a sequence that is no number of RFC 5545 (§3.3.8: 32 bits with a sign).
 */
export function invitation({ methode, participant, ...evenement }: Invitation): string {
  const { langue, organisateur } = evenement;
  const calendar = calendarIn(langue);
  calendar.method(methode === 'REQUEST' ? ICalCalendarMethod.REQUEST : ICalCalendarMethod.CANCEL);
  calendar.createEvent({
    ...eventOf(evenement, methode === 'CANCEL'),
    organizer: cleaned(organisateur),
    attendees: [
      {
        ...cleaned(participant),
        type: ICalAttendeeType.INDIVIDUAL,
        role: ICalAttendeeRole.REQ,
        // Who books has accepted: no program is to ask them, or us, once more.
        status: ICalAttendeeStatus.ACCEPTED,
        rsvp: false,
      },
    ],
  });
  return ended(calendar.toString());
}

/**
 * The calendar object that is stored in the calendar of who receives: without a method (RFC 4791 §4.1), and said to be told
 * to people by us, so that the server sends no invitations of its own (RFC 6638 §7.1).
 * @throws {RangeError} as {@link invitation}.
 */
export function storedEvent(evenement: EvenementRendezVous, intervenant: Personne): string {
  const calendar = calendarIn(evenement.langue);
  calendar.createEvent({
    ...eventOf(evenement, false),
    organizer: cleaned(evenement.organisateur),
    attendees: [
      {
        ...cleaned(intervenant),
        type: ICalAttendeeType.INDIVIDUAL,
        role: ICalAttendeeRole.REQ,
        status: ICalAttendeeStatus.ACCEPTED,
        rsvp: false,
      },
    ],
  });
  // Of both: which one counts depends on whose calendar it is, and the generator has it for attendees only.
  const lines = ended(calendar.toString())
    .replaceAll(FOLD, '')
    .replace(/^(ORGANIZER|ATTENDEE);/gm, '$1;SCHEDULE-AGENT=CLIENT;');
  return lines.split('\r\n').map(folded).join('\r\n');
}

/** What an event of ours says in every kind of calendar. */
function eventOf(evenement: EvenementRendezVous, annule: boolean): ICalEventData {
  const { sequence, aValider = false } = evenement;
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE) {
    throw new RangeError(`${sequence} cannot be a SEQUENCE`);
  }
  const standing = aValider ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED;
  return {
    id: evenement.cle ?? calendarUid(evenement.uid),
    sequence,
    stamp: evenement.horodatage,
    start: evenement.debut,
    end: evenement.fin,
    summary: oneLine(evenement.titre),
    location: oneLine(evenement.lieu ?? '') || null,
    description: forCalendar(evenement.description ?? '') || null,
    url: evenement.url ?? null,
    status: annule ? ICalEventStatus.CANCELLED : standing,
    transparency: annule ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
  };
}

const MAX_SEQUENCE = 2 ** 31 - 1;

function calendarIn(langue: Langue) {
  return ical({ prodId: { company: 'Regie', product: 'Rendez-vous', language: langue.toUpperCase() } });
}

function cleaned({ nom, email }: Personne): { name: string; email: string } {
  return { name: oneLine(nom), email: email.replace(/[^\P{Cc}]/gu, '') };
}

/** Lines end with CRLF, the last one too (RFC 5545 §3.1). */
function ended(text: string): string {
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

const FOLD = /\r\n[ \t]/g;
/** Of a line, its end not counted (RFC 5545 §3.1). */
const MAX_OCTETS = 75;

function folded(line: string): string {
  let [text, octets] = ['', 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > MAX_OCTETS) [text, octets] = [`${text}\r\n `, 1];
    text += character;
    octets += size;
  }
  return text;
}

function oneLine(text: string): string {
  return forCalendar(foldToLine(text)).replaceAll('\t', ' ');
}
