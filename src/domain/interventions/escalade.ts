import { invalid } from '../errors';
import { endOf } from '../local-time';
import { type Priorite } from '../priorites';
import { addWorkingTime, WORKING_DAY, type WorkingHours, workingTimeBetween } from '../working-time';
import { isLive, PAST_TOLERANCE, REOPENING_PERIOD, type Statut } from './interventions';

/**
 * Deadlines of an intervention and the escalation that follows when one passes (contract §4).
 * Instants and durations are milliseconds.
 *
 * A step has one deadline; when it passes, the levels are told one after the other: the first level at the
 * deadline, each further one after the same delay again. A level that has nobody (no technicien before an
 * assignment) is left out, so the responsable is then told first.
 *
 * Told is told: what has been told is remembered by the act of a person that armed the step, never by the deadline, which
 * follows from it and moves with zone data, hours and delays (docs/decisions/020).
 */

export const ETAPES = ['affectation', 'demarrage', 'resolution', 'pieces', 'cloture'] as const;
/** `pieces` is the daily chasing of missing parts, `cloture` the end of the reopening period. */
export type Etape = (typeof ETAPES)[number];
export type EtapeEscaladee = 'affectation' | 'demarrage' | 'resolution';

/** 1 technicien, 2 responsable, 3 admin. */
export type Niveau = (typeof NIVEAUX)[number];
const NIVEAUX = [1, 2, 3] as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Delays {
  affectation: number;
  demarrage: number;
  resolution: number;
  aroundTheClock: boolean;
}

/** The table of contract §4; days of the rows counted in working hours are working days. */
export const DELAYS: Readonly<Record<Priorite, Delays>> = {
  critique: { affectation: 15 * MINUTE, demarrage: 15 * MINUTE, resolution: 4 * HOUR, aroundTheClock: true },
  haute: { affectation: 2 * HOUR, demarrage: HOUR, resolution: WORKING_DAY, aroundTheClock: false },
  normale: {
    affectation: WORKING_DAY,
    demarrage: 4 * HOUR,
    resolution: 5 * WORKING_DAY,
    aroundTheClock: false,
  },
  basse: {
    affectation: 3 * WORKING_DAY,
    demarrage: WORKING_DAY,
    resolution: 15 * WORKING_DAY,
    aroundTheClock: false,
  },
};

/** Where and when a site works. */
export interface Calendar {
  hours: WorkingHours;
  zone: string;
}

/** How an intervention's time is counted. */
export interface Counting {
  priorite: Priorite;
  urgence: boolean;
  calendar: Calendar;
}

/** What the deadlines of an intervention follow from. */
export interface EcheancesInput extends Counting {
  statut: Statut;
  /** When the wait for an assignment began: the creation, or the withdrawal of a technicien. */
  armeLe: number;
  /** When somebody set the date of the visit; null without one. */
  demarrageArmeLe: number | null;
  /** When the present deadline was set: by a person, by a change of priority, by the reopening. */
  resolutionArmeeLe: number;
  datePlanifiee: number | null;
  dateLimite: number;
  /** Whether a person named it: then it stands through every wait. */
  dateLimiteImposee: boolean;
  dateFin: number | null;
  /** When the resolution clock stopped (waiting for parts), or null while it runs. */
  horlogeArreteeLe: number | null;
  /** Levels already told, as {@link escaladeKey}. */
  escalades: readonly string[];
}

/** Something that will happen by itself unless somebody acts first. */
export interface Echeance {
  etape: Etape;
  niveau: Niveau | 0;
  /** Instant, milliseconds since the epoch. */
  date: number;
  /** Names this very escalation: a level is told once for what armed its step. */
  cle: string;
}

/** The delay of a step, halved by `urgence`. */
export function delay(counting: Counting, etape: EtapeEscaladee): number {
  const full = DELAYS[counting.priorite][etape];
  return counting.urgence ? full / 2 : full;
}

/** `duration` after `start`, around the clock or in the site's working hours as the priority says. */
export function addCounted(counting: Counting, start: number, duration: number): number {
  if (DELAYS[counting.priorite].aroundTheClock) return start + duration;
  return addWorkingTime(start, duration, counting.calendar.hours, counting.calendar.zone);
}

