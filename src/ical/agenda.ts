import ical, { ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from 'ical-generator';
import { foldToLine, forCalendar } from '../domain/lines';
import { calendarUid, seanceCalendarUid } from '../domain/rendez-vous/ical';
import { TEXTES_AGENDA } from '../domain/rendez-vous/textes-agenda';
import type { Langue } from '../domain/writing';

/** Writes the appointments of a person, or in a room, as calendar programs read them that keep asking. */

/** One time at which somebody is received: an appointment, or a workshop with whoever has a seat. */
export interface SeanceAgenda {
  id: number;
  /** Of the appointment; null for a workshop. */
  uid: string | null;
  sequence: number;
  modification: Date;
  debut: Date;
  fin: Date;
  prestation: string;
  aValider: boolean;
  lieu: string | null;
  places: number;
  prises: number;
  /** Who receives. */
  intervenants: readonly string[];
  /** Who comes; empty where it is nobody's business. */
  participants: readonly string[];
}

export interface AgendaEcrit {
  nom: string;
  langue: Langue;
  seances: readonly SeanceAgenda[];
}

/** How long programs may keep what they have read, in seconds, if they heed it. */
const REFRESH_INTERVAL = 900;

export function writeAgenda({ nom, langue, seances }: AgendaEcrit): string {
  const textes = TEXTES_AGENDA[langue];
  const calendar = ical({
    prodId: { company: 'Regie', product: 'Rendez-vous', language: langue.toUpperCase() },
    method: ICalCalendarMethod.PUBLISH,
    name: oneLine(textes.titre(nom)),
    ttl: REFRESH_INTERVAL,
  });
  for (const seance of seances) {
    const { places, prises, participants, intervenants } = seance;
    const lines = [
      ...(participants.length === 0 ? [] : [textes.avec(participants.join(', '))]),
      ...(intervenants.length === 0 ? [] : [textes.participants(intervenants.join(', '))]),
      ...(places === 1 ? [] : [textes.places(prises, places)]),
    ];
    calendar.createEvent({
      id: seance.uid === null ? seanceCalendarUid(seance.id) : calendarUid(seance.uid),
      sequence: seance.sequence,
      stamp: seance.modification,
      lastModified: seance.modification,
      start: seance.debut,
      end: seance.fin,
      summary: oneLine(seance.aValider ? textes.aValider(seance.prestation) : seance.prestation),
      location: oneLine(seance.lieu ?? '') || null,
      description: forCalendar(lines.join('\n')) || null,
      status: seance.aValider ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.OPAQUE,
    });
  }
  const text = calendar.toString();
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

function oneLine(text: string): string {
  return forCalendar(foldToLine(text));
}
