import type { Priorite } from '../priorites';
import type { Echeance } from './escalade';
import type { Statut, TypeIntervention } from './interventions';

/**
 * What the workflow knows of its intervention: ids, small enumerations and instants (milliseconds since the
 * epoch). Each write answers a new one, so the workflow never works out for itself what the row holds.
 */
export interface Snapshot {
  statut: Statut;
  priorite: Priorite;
  urgence: boolean;
  typeIntervention: TypeIntervention;
  equipementId: number;
  technicienId: number | null;
  dateLimite: number;
  dateFin: number | null;
  /** Grows with every event; of two snapshots the one with the higher number is the newer. */
  numeroEvenement: number;
  /** What happens by itself unless somebody acts, soonest first. */
  echeances: Echeance[];
  /** Name of the PDF report that is still to be filed, or null. */
  rapportAttendu: string | null;
  /** Whether it was given up and waits for somebody to ask for it again; missing in the histories of 0.1.0. */
  rapportAbandonne?: boolean;
}
