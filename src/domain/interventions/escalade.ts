import { invalid } from '../errors';
import { endOf } from '../local-time';
import {
  type CompiledDelais,
  type CompiledPalier,
  compile,
  type Destinataire,
  type Ecart,
  type EtapeEngagee,
  POLITIQUE_INTEGREE,
} from '../parc/niveaux';
import { type Priorite } from '../priorites';
import { addCounted, type Counting, countedBetween, delay } from './comptage';
import { type Pause, passedAt } from './horloge';
import { isLive, PAST_TOLERANCE, REOPENING_PERIOD, type Statut } from './interventions';

/**
 * Deadlines of an intervention and the escalation that follows when one passes (contract §4, contract-planification §3).
 * Instants and durations are milliseconds.
 *
 * A step has one deadline; its level of service says who is told how long before it passes, when it does, and after it.
 * Of the level of the house each of three is told after the same delay again; one that has nobody (no technicien before
 * an assignment) is left out, so the responsable is then told first.
 *
 * Told is told: what has been told is remembered by the act of a person that armed the step, never by the deadline, which
 * follows from it and moves with zone data, hours, delays and levels (docs/decisions/020, 031).
 */

export const ETAPES = ['affectation', 'demarrage', 'resolution', 'pieces', 'cloture'] as const;
/** `pieces` is the daily chasing of missing parts, `cloture` the end of the reopening period. */
export type Etape = (typeof ETAPES)[number];
export type EtapeEscaladee = EtapeEngagee;

/** 1 technicien, 2 responsable, 3 admin: the highest of those who are told. */
export type Niveau = 1 | 2 | 3;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The table of contract §4; days of the rows counted in working hours are working days. */
export const DELAYS: Readonly<Record<Priorite, CompiledDelais>> = compile(POLITIQUE_INTEGREE).delais;

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
  /** When the resolution clock stopped (waiting for parts, or for what the level says), or null while it runs. */
  horlogeArreteeLe: number | null;
  /** The reason of a wait that is not for parts, which are then not chased. */
  attenteMotif: string | null;
  /** From when the resolution counts, and the waits since then that are over. */
  resolutionDepuis: number;
  pauses: readonly Pause[];
  /** Since when priority, urgency and level are what they are: what has passed by then has passed unseen. */
  reglesDepuis: number;
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
  /** Whom a level of service has told; missing for the level of the house, where `niveau` says it. */
  destinataires?: readonly Destinataire[];
  /** The deadline that this is told ahead of; missing for what is told when it passes, and after. */
  limite?: number;
  /** The deadline that has passed, where a level of service tells of it later. */
  echue?: number;
}

/** A step that somebody is to have taken by its deadline. */
interface Step {
  etape: EtapeEscaladee;
  armedAt: number;
  deadline: number;
  /** The time that counts for it, from its start to its deadline. */
  total: number;
  /** When so much of it has passed. */
  passed: (duration: number) => number;
}

/** Everything that is still to happen by itself, soonest first. */
export function computeEcheances(input: EcheancesInput): Echeance[] {
  const echeances = stepsOf(input).flatMap((step) => levelsOf(input, step).toCome);
  const { statut, horlogeArreteeLe, dateFin } = input;
  if (statut === 'attente_pieces' && horlogeArreteeLe !== null && input.attenteMotif === null) {
    echeances.push(nextChasing(horlogeArreteeLe, input.escalades));
  }
  if (statut === 'terminee' && dateFin !== null) {
    const date = dateFin + REOPENING_PERIOD;
    echeances.push({ etape: 'cloture', niveau: 0, date, cle: `cloture:${date}` });
  }
  return echeances.sort((a, b) => a.date - b.date || a.niveau - b.niveau);
}

/** A level that had passed when another priority or level of service made it one, and is not told as if it were new. */
export interface Franchi {
  etape: EtapeEscaladee;
  a: string;
}

/** The levels that have been passed unseen, since what they follow from was different then. */
export function computeFranchis(input: EcheancesInput): Franchi[] {
  return stepsOf(input).flatMap((step) => levelsOf(input, step).franchis);
}

function stepsOf(input: EcheancesInput): Step[] {
  const steps: Step[] = [];
  const simple = (etape: EtapeEscaladee, armedAt: number, start: number) => {
    const total = delay(input, etape);
    const passed = (duration: number) => addCounted(input, start, duration);
    steps.push({ etape, armedAt, total, passed, deadline: passed(total) });
  };
  if (input.statut === 'ouverte') simple('affectation', input.armeLe, input.armeLe);
  if (input.statut === 'planifiee' && input.datePlanifiee !== null) {
    simple('demarrage', input.demarrageArmeLe ?? input.datePlanifiee, input.datePlanifiee);
  }
  if (isLive(input.statut) && (input.horlogeArreteeLe === null || input.dateLimiteImposee)) {
    steps.push(resolutionOf(input));
  }
  return steps;
}

function resolutionOf(input: EcheancesInput): Step {
  const { resolutionArmeeLe: armedAt, dateLimite: deadline, resolutionDepuis: depuis, pauses } = input;
  const step = { etape: 'resolution' as const, armedAt, deadline };
  if (!input.dateLimiteImposee) {
    const passed = (duration: number) => passedAt(input, { depuis, pauses }, duration);
    return { ...step, passed, total: delay(input, 'resolution') };
  }
  // A deadline that somebody named counts from when they did, through every wait.
  const passed = (duration: number) => addCounted(input, armedAt, duration);
  return { ...step, passed, total: countedBetween(input, armedAt, deadline) };
}

