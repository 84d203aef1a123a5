import { type Calendar, closedBetween, stretchesFrom } from '../working-time';
import type { Pause } from './horloge';

/** What the time of a target was: it counted, nobody worked, nobody works that day, or its clock stood still. */
export const NATURES = ['compte', 'ferme', 'ferie', 'pause'] as const;
export type Nature = (typeof NATURES)[number];

/** A stretch of one nature. Instants and durations are milliseconds. */
export interface Segment {
  de: number;
  a: number;
  nature: Nature;
  /** What it holds of its nature: all of it, unless several were folded into one. */
  duree: number;
  /** Why the clock stood still; parts where nothing else is said. */
  motif?: string;
}

/** More stretches than these are not told one by one. */
export const MAX_SEGMENTS = 500;

/** Why the clock stands still while parts are awaited. */
const PIECES = 'pieces';

const DAY = 24 * 3_600_000;

/**
 * Explains each minute from the start of a target to its deadline: what counts of it adds up to the delay. Of more than
 * {@link MAX_SEGMENTS} stretches, the first ones are folded into one, which says how much of it counted.
 * @param calendar null for what is counted around the clock.
 */
export function chronologieOf(
  start: number,
  end: number,
  pauses: readonly Pause[],
  calendar: Calendar | null,
): Segment[] {
  const segments: Segment[] = [];
  let from = start;
  for (const { debut, fin, motif = PIECES } of pauses) {
    const [begin, until] = [Math.max(debut, from), Math.min(fin, end)];
    if (until <= begin) continue;
    segments.push(...working(from, begin, calendar));
    segments.push({ de: begin, a: until, nature: 'pause', duree: until - begin, motif });
    from = until;
  }
  segments.push(...working(from, end, calendar));
  return folded(segments);
}

/** The stretches between two instants, of which none is a pause. */
function working(from: number, end: number, calendar: Calendar | null): Segment[] {
  if (end <= from) return [];
  if (calendar === null) return [{ de: from, a: end, nature: 'compte', duree: end - from }];
  const segments: Segment[] = [];
  const add = (nature: Nature, de: number, a: number) => {
    if (a <= de) return;
    const last = segments.at(-1);
    if (last?.nature === nature) Object.assign(last, { a, duree: last.duree + a - de });
    else segments.push({ de, a, nature, duree: a - de });
  };
  let reached = from;
  const shut = (until: number) => {
    for (const [begin, over] of closedBetween(reached, until, calendar)) {
      add('ferme', reached, begin);
      add('ferie', begin, over);
      reached = over;
    }
    add('ferme', reached, until);
    reached = until;
  };
  for (const [opens, closes] of stretchesFrom(from, calendar, Math.ceil((end - from) / DAY) + 3)) {
    if (opens >= end) break;
    shut(opens);
    reached = Math.min(closes, end);
    add('compte', opens, reached);
  }
  shut(end);
  return segments;
}

function folded(segments: Segment[]): Segment[] {
  if (segments.length <= MAX_SEGMENTS) return segments;
  const first = segments.slice(0, segments.length - MAX_SEGMENTS + 1);
  const duree = first.reduce((sum, { nature, duree }) => sum + (nature === 'compte' ? duree : 0), 0);
  const one: Segment = { de: first[0]!.de, a: first.at(-1)!.a, nature: 'compte', duree };
  return [one, ...segments.slice(first.length)];
}
