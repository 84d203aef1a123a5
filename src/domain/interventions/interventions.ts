/**
 * The life of an intervention: its states, who follows whom, and what each move requires (contract §4).
 * Pure rules: the API asks them before it speaks to the engine, the workflow asks them in its validators,
 * and the service asks them once more under the row's lock, where the answer counts.
 */

import type { CauseArret } from '../parc/equipements';

export const STATUTS = ['ouverte', 'planifiee', 'en_cours', 'attente_pieces', 'terminee', 'annulee'] as const;
export type Statut = (typeof STATUTS)[number];

export const TYPES_INTERVENTION = ['corrective', 'preventive', 'predictive'] as const;
export type TypeIntervention = (typeof TYPES_INTERVENTION)[number];

/** Clocks differ and people hesitate: a moment that has just passed is still "now", in milliseconds. */
export const PAST_TOLERANCE = 15 * 60_000;

/** How long after its end a finished intervention may be reopened, in milliseconds. */
export const REOPENING_PERIOD = 7 * 24 * 3_600_000;

/** Moves that `PUT /interventions/{id}/statut` may ask for. Assignment is a request of its own. */
const TRANSITIONS: Record<Statut, readonly Statut[]> = {
  ouverte: ['annulee'],
  planifiee: ['en_cours', 'ouverte', 'annulee'],
  en_cours: ['attente_pieces', 'terminee', 'annulee'],
  attente_pieces: ['en_cours', 'annulee'],
  terminee: ['en_cours'],
  annulee: [],
};

/** States in which work has begun: somebody else may take it over, and a next visit may be planned, without leaving them. */
const STARTED: readonly Statut[] = ['en_cours', 'attente_pieces'];

/** What the rules need to know of an intervention. Dates are milliseconds since the epoch. */
export interface Situation {
  statut: Statut;
  dateFin: number | null;
}

export interface Refusal {
  /** `CLOTUREE`: it is over, and has to be reopened before anything of it is changed. */
  code: 'TRANSITION_INVALIDE' | 'CLOTUREE';
  statut: Statut;
  autorisees: readonly Statut[];
}

/** The states that may be asked for now, in the order of the contract. */
export function allowedTransitions(situation: Situation, now: number): readonly Statut[] {
  if (situation.statut === 'terminee' && !mayReopen(situation, now)) return [];
  return TRANSITIONS[situation.statut];
}

/** Null when the move is legal, otherwise why it is not. */
export function refuseTransition(situation: Situation, wanted: Statut, now: number): Refusal | null {
  const autorisees = allowedTransitions(situation, now);
  return autorisees.includes(wanted) ? null : refusal(situation, autorisees);
}

/** Null when a technicien may be assigned now, or the visit planned anew, otherwise why not. */
export function refuseAssignment(situation: Situation, now: number): Refusal | null {
  return isLive(situation.statut) ? null : refusal(situation, allowedTransitions(situation, now));
}

/**
 * Null when what an intervention says or needs may be changed now, otherwise why not. Once it is over it is closed until
 * it is reopened: what its report says, and what the row says, stay the same. Only a comment, a document and the rating
 * are added to it, and the move that reopens it is judged by {@link refuseTransition}.
 */
export function refuseWriting(situation: Situation, now: number): Refusal | null {
  if (isLive(situation.statut)) return null;
  return { ...refusal(situation, allowedTransitions(situation, now)), code: 'CLOTUREE' };
}

/**
 * Why an intervention stops its equipment at present, or null: a corrective of which somebody said so until it is over,
 * preventive work while it is under way.
 */
export function causeArret({
  type_intervention,
  arret,
  statut,
}: {
  type_intervention: TypeIntervention;
  arret: boolean;
  statut: Statut;
}): CauseArret | null {
  if (arret && isLive(statut)) return 'panne';
  return type_intervention === 'preventive' && isStarted(statut) ? 'maintenance' : null;
}

/** True until the intervention is finished or cancelled. */
export function isLive(statut: Statut): boolean {
  return statut !== 'terminee' && statut !== 'annulee';
}

/** True while work is under way, also while it waits for parts. */
export function isStarted(statut: Statut): boolean {
  return STARTED.includes(statut);
}

/** True when nothing can happen to it any more, so that its workflow may end. */
export function isClosed(situation: Situation, now: number): boolean {
  if (situation.statut === 'annulee') return true;
  return situation.statut === 'terminee' && !mayReopen(situation, now);
}

/** Requirements of a move beyond its legality: the field of the body that is missing, or null. */
export function missingForTransition(
  wanted: Statut,
  given: { rapport?: string | null; motif?: string | null; motif_attente?: string; pieces: number },
): 'rapport' | 'motif' | 'pieces' | null {
  if (wanted === 'terminee' && !given.rapport?.trim()) return 'rapport';
  if (wanted === 'annulee' && !given.motif?.trim()) return 'motif';
  if (wanted === 'attente_pieces' && given.pieces === 0 && given.motif_attente === undefined) return 'pieces';
  return null;
}

function mayReopen(situation: Situation, now: number): boolean {
  return situation.dateFin !== null && now < situation.dateFin + REOPENING_PERIOD;
}

function refusal(situation: Situation, autorisees: readonly Statut[]): Refusal {
  return { code: 'TRANSITION_INVALIDE', statut: situation.statut, autorisees };
}
