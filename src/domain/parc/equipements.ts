import { addDays } from '../local-time';

export const STATUTS_EQUIPEMENT = ['operationnel', 'en_maintenance', 'en_panne', 'hors_service'] as const;
export type StatutEquipement = (typeof STATUTS_EQUIPEMENT)[number];

/** A meter of a machine. */
export interface Compteur {
  nom: string;
  unite: string;
  valeur: number;
}

/** What the next maintenance follows from. */
export interface MaintenanceRule {
  derniere_maintenance: Date | null;
  date_installation: Date | null;
  /** Days between two maintenances. */
  frequence_entretien: number | null;
}

/**
 * The last maintenance: the latest end of preventive work that stands, unless a person has said something else since. What
 * they said counts until the next end, and counts again when that one is undone.
 * @param said by a person, and when; `le` is null while nobody has.
 * @param ends of the work that is finished at present, in any order.
 */
export function lastMaintenance(
  said: { valeur: Date | null; le: Date | null },
  ends: readonly (Date | null)[],
): Date | null {
  const since = ends.filter((end): end is Date => end !== null && (said.le === null || end > said.le));
  if (since.length === 0) return said.valeur;
  return new Date(Math.max(...since.map((end) => end.getTime())));
}

/**
 * When maintenance is due: so many days after the last one, else after the installation; null where either is unknown.
 * Days are those of the calendar in the zone of the site: midnight stays midnight when the clocks change in between.
 */
export function nextMaintenance(
  { derniere_maintenance, date_installation, frequence_entretien }: MaintenanceRule,
  zone: string,
): Date | null {
  const since = derniere_maintenance ?? date_installation;
  if (since === null || frequence_entretien === null) return null;
  return new Date(addDays(since.getTime(), frequence_entretien, zone));
}
