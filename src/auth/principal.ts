import type { Appartenance, Role } from '../domain/roles';
import type { Langue } from '../domain/writing';

/** The person (or machine) on whose behalf something is done. */
export interface Principal {
  userId: number;
  role: Role;
  /** Row in `techniciens`, when the person has one. */
  technicienId: number | null;
  /** Sites the person belongs to; none means none. */
  sites: readonly number[];
  /** Whether the person oversees every site. */
  tousSites: boolean;
  langue: Langue;
  /** The session of a person; null for a machine. */
  sessionId: string | null;
  /** The key of a machine, which acts in the name of the person; null for the person. */
  cleApiId: number | null;
  /** What the key may be used for; null for whatever the role allows. */
  chemins: readonly string[] | null;
  /** Whether the person signs in with a second factor. */
  secondFacteur: boolean;
  /** Practices that the person belongs to today; known in what reaches their rows alone, and never of a machine. */
  appartenances?: readonly Appartenance[];
  /** That the person comes as the patient whom they are, and belongs to no practice meanwhile. */
  enPatient?: true;
}
