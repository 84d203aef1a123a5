import type { Langue } from '../domain/messages';
import type { Role } from '../domain/roles';

/** The person (or machine) on whose behalf something is done. */
export interface Principal {
  userId: number;
  role: Role;
  /** Row in `techniciens`, when the person has one. */
  technicienId: number | null;
  /** Sites the person belongs to; none means all of them for a responsable. */
  sites: readonly number[];
  langue: Langue;
  sessionId: string;
}
