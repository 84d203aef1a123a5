import { FIRST_ID, TECHNICIENS } from '../rows';

let slots = 0;

/** Sends the next technicien at the next hour at which nobody has sent them yet. */
export function bookSlot(): {
  technicien_id: number;
  date_planifiee: string;
  duree_estimee: number;
  force: boolean;
} {
  const slot = slots++;
  const hour = 24 + Math.floor(slot / TECHNICIENS);
  return {
    technicien_id: FIRST_ID + (slot % TECHNICIENS),
    date_planifiee: new Date(Date.now() + hour * 3_600_000).toISOString(),
    duree_estimee: 30,
    // Measurements plan visits on any day, public holidays too.
    force: true,
  };
}
