import type { EtapeEngagee } from '../parc/niveaux';
import { chronologieOf, type Segment } from './chronologie';
import { addCounted, countedBetween, delay, delaysOf } from './comptage';
import type { EcheancesInput } from './escalade';
import { type Pause, passedAt } from './horloge';
import { isLive } from './interventions';

/**
 * What has been promised of an intervention, and what became of it (contract-planification §3): one target for each step
 * that somebody is to take in time. Instants and durations are milliseconds.
 */

/** The first breaches of the targets that are open, or of the resolution that is over. */
export type Depassements = Partial<Record<EtapeEngagee, number>>;

/** The level that a target was promised by; null for that of the house. */
export type NiveauNomme = { id: number; nom: string } | null;

/** What the targets of an intervention follow from. */
export interface Engage extends EcheancesInput {
  depassements: Depassements;
  niveau: NiveauNomme;
}

interface Cible {
  etape: EtapeEngagee;
  depuis: number;
  echeance: number;
  /** The time that counts for it; of a deadline that somebody named, what there is until then. */
  delai: number;
  /** Whether somebody named the deadline. */
  imposee: boolean;
  /** Whether it is counted around the clock. */
  continu: boolean;
  /** Waits that stopped its clock, in order. */
  pauses: readonly Pause[];
  niveau: NiveauNomme;
}

/** A target of which it is settled whether it was met. */
export interface EngagementClos extends Cible {
  fin: number;
  /** The first deadline that was broken, or null. */
  depasse: number | null;
}

export const ETATS = ['en_cours', 'en_pause', 'tenu', 'depasse'] as const;
export type Etat = (typeof ETATS)[number];

export interface Engagement extends Cible {
  etat: Etat;
  /** What is left of the time that counts; what is beyond it is negative. */
  restant: number;
  depasse: number | null;
  /** When it was settled, or null. */
  fin: number | null;
  chronologie: Segment[];
}

/** The targets that are open, the one of the assignment or of the start first. */
function openTargets(engage: Engage): Cible[] {
  const targets: Cible[] = [];
  const simple = (etape: EtapeEngagee, depuis: number) => {
    const delai = delay(engage, etape);
    const echeance = addCounted(engage, depuis, delai);
    targets.push({ ...common(engage), etape, depuis, echeance, delai, imposee: false, pauses: [] });
  };
  if (engage.statut === 'ouverte') simple('affectation', engage.armeLe);
  if (engage.statut === 'planifiee' && engage.datePlanifiee !== null)
    simple('demarrage', engage.datePlanifiee);
  if (isLive(engage.statut)) targets.push(resolutionOf(engage));
  return targets;
}

const common = (engage: Engage) => ({ continu: delaysOf(engage).aroundTheClock, niveau: engage.niveau });

/** The resolution as the row holds it, open or over. */
function resolutionOf(engage: Engage): Cible {
  const { dateLimite: echeance, dateLimiteImposee: imposee, resolutionArmeeLe, resolutionDepuis } = engage;
  const shared = { ...common(engage), etape: 'resolution' as const, echeance, imposee };
  if (!imposee) {
    const delai = delay(engage, 'resolution');
    return { ...shared, depuis: resolutionDepuis, delai, pauses: engage.pauses };
  }
  // A named deadline counts from when it was named, through every wait.
  const delai = countedBetween(engage, resolutionArmeeLe, echeance);
  return { ...shared, depuis: resolutionArmeeLe, delai, pauses: [] };
}

/**
 * The first breach of each open target, noted before anything is done to it at this moment. What was set at this very
 * moment has not been in force yet.
 */
export function depassementsAt(engage: Engage, now: number): Depassements {
  const { depassements, horlogeArreteeLe, dateLimiteImposee, resolutionArmeeLe, reglesDepuis } = engage;
  const noted: Depassements = { ...depassements };
  for (const { etape, depuis, echeance } of openTargets(engage)) {
    const isResolution = etape === 'resolution';
    const stands = isResolution ? resolutionArmeeLe < now : reglesDepuis < now && depuis < now;
    const runsUntil = isResolution && !dateLimiteImposee ? (horlogeArreteeLe ?? now) : now;
    if (noted[etape] === undefined && stands && echeance < runsUntil) noted[etape] = echeance;
  }
  return noted;
}