interface Levels {
  toCome: Echeance[];
  franchis: Franchi[];
}

function levelsOf(input: EcheancesInput, step: Step): Levels {
  return compile(input.politique).integree ? levelsOfTheHouse(input, step) : levelsOfService(input, step);
}

function levelsOfTheHouse(input: EcheancesInput, { etape, armedAt, deadline }: Step): Levels {
  const levels: Niveau[] = input.statut === 'ouverte' ? [2, 3] : [1, 2, 3];
  const toCome = levels.flatMap((niveau, rank): Echeance[] => {
    const cle = escaladeKey(etape, niveau, armedAt);
    if (input.escalades.includes(cle)) return [];
    const date = rank === 0 ? deadline : addCounted(input, deadline, rank * delay(input, etape));
    return [{ etape, niveau, date, cle }];
  });
  return { toCome, franchis: [] };
}

/**
 * Of what had passed when the rules became what they are, nothing is told ahead any more, and each of those who are to know
 * that the deadline has passed hears of it once.
 */
function levelsOfService(input: EcheancesInput, step: Step): Levels {
  const { etape, armedAt, deadline } = step;
  const toCome: Echeance[] = [];
  const franchis: Franchi[] = [];
  const informed = new Set<Destinataire>(
    (Object.keys(ROLES) as Destinataire[]).filter((who) =>
      input.escalades.includes(escaladeKey(etape, ROLES[who], armedAt)),
    ),
  );
  const dated = compile(input.politique).paliers.flatMap((palier) => {
    const date = dateOf(input, step, palier);
    return date === null ? [] : [{ ...palier, date }];
  });
  // The latest first: it is the one that is told of several that have passed.
  for (const { a, sens, date, destinataires } of dated.sort((x, y) => y.date - x.date)) {
    const cle = escaladeKey(etape, a, armedAt);
    if (input.escalades.includes(cle)) continue;
    const isPassed = date < input.reglesDepuis;
    const toTell = isPassed ? destinataires.filter((who) => !informed.has(who)) : destinataires;
    if (isPassed && (sens < 0 || toTell.length === 0)) {
      franchis.push({ etape, a });
      continue;
    }
    if (isPassed) for (const who of toTell) informed.add(who);
    const about = sens < 0 ? { limite: deadline } : { echue: deadline };
    toCome.push({ etape, niveau: niveauOf(toTell), date, cle, destinataires: toTell, ...about });
  }
  return { toCome, franchis };
}

/** When a level is told; null for one that would be before its step begins. */
function dateOf(input: EcheancesInput, step: Step, { sens, part, duree }: Ecart): number | null {
  if (sens > 0) {
    const after = part * delay(input, step.etape) + duree;
    return after === 0 ? step.deadline : addCounted(input, step.deadline, after);
  }
  const passed = step.total - part * step.total - duree;
  return passed <= 0 ? null : step.passed(passed);
}

/** By which those who have been told that a deadline has passed are remembered; the levels of the house are the same. */
const ROLES: Readonly<Record<Destinataire, number>> = { technicien: 1, responsable: 2, admin: 3, client: 4 };

function niveauOf(destinataires: CompiledPalier['destinataires']): Niveau {
  if (destinataires.includes('admin')) return 3;
  return destinataires.includes('responsable') ? 2 : 1;
}

/** Who hears of an escalation. */
export function destinatairesOf({ niveau, destinataires }: Echeance): readonly Destinataire[] {
  if (destinataires !== undefined) return destinataires;
  return POLITIQUE_INTEGREE.niveaux[niveau - 1]?.destinataires ?? [];
}

/** Missing parts are chased every day of the wait, counted from its start. */
function nextChasing(since: number, done: readonly string[]): Echeance {
  const prefix = `pieces:${since}:`;
  const chased = done.filter((cle) => cle.startsWith(prefix)).length;
  return { etape: 'pieces', niveau: 0, date: since + (chased + 1) * DAY, cle: `${prefix}${chased + 1}` };
}

/**
 * What is told by telling this: it, and every further day on which parts should have been chased by now. After an outage
 * people hear once that parts are still missing, not once for each day that was missed. Of a deadline that has passed also
 * who knows it by then, whatever the level says of them afterwards.
 */
export function keysTold({ etape, cle, destinataires, limite }: Echeance, now: number): string[] {
  if (etape !== 'pieces') {
    if (destinataires === undefined || limite !== undefined) return [cle];
    const armedAt = Number(cle.slice(cle.lastIndexOf(':') + 1));
    return [cle, ...destinataires.map((who) => escaladeKey(etape, ROLES[who], armedAt))];
  }
  const [since, first] = cle.split(':').slice(1).map(Number) as [number, number];
  const days = Math.max(first, Math.floor((now - since) / DAY));
  return Array.from({ length: days - first + 1 }, (_, n) => `pieces:${since}:${first + n}`);
}

/** @param niveau of the house by its number, of a level of service by how far it is from the deadline. */
function escaladeKey(etape: Etape, niveau: number | string, armedAt: number): string {
  return `${etape}:${niveau}:${armedAt}`;
}

/** Whether the passing of the present deadline has been told to anybody. */
export function isResolutionTold(told: readonly string[], armedAt: number): boolean {
  return Object.values(ROLES).some((role) => told.includes(escaladeKey('resolution', role, armedAt)));
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
