import { type Priorite } from '../priorites';
import {
  type Refusal,
  refuseAssignment,
  refuseTransition,
  refuseWriting,
  type Situation,
  type Statut,
} from './interventions';
import type { Pannes } from './pannes';

/** What a person asks of an intervention. The engine carries it as a {@link SealedOrdre}. */
export type Ordre =
  | Assignation
  | {
      type: 'statut';
      statut: Statut;
      rapport?: string;
      motif?: string;
      /** Of a wait that is not for parts, as the level of service names it. */
      motif_attente?: string;
      commentaire?: string;
      pieces?: { piece_id: number; quantite: number }[];
      /** What had failed, of work that is finished. */
      pannes?: Pannes;
    }
  | { type: 'modification'; changements: Modification }
  /** Parts that have come: the needs named, or all that are missing. */
  | { type: 'reception'; besoins: number[] | null };

/** Who goes, when, for how many minutes. What is not named stays as it is. */
export interface Assignation {
  type: 'assignation';
  technicien_id?: number;
  /** An instant in ISO 8601. */
  date_planifiee?: string;
  duree_estimee?: number;
  /** Who goes with them, by the ids of other techniciens. */
  equipiers?: number[];
  /** Also outside of the hours of the technicien, and while they are away. */
  force?: boolean;
}

/** A change of fields of which at least one moves deadlines, or stops the equipment. */
export interface Modification {
  titre?: string;
  description?: string;
  competences_requises?: string[];
  priorite?: Priorite;
  urgence?: boolean;
  /** Whether the equipment stands still until the work is over. */
  arret?: boolean;
  /** An instant in ISO 8601, or a day of the site's calendar. Null gives the deadline back to the delays of the priority. */
  date_limite?: string | null;
}

/** What the rules need to know of an order. */
export interface OrdreRule {
  type: Ordre['type'];
  /** The state asked for, of an order of type `statut`. */
  statut?: Statut;
}

/**
 * An order as the engine carries it, and keeps it in its histories: what its pages may show, and all the rest encrypted,
 * since whatever a person writes is for the database alone (docs/decisions/001).
 */
export interface SealedOrdre extends OrdreRule {
  /** Of one request: what it asks for is done once, or never. */
  id: string;
  /** Base64; opened by `services/interventions/scelles.ts`. */
  scelle: string;
}

export function ruleOf(ordre: Ordre): OrdreRule {
  return ordre.type === 'statut' ? { type: ordre.type, statut: ordre.statut } : { type: ordre.type };
}

/** Null when the order is legal in this situation, otherwise why it is not. */
export function refuseOrdre(situation: Situation, ordre: OrdreRule, now: number): Refusal | null {
  if (ordre.type === 'statut') return refuseTransition(situation, ordre.statut!, now);
  const closed = refuseWriting(situation, now);
  if (closed !== null) return closed;
  switch (ordre.type) {
    case 'assignation':
      return refuseAssignment(situation, now);
    case 'modification':
    case 'reception':
      return null;
  }
}
