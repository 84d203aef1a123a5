import { randomInt } from 'node:crypto';

/** Nine digits, as pages of lists go on by them. */
const LARGEST_ID = 999_999_999;

/**
 * An id for a row of a practice: drawn, so that it tells of nobody else's. Whoever inserts it draws another one where there is
 * such a row already.
 */
export function drawId(): number {
  return randomInt(1, LARGEST_ID);
}
