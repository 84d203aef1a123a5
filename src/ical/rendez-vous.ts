import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { StatutRendezVous } from '../domain/rendez-vous/rendez-vous';
import type { Langue } from '../domain/writing';

/** An appointment as whoever comes to it puts it into their own calendar. */
export interface RendezVousIcal {
  uid: string;
  sequence: number;
  /** When this was so (DTSTAMP). */
  horodatage: Date;
  debut: Date;
  fin: Date;
  statut: StatutRendezVous;
  titre: string;
  lieu: string;
  url: string;
  langue: Langue;
}

/** The UID is that of the invitations: programs that get both keep one event. */
export function writeRendezVous(one: RendezVousIcal): string {
  const calendar = ical({
    prodId: { company: 'Regie', product: 'Rendez-vous', language: one.langue.toUpperCase() },
    method: ICalCalendarMethod.PUBLISH,
  });
  calendar.createEvent({
    id: `rendez-vous-${one.uid}`,
    sequence: one.sequence,
    stamp: one.horodatage,
    start: one.debut,
    end: one.fin,
    summary: printable(one.titre),
    location: printable(one.lieu) || null,
    url: one.url,
    status: one.statut === 'a_valider' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
  });
  return `${calendar.toString()}\r\n`;
}

/** One line, without what no text of a calendar holds (RFC 5545 §3.1). */
function printable(text: string): string {
  return text.replace(/\s+|\p{Cc}/gu, ' ').trim();
}
