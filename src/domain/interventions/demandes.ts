import { type Priorite } from '../priorites';
import {
  type Refusal,
  refuseAssignment,
  refuseReception,
  refuseTransition,
  refuseWriting,
  type Situation,
  type Statut,
} from './interventions';

/**
 * What a person asks of an intervention. The content stays in PostgreSQL (table `demandes`); the engine
 * carries only an {@link Ordre}: an id and what the rules need, never a text that somebody wrote.
 */
export type Demande =
  | Assignation
  | {
      type: 'statut';
      statut: Statut;
      rapport?: string;
      motif?: string;
      commentaire?: string;
      pieces?: { piece_id: number; quantite: number }[];
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
  /** Also outside of the hours of the technicien, and while they are away. */
  force?: boolean;
}

/** A change of fields of which at least one moves deadlines. */
export interface Modification {
  titre?: string;
  description?: string;
  competences_requises?: string[];
  priorite?: Priorite;
  urgence?: boolean;
  /** An instant in ISO 8601, or a day of the site's calendar. Null gives the deadline back to the delays of the priority. */
  date_limite?: string | null;
}

/** What the engine carries of a demande. */
export interface Ordre {
  demandeId: string;
  type: Demande['type'];
  /** The state asked for, of a demande of type `statut`. */
  statut?: Statut;
}

/** What the rules need to know of a demande. */
export function ruleOf(demande: Demande): Pick<Ordre, 'type' | 'statut'> {
  return demande.type === 'statut' ? { type: demande.type, statut: demande.statut } : { type: demande.type };
}

/** Null when the order is legal in this situation, otherwise why it is not. */
export function refuseOrdre(
  situation: Situation,
  ordre: Pick<Ordre, 'type' | 'statut'>,
  now: number,
): Refusal | null {
  if (ordre.type === 'statut') return refuseTransition(situation, ordre.statut!, now);
  const closed = refuseWriting(situation, now);
  if (closed !== null) return closed;
  switch (ordre.type) {
    case 'assignation':
      return refuseAssignment(situation, now);
    case 'modification':
      return null;
    case 'reception':
      return refuseReception(situation, now);
  }
}
