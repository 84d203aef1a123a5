import {
  calendarUid,
  contentTypeInvitation,
  type EvenementRendezVous,
  type Invitation,
  invitation,
  storedEvent,
  uidOfCalendarUid,
} from '../../../src/domain/rendez-vous/ical';
import { expectSound } from '../../support/calendar-readers';

const at = (time: string) => new Date(`2026-12-01T${time}:00.000Z`);

const EVENEMENT: EvenementRendezVous = {
  uid: 'k3v9',
  sequence: 0,
  horodatage: at('07:00'),
  debut: at('09:00'),
  fin: at('09:45'),
  titre: 'Conseil en énergie',
  description: 'Merci d’apporter vos factures\nÀ bientôt',
  lieu: '12, rue des Orangers; Rabat',
  url: 'https://regie.exemple.ma/rdv/conseil',
  organisateur: { nom: 'Maison de l’énergie', email: 'rdv@exemple.ma' },
  langue: 'fr',
};

const PARTICIPANT = { nom: 'Salma Idrissi', email: 'salma@exemple.ma' };

const write = (over: Partial<Invitation> = {}) =>
  invitation({ ...EVENEMENT, methode: 'REQUEST', participant: PARTICIPANT, ...over });

/** Lines as they were before they were folded. */
const linesOf = (text: string) => text.replaceAll('\r\n ', '').split('\r\n');

describe('an invitation', () => {
  it('says of an appointment what calendar programs ask for, in UTC', () => {
    const lines = linesOf(write());
    expect(lines.slice(0, 3)).toEqual(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Regie//Rendez-vous//FR']);
    for (const line of [
      'METHOD:REQUEST',
      'UID:rendez-vous-k3v9',
      'SEQUENCE:0',
      'DTSTAMP:20261201T070000Z',
      'DTSTART:20261201T090000Z',
      'DTEND:20261201T094500Z',
      'STATUS:CONFIRMED',
      'TRANSP:OPAQUE',
      'SUMMARY:Conseil en énergie',
      'LOCATION:12\\, rue des Orangers\\; Rabat',
      'ORGANIZER;CN="Maison de l’énergie":mailto:rdv@exemple.ma',
    ]) {
      expect(lines).toContain(line);
    }
    expect(write()).toBe(write());
  });

  it('keeps one UID and counts from create over two moves to the cancellation, for two readers that are not ours', () => {
    const moved = { debut: at('14:00'), fin: at('14:45') };
    const trail = [
      write(),
      write({ sequence: 1, horodatage: at('07:10'), ...moved }),
      write({ sequence: 2, horodatage: at('07:20'), debut: at('15:00'), fin: at('15:45'), lieu: 'Salle 2' }),
      write({ sequence: 3, horodatage: at('07:30'), methode: 'CANCEL' }),
    ];
    const read = expectSound(trail);
    expect(read.map(({ methode }) => methode)).toEqual(['REQUEST', 'REQUEST', 'REQUEST', 'CANCEL']);
    const events = read.map(({ evenements }) => evenements[0]!);
    expect(read.every(({ evenements }) => evenements.length === 1)).toBe(true);
    expect(new Set(events.map(({ uid }) => uid))).toEqual(new Set(['rendez-vous-k3v9']));
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(events.map(({ statut }) => statut)).toEqual(['CONFIRMED', 'CONFIRMED', 'CONFIRMED', 'CANCELLED']);
    expect(new Set(events.map(({ organisateur }) => organisateur))).toEqual(
      new Set(['mailto:rdv@exemple.ma']),
    );
    expect(events.map(({ debut }) => debut)).toEqual([
      '2026-12-01T09:00:00+00:00',
      '2026-12-01T14:00:00+00:00',
      '2026-12-01T15:00:00+00:00',
      '2026-12-01T09:00:00+00:00',
    ]);
  });

  it('names nobody but whom it goes to, who has accepted and is not asked to answer', () => {
    const lines = linesOf(write());
    const attendees = lines.filter((line) => line.startsWith('ATTENDEE'));
    expect(attendees).toEqual([
      'ATTENDEE;ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;RSVP=FALSE;CN="Salma Idrissi":MAILTO:salma@exemple.ma',
    ]);
  });

  it('is tentative until somebody of the house has accepted it', () => {
    expect(linesOf(write({ aValider: true }))).toContain('STATUS:TENTATIVE');
    expect(linesOf(write({ aValider: true, methode: 'CANCEL' }))).toContain('STATUS:CANCELLED');
  });

  it('has the method of its part in a mail', () => {
    expect(contentTypeInvitation('REQUEST')).toBe('text/calendar; method=REQUEST; charset=UTF-8');
    expect(contentTypeInvitation('CANCEL')).toBe('text/calendar; method=CANCEL; charset=UTF-8');
  });

  it('lets nobody write lines of their own, whatever they call themselves', () => {
    const texts = [
      write({
        titre: 'Atelier\r\nATTENDEE:mailto:autre@exemple.ma',
        lieu: 'Ici\nMETHOD:CANCEL',
        description: 'Un\r\nDEUX:3\u0007\u0000',
        participant: {
          nom: 'X";ROLE=CHAIR:\r\nATTENDEE:mailto:z@exemple.ma',
          email: 'x@exemple.ma\r\nATTENDEE:y',
        },
      }),
      write({
        titre: 'موعد استشارة حول الطاقة في المنزل مع خبير من الدار 🏠🏠🏠🏠🏠🏠🏠🏠',
        participant: { nom: 'سلمى الإدريسي من مدينة الرباط بالمملكة المغربية', email: 'salma@exemple.ma' },
        langue: 'ar',
      }),
    ];
    const [first, second] = expectSound(texts);
    expect(first!.methode).toBe('REQUEST');
    expect(first!.evenements[0]!.participants).toHaveLength(1);
    expect(second!.evenements[0]!.titre).toContain('🏠🏠');
  });

  it('counts within 32 bits', () => {
    for (const sequence of [-1, 0.5, 2 ** 31, Date.now()]) {
      expect(() => write({ sequence })).toThrow(RangeError);
    }
    expect(linesOf(write({ sequence: 2 ** 31 - 1 }))).toContain('SEQUENCE:2147483647');
  });
});

describe('the UID of an appointment', () => {
  it('leads back to it, and that of others to nothing', () => {
    expect(uidOfCalendarUid(calendarUid('k3v9'))).toBe('k3v9');
    expect(uidOfCalendarUid('040000008200E00074C5B7101A82E008')).toBeNull();
  });
});

describe('the event in the calendar of who receives', () => {
  it('has no method, and is told to nobody by the server that keeps it', () => {
    const intervenant = {
      nom: 'Nadia El Fassi, conseillère en rénovation énergétique',
      email: 'nadia@exemple.ma',
    };
    const text = storedEvent({ ...EVENEMENT, sequence: 2 }, intervenant);
    const [read] = expectSound([text]);
    expect(read!.methode).toBe('');
    expect(read!.evenements[0]).toMatchObject({ uid: 'rendez-vous-k3v9', sequence: 2, statut: 'CONFIRMED' });
    const people = linesOf(text).filter((line) => /^(ORGANIZER|ATTENDEE)/.test(line));
    expect(people).toHaveLength(2);
    for (const line of people) expect(line).toMatch(/;SCHEDULE-AGENT=CLIENT[;:]/);
  });
});
