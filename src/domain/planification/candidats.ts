import { missingQualification, type Qualifications } from '../identite/habilitations';
import { NIVEAUX_EXPERIENCE, type NiveauExperience } from '../identite/techniciens';
import { dayAfter, dayAt, endOfDay } from '../local-time';
import type { Priorite } from '../priorites';
import { longestWork, type Place } from '../working-time';
import { unavailability } from './disponibilite';
import {
  freeStretches,
  MAX_SPAN,
  overlap,
  type Presence,
  type Segment,
  segmentsOf,
  segmentsWithin,
} from './segments';
import { type Point, type TrajetSettings, trajetBetween } from './trajets';

/**
 * Who can go, when, and who had better: the one rule, for choosing somebody and for explaining the choice. Instants and
 * durations are milliseconds, costs minutes.
 *
 * Somebody either cannot, for the first reason of {@link EXCLUSIONS} that holds, or can at a time, for a cost in travel,
 * load and level; {@link compare} orders those who can (docs/decisions/032).
 */

/**
 * Why somebody cannot go, in the order in which the rules are asked: from what stays as it is to what passes with a day.
 * Whoever repairs the first one learns of the next.
 */
export const EXCLUSIONS = [
  /** Deactivated, of another role, or unavailable for good. */
  'inactif',
  /** A skill that is asked for is not theirs. */
  'competence',
  /** One that is theirs is not valid on every day of the visit. */
  'habilitation_expiree',
  /** Less experienced than the priority asks for. */
  'niveau',
  'hors_horaires',
  /** A public holiday, or a closing of the site. */
  'ferie',
  'absent',
  /** Something else takes their time. */
  'creneau_pris',
] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** The least experience that work of a priority asks for. Nobody learns on a stopped production line. */
export const LEAST: Readonly<Record<Priorite, NiveauExperience>> = {
  critique: 'confirme',
  haute: 'junior',
  normale: 'junior',
  basse: 'junior',
};

/** The experience that suits it best: whoever has more is missed elsewhere. */
const BEST: Readonly<Record<Priorite, NiveauExperience>> = {
  critique: 'expert',
  haute: 'senior',
  normale: 'confirme',
  basse: 'junior',
};

const DAY = 24 * 3_600_000;
const QUARTER = 15 * 60_000;
/** A free time is looked for this far ahead. */
export const SEARCH_PERIOD = 30 * DAY;
/** Of the load counts what was booked in the last four weeks and is booked for the coming one. */
export const LOAD_BEFORE = 28 * DAY;
export const LOAD_AFTER = 7 * DAY;

/** Something that takes somebody's time, and where it is done. */
export interface Occupation {
  segment: Segment;
  lieu: Point | null;
}

export interface Candidat extends Qualifications, Presence {
  technicienId: number;
  /** Whether they do any work at all. */
  actif: boolean;
  niveauExperience: NiveauExperience;
  /** Where their day begins. */
  base: Point | null;
  /** What takes their time around the moment wanted, or from now on, in any order. */
  occupations: readonly Occupation[];
  /** Minutes booked from {@link LOAD_BEFORE} ago to {@link LOAD_AFTER} ahead. */
  charge: number;
}

/** What is to be done, where and when. */
export interface Need extends Place {
  competences: readonly string[];
  priorite: Priorite;
  /** The moment wanted, or null for the next free one. */
  date: number | null;
  duration: number;
  now: number;
  lieu: Point | null;
  trajets: TrajetSettings;
}

export interface Couts {
  /** From what they do before, on the same day, or from their base. */
  trajet_minutes: number;
  charge: number;
  /** How far their experience is from what the priority wants, in levels. */
  niveau: number;
}

interface Evaluated {
  technicienId: number;
  couts: Couts;
}

export interface Possible extends Evaluated {
  date: number;
  segments: readonly Segment[];
}

export interface Exclu extends Evaluated {
  exclu: Exclusion;
}

/** Those who can do something, the best first, and those who cannot. */
export interface Candidatures {
  possibles: Possible[];
  /** In the order of the reasons, then of their ids. */
  exclus: Exclu[];
}

