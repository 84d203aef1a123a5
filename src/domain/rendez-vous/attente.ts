import { dayAt, endOfDay, instantOfWallClock, startOfDay } from '../local-time';

/** Waiting for a time of a service: what fits, for how long it is held, and how often it may be let pass. */

export const STATUTS_ATTENTE = ['en_attente', 'proposee', 'acceptee', 'quittee', 'expiree'] as const;
/** `proposee`: a time is held for them; `expiree`: their days are over, or they let too many offers pass. */
export type StatutAttente = (typeof STATUTS_ATTENTE)[number];

/** How long a time is held for whoever it is offered to, in milliseconds; not beyond its beginning. */
const DUREE_OFFRE = 30 * 60_000;

/** Who has not answered so many offers in a row does not wait any more: each keeps a time from others. */
export const MAX_OFFRES_MANQUEES = 3;

/** Days that one may wait for, at most. */
export const MAX_JOURS_ATTENTE = 92;

/** What somebody waits for: days of a zone, and hours by its clocks. */
export interface Souhaits {
  /** `2026-12-01`, both included. */
  date_debut: string;
  date_fin: string;
  /** `14:00`, from which it may begin and by which it has to end; null for any. */
  heure_debut: string | null;
  heure_fin: string | null;
}

/** From when until when there is something to look for, as instants. */
export function periodeAttendue({ date_debut, date_fin }: Souhaits, zone: string): [number, number] {
  return [startOfDay(date_debut, zone), endOfDay(date_fin, zone)];
}

/** Whether a time is one that somebody waits for. Instants are milliseconds. */
export function convient(
  souhaits: Souhaits,
  { debut, fin }: { debut: number; fin: number },
  zone: string,
): boolean {
  const [from, to] = periodeAttendue(souhaits, zone);
  if (debut < from || debut >= to) return false;
  const day = dayAt(debut, zone);
  const at = (time: string) => instantOfWallClock(Date.parse(`${day}T${time}:00Z`), zone);
  const { heure_debut, heure_fin } = souhaits;
  return (heure_debut === null || debut >= at(heure_debut)) && (heure_fin === null || fin <= at(heure_fin));
}

/** Until when an offer stands that is made now. */
export function offreJusqua(now: number, debut: number): number {
  return Math.min(now + DUREE_OFFRE, debut);
}
