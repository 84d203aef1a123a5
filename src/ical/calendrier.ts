import ical, {
  ICalCalendarMethod,
  type ICalEventData,
  ICalEventStatus,
  ICalEventTransparency,
} from 'ical-generator';
import { forCalendar } from '../domain/lines';
import { TEXTES_CALENDRIER } from '../domain/planification/textes-calendrier';
import type { Priorite } from '../domain/priorites';
import { fullName, type Langue } from '../domain/writing';

/**
 * Writes the visits of a technicien as calendar programs read them (RFC 5545). Instants stand in UTC, so that the file holds
 * no rules of time zones, which go out of date in whoever keeps it: each program shows them by its own clocks. Equal
 * visits give equal bytes.
 */

/** A visit as a calendar shows it. */
export interface VisiteCalendrier {
  id: number;
  version: number;
  intervention_id: number;
  /** When it is worked on, in order; there is one, and more where work goes on after a break. */
  segments: readonly { debut: Date; fin: Date }[];
  annulee: boolean;
  notes: string | null;
  date_modification: Date;
  /** Null where the technicien may not know what it is for. */
  intervention: {
    titre: string;
    priorite: Priorite;
    equipement: { nom: string; localisation: string | null };
  } | null;
  /** Null where there is none, or none that the technicien may see. */
  site: { nom: string; adresse: string | null } | null;
}

export interface Calendrier {
  technicien: { nom: string; prenom: string };
  langue: Langue;
  /** Where this installation is reached: two of them have visits of the same number. */
  hote: string;
  visites: readonly VisiteCalendrier[];
}

/** How long programs may keep what they have read, in seconds, if they heed it. */
const REFRESH_INTERVAL = 3_600;

/** RFC 5545 §3.8.1.9: 1 is the highest of 9. */
const PRIORITIES: Readonly<Record<Priorite, number>> = { critique: 1, haute: 3, normale: 5, basse: 9 };

export function writeCalendrier({ technicien, langue, hote, visites }: Calendrier): string {
  const textes = TEXTES_CALENDRIER[langue];
  const calendar = ical({
    prodId: { company: 'Regie', product: 'Planning', language: langue.toUpperCase() },
    method: ICalCalendarMethod.PUBLISH,
    name: forCalendar(textes.titre(fullName(technicien))),
    ttl: REFRESH_INTERVAL,
  });
  for (const visite of visites) {
    for (const event of eventsOf(visite, langue, hote)) calendar.createEvent(event);
  }
  const text = calendar.toString();
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

function* eventsOf(visite: VisiteCalendrier, langue: Langue, hote: string): Generator<ICalEventData> {
  const textes = TEXTES_CALENDRIER[langue];
  const { segments, intervention, site } = visite;
  const titre = intervention?.titre ?? textes.visite;
  const place = [intervention?.equipement.localisation, site?.nom, site?.adresse];
  const lines = [
    ...(intervention === null
      ? []
      : [
          textes.priorite(textes.priorites[intervention.priorite]),
          textes.equipement(intervention.equipement.nom),
        ]),
    textes.intervention(visite.intervention_id),
    visite.notes,
  ];
  for (const [index, { debut, fin }] of segments.entries()) {
    const part = segments.length === 1 ? '' : ` (${textes.partie(index + 1, segments.length)})`;
    yield {
      id: `visite-${visite.id}${index === 0 ? '' : `-${index + 1}`}@${hote}`,
      sequence: visite.version - 1,
      stamp: visite.date_modification,
      lastModified: visite.date_modification,
      start: debut,
      end: fin,
      summary: forCalendar(titre + part),
      location: forCalendar(place.filter(Boolean).join(', ')) || null,
      description: forCalendar(lines.filter(Boolean).join('\n')),
      status: visite.annulee ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      transparency: visite.annulee ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
      priority: intervention === null ? null : PRIORITIES[intervention.priorite],
    };
  }
}