/** Everybody's answer to a need. */
export function evaluateCandidats(candidats: readonly Candidat[], need: Need): Candidatures {
  const possibles: Possible[] = [];
  const exclus: Exclu[] = [];
  for (const candidat of candidats) {
    const { technicienId } = candidat;
    const found = placeOrReason(candidat, need);
    if (typeof found === 'string') {
      exclus.push({ technicienId, exclu: found, couts: coutsOf(candidat, need, need.date ?? need.now) });
    } else {
      const date = found[0]![0];
      possibles.push({ technicienId, date, segments: found, couts: coutsOf(candidat, need, date) });
    }
  }
  return {
    possibles: possibles.sort((a, b) => compare(a, b, need)),
    exclus: exclus.sort(
      (a, b) => EXCLUSIONS.indexOf(a.exclu) - EXCLUSIONS.indexOf(b.exclu) || a.technicienId - b.technicienId,
    ),
  };
}

/**
 * Who had better go, of two who can and who both have all that is asked for: whoever is there sooner; then whoever travels
 * less; then, for urgent work, whose level is nearer to what it wants; then whoever has less to do; then the lower id, so
 * that equal input gives an equal answer.
 */
export function compare(a: Possible, b: Possible, { priorite }: Pick<Need, 'priorite'>): number {
  const urgent = priorite === 'critique' || priorite === 'haute';
  return (
    a.date - b.date ||
    a.couts.trajet_minutes - b.couts.trajet_minutes ||
    (urgent ? a.couts.niveau - b.couts.niveau : 0) ||
    a.couts.charge - b.couts.charge ||
    a.technicienId - b.technicienId
  );
}

/** How many cannot, for each reason that there is. */
export function countExclusions(exclus: readonly Pick<Exclu, 'exclu'>[]): Partial<Record<Exclusion, number>> {
  return Object.fromEntries(
    EXCLUSIONS.map((code) => [code, exclus.filter(({ exclu }) => exclu === code).length] as const).filter(
      ([, count]) => count > 0,
    ),
  );
}

/** When somebody would do it, or why they cannot. */
function placeOrReason(candidat: Candidat, need: Need): readonly Segment[] | Exclusion {
  const { date, duration, competences } = need;
  if (!candidat.actif) return 'inactif';
  if (missingQualification(candidat, competences, []) !== null) return 'competence';
  const planned = date === null ? null : segmentsOf(date, duration, candidat, need);
  if (!isEverQualified(candidat, planned, need)) return 'habilitation_expiree';
  if (experienceOf(candidat.niveauExperience) < experienceOf(LEAST[need.priorite])) return 'niveau';
  if (date === null) return firstFree(candidat, need) ?? whyNever(candidat, need);
  if (planned === null) return unavailability(candidat, date, duration, need)[0] ?? 'hors_horaires';
  const taken = candidat.occupations.map(({ segment }) => segment);
  return overlap(planned, taken) ? 'creneau_pris' : planned;
}

/** Whether somebody is qualified on every day of a visit, or on any of those on which a free time is looked for. */
function isEverQualified(candidat: Candidat, planned: readonly Segment[] | null, need: Need): boolean {
  const { date, duration, now, zone, competences } = need;
  if (!isDated(candidat, need)) return true;
  if (date !== null) return isQualified(candidat, planned ?? [[date, date + duration]], need);
  const days = daysOf([[now, now + SEARCH_PERIOD]], { zone });
  return days.some((day) => missingQualification(candidat, competences, [day]) === null);
}

/** Whether what somebody is qualified for may depend on the day. */
function isDated({ habilitations }: Candidat, { competences }: Need): boolean {
  return habilitations.length > 0 && competences.length > 0;
}

function isQualified(candidat: Candidat, segments: readonly Segment[], need: Need): boolean {
  return (
    !isDated(candidat, need) ||
    missingQualification(candidat, need.competences, daysOf(segments, need)) === null
  );
}

/**
 * The first quarter of an hour from which somebody is there, free and qualified for as long as it takes, with time to come
 * from what they do before and to go on to what they do next.
 */
