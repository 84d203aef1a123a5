/** Who acts, when, and in the course of which request: what every history row records. */
export interface Actor {
  /** Null when the system itself acts. */
  userId: number | null;
  now: Date;
  correlationId: string;
}
