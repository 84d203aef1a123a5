import type { Absence } from '../identite/techniciens';
import { dayAt, endOfDay } from '../local-time';
import { type Calendar, type Place, stretchesFrom, type WorkingHours } from '../working-time';
import { freeStretches } from './segments';

/** How busy people are: the time booked in a period against the time they work in it. Instants and durations are milliseconds. */

export interface Agenda {
  hours: WorkingHours;
  absences: readonly Absence[];
  /** Booked in the period. */
  booked: number;
}

/** The end of the `count`th day on which work is left, beginning with today. */
export function endOfWorkingDays(now: number, count: number, calendar: Calendar): number {
  let end = now;
  let days = 0;
  for (const [from] of stretchesFrom(now, calendar)) {
    if (from < end) continue;
    if (days === count) break;
    end = endOfDay(dayAt(from, calendar.zone), calendar.zone);
    days++;
  }
  return end;
}

/**
 * The mean over people of the share of their working time that is booked, in percent; more than 100 where work is
 * booked beyond the hours. Null when nobody works in the period.
 */
export function averageLoad(
  agendas: readonly Agenda[],
  start: number,
  end: number,
  place: Place,
): number | null {
  const loads = agendas.flatMap(({ booked, hours, absences }) => {
    const available = availableTime({ hours, absences }, start, end, place);
    return available === 0 ? [] : [(100 * booked) / available];
  });
  return loads.length === 0 ? null : loads.reduce((total, load) => total + load, 0) / loads.length;
}

/** Working time in a period without the absences. */
function availableTime(
  { hours, absences }: Pick<Agenda, 'hours' | 'absences'>,
  start: number,
  end: number,
  place: Place,
): number {
  let total = 0;
  for (const [from, to] of freeStretches({ hours, absences }, [], [start, end], place)) total += to - from;
  return total;
}
