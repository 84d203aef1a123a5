import type { Absence } from '../identite/techniciens';
import { dayAt, endOfDay } from '../local-time';
import { stretchesFrom, type WorkingHours } from '../working-time';

/** How busy people are: the time booked in a period against the time they work in it. Instants and durations are milliseconds. */

export interface Agenda {
  hours: WorkingHours;
  absences: readonly Absence[];
  /** Booked in the period. */
  booked: number;
}

/** The end of the `count`th day on which work is left, beginning with today. */
export function endOfWorkingDays(now: number, count: number, hours: WorkingHours, zone: string): number {
  let end = now;
  let days = 0;
  for (const [from] of stretchesFrom(now, hours, zone)) {
    if (from < end) continue;
    if (days === count) break;
    end = endOfDay(dayAt(from, zone), zone);
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
  zone: string,
): number | null {
  const loads = agendas.flatMap(({ booked, hours, absences }) => {
    const available = availableTime({ hours, absences }, start, end, zone);
    return available === 0 ? [] : [(100 * booked) / available];
  });
  return loads.length === 0 ? null : loads.reduce((total, load) => total + load, 0) / loads.length;
}

/** Working time in a period without the absences. */
function availableTime(
  { hours, absences }: Pick<Agenda, 'hours' | 'absences'>,
  start: number,
  end: number,
  zone: string,
): number {
  const away = absences
    .map(({ debut, fin }) => [Date.parse(debut), Date.parse(fin)] as const)
    .sort((a, b) => a[0] - b[0]);
  let total = 0;
  for (const [from, to] of stretchesFrom(start, hours, zone)) {
    if (from >= end) break;
    const until = Math.min(to, end);
    let counted = from;
    for (const [leave, back] of away) {
      if (leave < until && leave > counted) total += leave - counted;
      if (leave < until) counted = Math.max(counted, back);
    }
    total += Math.max(0, until - counted);
  }
  return total;
}
