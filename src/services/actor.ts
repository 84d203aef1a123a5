/** Who acts, when, from where, and in the course of which request: what every history row records. */
export interface Actor {
  /** Null when the system itself acts, or somebody who is not known yet. */
  userId: number | null;
  /** The key that a machine acts with, in the name of that person. */
  cleApiId: number | null;
  now: Date;
  correlationId: string;
  /** Address of the client, or null when the system itself acts. */
  adresse: string | null;
}

/** The system itself, acting on its own account. */
export function systemActor(now: Date, correlationId: string): Actor {
  return { userId: null, cleApiId: null, now, correlationId, adresse: null };
}
