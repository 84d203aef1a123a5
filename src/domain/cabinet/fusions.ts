/** For how long it can be taken back that two patients are one person. */

const DAY = 24 * 3600 * 1000;

/** Days, of 24 hours each. */
const DELAI_ANNULATION = 30;

/** @returns the last instant at which a merge of `date` can be undone. */
export function annulableJusquA(date: Date): Date {
  return new Date(date.getTime() + DELAI_ANNULATION * DAY);
}

/** Whether it can still be undone. */
export function isAnnulable(date: Date, now: Date): boolean {
  return now.getTime() <= annulableJusquA(date).getTime();
}
