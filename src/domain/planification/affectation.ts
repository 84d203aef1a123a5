import type { Absence, NiveauExperience } from '../identite/techniciens';
import type { Priorite } from '../priorites';
import { longestWork, stretchesFrom, type WorkingHours } from '../working-time';
import { isWithinHours, type Raison, unavailability } from './disponibilite';

/**
 * Choosing who goes, and when. Instants and durations are milliseconds.
 *
 * Those who have every skill asked for come first; then who can be there soonest; then, for urgent work, the
 * more experienced; then whoever has the least to do, so that work is shared out.
 */

export interface Candidate {
  technicienId: number;
  competences: readonly string[];
  niveauExperience: NiveauExperience;
  /** Booked stretches from now on, in any order. */
  occupied: readonly (readonly [from: number, to: number])[];
  absences: readonly Absence[];
  hours: WorkingHours;
}

export interface Need {
  competences: readonly string[];
  priorite: Priorite;
  /** The moment wanted, or null for the next free one. */
  date: number | null;
  duration: number;
  now: number;
  zone: string;
}

export interface Choice {
  technicienId: number;
  date: number;
  /** Skills asked for that the person has. */
  competences: string[];
  /** Booked time in the period looked at, in milliseconds. */
  load: number;
}

const QUARTER = 15 * 60_000;
/** A free slot is looked for this far ahead. */
export const SEARCH_PERIOD = 30 * 24 * 3_600_000;
const EXPERIENCE: readonly NiveauExperience[] = ['junior', 'confirme', 'senior', 'expert'];

/** The candidates that can do it, best first. */
export function rankCandidates(candidates: readonly Candidate[], need: Need): Choice[] {
  const ranked = candidates.flatMap((candidate) => {
    const date = need.date === null ? nextFreeSlot(candidate, need) : freeAt(candidate, need.date, need);
    if (date === null) return [];
    const competences = need.competences.filter((wanted) => has(candidate.competences, wanted));
    const load = candidate.occupied.reduce((total, [from, to]) => total + (to - from), 0);
    const experience = EXPERIENCE.indexOf(candidate.niveauExperience);
    return [{ technicienId: candidate.technicienId, date, competences, load, experience }];
  });
  const urgent = need.priorite === 'critique' || need.priorite === 'haute';
  return ranked
    .sort(
      (a, b) =>
        b.competences.length - a.competences.length ||
        a.date - b.date ||
        (urgent ? b.experience - a.experience : 0) ||
        a.load - b.load ||
        a.technicienId - b.technicienId,
    )
    .map(({ experience: _, ...choice }) => choice);
}

/** The first quarter of an hour from which the person is free, at work, for as long as it takes; null when there is none. */
export function nextFreeSlot(
  candidate: Candidate,
  need: Pick<Need, 'duration' | 'now' | 'zone'>,
): number | null {
  const horizon = need.now + SEARCH_PERIOD;
  const busy = busyStretches(candidate);
  const longest = longestWork(candidate.hours);
  for (const [from, to] of stretchesFrom(need.now, candidate.hours, need.zone)) {
    if (from > horizon) return null;
    let start = roundUp(from);
    while (start < to && isWithinHours(candidate.hours, start, need.duration, need.zone, longest)) {
      const clash = busy.find(([begin, end]) => begin < start + need.duration && end > start);
      if (clash === undefined) return start;
      start = roundUp(clash[1]);
    }
  }
  return null;
}

function freeAt(candidate: Candidate, date: number, { duration, zone }: Need): number | null {
  if (unavailability(candidate, date, duration, zone).length > 0) return null;
  const clash = candidate.occupied.some(([from, to]) => from < date + duration && to > date);
  return clash ? null : date;
}

/**
 * Why everybody is left out who cannot do it: null when for some of them it is that they have other visits, or when there
 * is nobody at all.
 */
export function unavailabilityOfAll(candidates: readonly Candidate[], need: Need): Raison[] | null {
  if (candidates.length === 0) return null;
  const reasons = candidates.map((candidate) => reasonsWithoutVisits({ ...candidate, occupied: [] }, need));
  if (reasons.some(({ length }) => length === 0)) return null;
  return [...new Set(reasons.flat())].sort().reverse();
}

function reasonsWithoutVisits(candidate: Candidate, need: Need): Raison[] {
  if (need.date !== null) return unavailability(candidate, need.date, need.duration, need.zone);
  if (nextFreeSlot(candidate, need) !== null) return [];
  return nextFreeSlot({ ...candidate, absences: [] }, need) === null ? ['hors_horaires'] : ['absent'];
}

function busyStretches(candidate: Candidate): (readonly [number, number])[] {
  const absences = candidate.absences.map(({ debut, fin }) => [Date.parse(debut), Date.parse(fin)] as const);
  return [...candidate.occupied, ...absences].sort((a, b) => a[0] - b[0]);
}

function roundUp(instant: number): number {
  return Math.ceil(instant / QUARTER) * QUARTER;
}

function has(competences: readonly string[], wanted: string): boolean {
  return competences.some(
    (competence) => competence.localeCompare(wanted, 'fr', { sensitivity: 'base' }) === 0,
  );
}