/**
 * What an event settles: an assignment, a start, and a resolution that is reopened; what is withdrawn or called off only
 * where it had been broken by then. A finished resolution is told by the row, until it is reopened.
 * @param before how it stood, with its breaches by now.
 * @returns what is settled, and the breaches of what is open afterwards.
 */
export function settle(
  before: Engage,
  after: Pick<Engage, 'statut'>,
  now: number,
): { clos: EngagementClos[]; depassements: Depassements } {
  const depassements = { ...before.depassements };
  const clos: EngagementClos[] = [];
  if (before.statut === after.statut) return { clos, depassements };
  const close = (target: Cible, fin: number, isMet: boolean) => {
    const depasse = depassements[target.etape] ?? null;
    delete depassements[target.etape];
    if (isMet || depasse !== null) clos.push({ ...target, fin, depasse });
  };
  for (const target of openTargets(before)) {
    if (target.etape === 'affectation') close(target, now, after.statut === 'planifiee');
    if (target.etape === 'demarrage') close(target, now, after.statut === 'en_cours');
  }
  if (before.statut === 'terminee' && before.dateFin !== null) {
    close(resolutionOf(before), before.dateFin, true);
  }
  return { clos, depassements };
}

/** Every target there was or is, in the order in which they began. */
export function engagementsOf(engage: Engage, clos: readonly EngagementClos[], now: number): Engagement[] {
  const over = clos.map((target) => settled(engage, target));
  const open = openTargets(engage).map((target) => running(engage, target, now));
  const isBroken = engage.depassements.resolution !== undefined;
  if (
    engage.dateFin !== null &&
    (engage.statut === 'terminee' || (engage.statut === 'annulee' && isBroken))
  ) {
    const depasse = engage.depassements.resolution ?? null;
    over.push(settled(engage, { ...resolutionOf(engage), fin: engage.dateFin, depasse }));
  }
  return [...over, ...open].sort((a, b) => a.depuis - b.depuis);
}

function settled(engage: Engage, target: EngagementClos): Engagement {
  const { fin, depasse } = target;
  return {
    ...target,
    etat: depasse === null ? 'tenu' : 'depasse',
    restant: left(engage, target, fin),
    chronologie: chronologieOf(target.depuis, target.echeance, target.pauses, calendarOf(engage, target)),
  };
}

function running(engage: Engage, asHeld: Cible, now: number): Engagement {
  const { etape } = asHeld;
  const stopped = etape === 'resolution' && !asHeld.imposee ? engage.horlogeArreteeLe : null;
  const target = stopped === null ? asHeld : resumedNow(engage, asHeld, stopped, now);
  const isLate = target.echeance < (stopped ?? now);
  const depasse = engage.depassements[etape] ?? (isLate ? target.echeance : null);
  return {
    ...target,
    etat: depasse !== null ? 'depasse' : stopped === null ? 'en_cours' : 'en_pause',
    restant: left(engage, target, now),
    depasse,
    fin: null,
    chronologie: chronologieOf(target.depuis, target.echeance, target.pauses, calendarOf(engage, target)),
  };
}

/** While the clock stands still, the deadline is what it would be if the work went on now; what had passed has passed. */
function resumedNow(engage: Engage, target: Cible, stopped: number, now: number): Cible {
  if (target.echeance <= stopped) return target;
  const { attenteMotif } = engage;
  const present = { debut: stopped, fin: now, ...(attenteMotif === null ? {} : { motif: attenteMotif }) };
  const pauses = [...target.pauses, present];
  const echeance = passedAt(engage, { depuis: target.depuis, pauses }, target.delai);
  return { ...target, pauses, echeance };
}

const calendarOf = ({ calendar }: Engage, { continu }: Cible) => (continu ? null : calendar);

/** What of the time that counts lies between a moment and the deadline; negative beyond it. */
function left(engage: Engage, target: Cible, moment: number): number {
  const isAhead = moment <= target.echeance;
  const [from, to] = isAhead ? [moment, target.echeance] : [target.echeance, moment];
  const counted = chronologieOf(Math.max(from, target.depuis), to, target.pauses, calendarOf(engage, target))
    .filter(({ nature }) => nature === 'compte')
    .reduce((sum, { duree }) => sum + duree, 0);
  return isAhead ? counted : -counted;
}
