import { type CompiledDelais, compile, type EtapeEngagee, type Politique } from '../parc/niveaux';
import type { Priorite } from '../priorites';
import { addWorkingTime, type Calendar, workingTimeBetween } from '../working-time';

/** How the time of an intervention is counted: by its service level, its priority and the calendar of its site. */
export interface Counting {
  priorite: Priorite;
  urgence: boolean;
  calendar: Calendar;
  politique: Politique;
}

/** The delays of its priority, in milliseconds. */
export function delaysOf({ politique, priorite }: Counting): CompiledDelais {
  return compile(politique).delais[priorite];
}

/** The delay of a step in milliseconds, halved by `urgence`. */
export function delay(counting: Counting, etape: EtapeEngagee): number {
  const full = delaysOf(counting)[etape];
  return counting.urgence ? full / 2 : full;
}

/** `duration` after `start`, around the clock or in the site's working hours as the level says of the priority. */
export function addCounted(counting: Counting, start: number, duration: number): number {
  if (delaysOf(counting).aroundTheClock) return start + duration;
  return addWorkingTime(start, duration, counting.calendar);
}

/** Time that counts between two instants, as {@link addCounted} counts it. */
export function countedBetween(counting: Counting, start: number, end: number): number {
  if (delaysOf(counting).aroundTheClock) return Math.max(0, end - start);
  return workingTimeBetween(start, end, counting.calendar);
}