function firstFree(candidat: Candidat, need: Need): readonly Segment[] | null {
  const { now, duration, zone } = need;
  const inOne = duration <= longestWork(candidat.hours);
  const horizon = now + SEARCH_PERIOD;
  // What begins before the horizon is looked at whole.
  const end = horizon + (inOne ? duration : MAX_SPAN) + DAY;
  const there = freeStretches(candidat, [], [now, end], need);
  // Work that lies within one stretch is looked for in one after the other, and no further than need be.
  const open = inOne ? there : [...there];
  const taken = withTheWay(candidat.occupations, need);
  let passed = 0;
  let rank = 0;
  for (const stretch of open) {
    const [from, to] = stretch;
    if (from > horizon) return null;
    const onwards = Array.isArray(open) ? open.slice(rank++) : [stretch];
    for (let start = roundUp(from); start < to; ) {
      const segments = segmentsWithin(onwards, start, duration, inOne);
      if (segments === null) break;
      while (passed < taken.length && taken[passed]![1] <= start) passed++;
      const clash = firstClash(segments, taken, passed);
      if (clash === null && isQualified(candidat, segments, need)) return segments;
      // Later on the same day it would take place on these days as well.
      start = roundUp(clash === null ? endOfDay(dayAt(start, zone), zone) : clash[1]);
    }
  }
  return null;
}

/** What takes somebody's time, with the way there and back from where something is to be done, by their beginnings. */
function withTheWay(occupations: readonly Occupation[], { lieu: there, trajets }: Need): Segment[] {
  return occupations
    .map(({ segment: [from, to], lieu }): Segment => {
      const way = trajetBetween(lieu, there, trajets).minutes * 60_000;
      return [from - way, to + way];
    })
    .sort((a, b) => a[0] - b[0]);
}

/** The first of what is taken, from a rank on, that some of the segments overlap. */
function firstClash(segments: readonly Segment[], taken: readonly Segment[], rank: number): Segment | null {
  const over = segments.at(-1)![1];
  for (let index = rank; index < taken.length && taken[index]![0] < over; index++) {
    if (overlap(segments, [taken[index]!])) return taken[index]!;
  }
  return null;
}

/** The first of the rules about time without which there would be a free one. */
function whyNever(candidat: Candidat, need: Need): Exclusion {
  const qualified = { ...candidat, occupations: [] };
  const present = { ...qualified, habilitations: [], competences: need.competences };
  const open = { ...need, closings: [] };
  if (firstFree({ ...present, absences: [] }, open) === null) return 'hors_horaires';
  if (firstFree({ ...present, absences: [] }, need) === null) return 'ferie';
  if (firstFree(present, need) === null) return 'absent';
  // Valid on some days, and on none of those on which they are there.
  return firstFree(qualified, need) === null ? 'habilitation_expiree' : 'creneau_pris';
}

function coutsOf({ base, occupations, niveauExperience, charge }: Candidat, need: Need, date: number): Couts {
  const last = occupations
    .filter(({ segment: [, to] }) => to <= date)
    .reduce<Occupation | null>(
      (latest, one) => (latest === null || one.segment[1] > latest.segment[1] ? one : latest),
      null,
    );
  const isToday = last !== null && dayAt(last.segment[1], need.zone) === dayAt(date, need.zone);
  const before = isToday ? last : null;
  const from = before === null ? base : before.lieu;
  return {
    trajet_minutes: Math.round(trajetBetween(from, need.lieu, need.trajets).minutes),
    charge,
    niveau: Math.abs(experienceOf(niveauExperience) - experienceOf(BEST[need.priorite])),
  };
}

/** The days of the site on which something is done, each once. */
export function daysOf(segments: readonly Segment[], { zone }: Place): string[] {
  const days = new Set<string>();
  for (const [from, to] of segments) {
    const last = dayAt(to - 1, zone);
    for (let day = dayAt(from, zone); day <= last; day = dayAfter(day, 1)) days.add(day);
  }
  return [...days];
}

function experienceOf(niveau: NiveauExperience): number {
  return NIVEAUX_EXPERIENCE.indexOf(niveau);
}

function roundUp(instant: number): number {
  return Math.ceil(instant / QUARTER) * QUARTER;
}
