import { instantOfWallClock, wallClockAt } from '../local-time';

/** By which ways people are told, who they are to what happened, and when a message that can wait leaves. */

export const CANAUX = ['application', 'email', 'sms', 'push'] as const;
export type Canal = (typeof CANAUX)[number];

/** What leaves by the outbox, each channel with a transport and an order of its own. */
export const CANAUX_SORTANTS = ['email', 'sms', 'push'] as const satisfies readonly Canal[];
export type CanalSortant = (typeof CANAUX_SORTANTS)[number];

/** What a person is to an event; whether they still are is asked once more when a message leaves. */
export const RELATIONS = [
  /** Who leads the work, and who goes with them. */
  'technicien',
  'equipier',
  /** Who receives whoever has booked. */
  'intervenant',
  /** Whoever had the work, or the appointment, until now. */
  'ancien',
  /** Whose the equipment is, and who asked for the work. */
  'client',
  'createur',
  /** Of the site; of something that belongs to no site, all of them. */
  'responsable',
  'admin',
  /** Whose account it is. */
  'titulaire',
] as const;
export type Relation = (typeof RELATIONS)[number];

/** `critique` never waits: neither for others of its kind, nor for the end of quiet hours, nor for a digest. */
export const URGENCES = ['normale', 'critique'] as const;
export type Urgence = (typeof URGENCES)[number];

/** The order in which messages of a channel leave, and whether they may wait. */
export const RANGS = { compte: 0, critique: 1, normal: 2 } as const;

/** When a person wants to be left alone. */
export interface Tranquillite {
  /** Hours of the day, `22:00` to `07:00`; over midnight where they end before they begin. */
  heures_calmes: HeuresCalmes | null;
  /** Hour of the day at which all that can wait comes as one email; null for each as it happens. */
  resume_quotidien: number | null;
  /** IANA zone of both; null for the house's. */
  fuseau_horaire: string | null;
}

export interface HeuresCalmes {
  debut: string;
  fin: string;
}

/** The group of all that a daily digest holds. */
export const LOT_RESUME = 'resume';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Until when a message waits that would leave now; null when it leaves.
 * @param message what was decided of it so far.
 * @param houseZone of whoever names none.
 */
export function heldUntil(
  message: { rang: number; canal: CanalSortant; lot: string | null },
  tranquillite: Tranquillite | null,
  houseZone: string,
  now: Date,
): { until: Date; lot: string | null } | null {
  if (tranquillite === null || message.rang < RANGS.normal || message.lot === LOT_RESUME) return null;
  const zone = tranquillite.fuseau_horaire ?? houseZone;
  const { heures_calmes, resume_quotidien } = tranquillite;
  if (resume_quotidien !== null && message.canal === 'email') {
    const until = new Date(nextTime(resume_quotidien * 60, zone, now.getTime()));
    return { until, lot: LOT_RESUME };
  }
  const until = heures_calmes === null ? null : endOfQuiet(heures_calmes, zone, now.getTime());
  return until === null ? null : { until: new Date(until), lot: message.lot };
}

/** When the quiet hours end in which an instant lies, in milliseconds; null when it lies in none. */
function endOfQuiet({ debut, fin }: HeuresCalmes, zone: string, now: number): number | null {
  const [from, to] = [minutesOf(debut), minutesOf(fin)];
  if (from === to) return null;
  const midnight = Math.floor(wallClockAt(now, zone) / DAY) * DAY;
  // Those that began yesterday may not be over; each ends on the day it begins, or on the next.
  for (const day of [midnight - DAY, midnight]) {
    const start = instantOfWallClock(day + from * MINUTE, zone);
    const end = instantOfWallClock(day + (from < to ? to : to + 24 * 60) * MINUTE, zone);
    if (start <= now && now < end) return end;
  }
  return null;
}

/** The next instant at which the clocks of a zone show a time, in minutes since midnight. */
function nextTime(minutes: number, zone: string, now: number): number {
  const midnight = Math.floor(wallClockAt(now, zone) / DAY) * DAY;
  const today = instantOfWallClock(midnight + minutes * MINUTE, zone);
  return today > now ? today : instantOfWallClock(midnight + DAY + minutes * MINUTE, zone);
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}