/** Time that counts between two instants, as {@link addCounted} counts it. */
export function countedBetween(counting: Counting, start: number, end: number): number {
  if (DELAYS[counting.priorite].aroundTheClock) return Math.max(0, end - start);
  return workingTimeBetween(start, end, counting.calendar.hours, counting.calendar.zone);
}

/** Everything that is still to happen by itself, soonest first. */
export function computeEcheances(input: EcheancesInput): Echeance[] {
  const echeances: Echeance[] = [];
  const levels: Niveau[] = input.statut === 'ouverte' ? [2, 3] : [1, 2, 3];
  const step = (etape: EtapeEscaladee, armedAt: number, deadline: number) => {
    levels.forEach((niveau, rank) => {
      const cle = escaladeKey(etape, niveau, armedAt);
      if (input.escalades.includes(cle)) return;
      const date = rank === 0 ? deadline : addCounted(input, deadline, rank * delay(input, etape));
      echeances.push({ etape, niveau, date, cle });
    });
  };

  if (input.statut === 'ouverte') {
    step('affectation', input.armeLe, addCounted(input, input.armeLe, delay(input, 'affectation')));
  }
  if (input.statut === 'planifiee' && input.datePlanifiee !== null) {
    const armedAt = input.demarrageArmeLe ?? input.datePlanifiee;
    step('demarrage', armedAt, addCounted(input, input.datePlanifiee, delay(input, 'demarrage')));
  }
  if (isLive(input.statut) && (input.horlogeArreteeLe === null || input.dateLimiteImposee)) {
    step('resolution', input.resolutionArmeeLe, input.dateLimite);
  }
  if (input.statut === 'attente_pieces' && input.horlogeArreteeLe !== null) {
    echeances.push(nextChasing(input.horlogeArreteeLe, input.escalades));
  }
  if (input.statut === 'terminee' && input.dateFin !== null) {
    const date = input.dateFin + REOPENING_PERIOD;
    echeances.push({ etape: 'cloture', niveau: 0, date, cle: `cloture:${date}` });
  }
  return echeances.sort((a, b) => a.date - b.date || a.niveau - b.niveau);
}

/** Missing parts are chased every day of the wait, counted from its start. */
function nextChasing(since: number, done: readonly string[]): Echeance {
  const prefix = `pieces:${since}:`;
  const chased = done.filter((cle) => cle.startsWith(prefix)).length;
  return { etape: 'pieces', niveau: 0, date: since + (chased + 1) * DAY, cle: `${prefix}${chased + 1}` };
}

/**
 * What is told by telling this: it, and every further day on which parts should have been chased by now. After an outage
 * people hear once that parts are still missing, not once for each day that was missed.
 */
export function keysTold({ etape, cle }: Echeance, now: number): string[] {
  if (etape !== 'pieces') return [cle];
  const [since, first] = cle.split(':').slice(1).map(Number) as [number, number];
  const days = Math.max(first, Math.floor((now - since) / DAY));
  return Array.from({ length: days - first + 1 }, (_, n) => `pieces:${since}:${first + n}`);
}

function escaladeKey(etape: EtapeEscaladee, niveau: Niveau, armedAt: number): string {
  return `${etape}:${niveau}:${armedAt}`;
}

/** Whether the passing of the present deadline has been told to anybody. */
export function isResolutionTold(told: readonly string[], armedAt: number): boolean {
  return NIVEAUX.some((niveau) => told.includes(escaladeKey('resolution', niveau, armedAt)));
}

/**
 * The deadline that somebody named, an instant or a day, which ends with its last moment in the zone of the site.
 * @throws {RegieError} `VALIDATION` when it has passed already
 */
export function deadlineOf(value: string, zone: string, now: number): Date {
  const deadline = endOf(value, zone);
  if (deadline.getTime() > now - PAST_TOLERANCE) return deadline;
  throw invalid({
    champ: 'date_limite',
    message: { fr: 'La date est passée', en: 'The date is in the past' },
  });
}
