import { addDays } from '../local-time';

export const STATUTS_EQUIPEMENT = ['operationnel', 'en_maintenance', 'en_panne', 'hors_service'] as const;
export type StatutEquipement = (typeof STATUTS_EQUIPEMENT)[number];

/** Meters of a machine, at most. */
export const MAX_COMPTEURS = 50;

/** A meter of a machine. */
export interface Compteur {
  nom: string;
  unite: string;
  valeur: number;
}

/** Levels of machines that are parts of others, at most: the whole is the first. */
export const MAX_PROFONDEUR = 8;

/**
 * Why a machine cannot become a part of another, or null.
 * @param lignee ids from the other one up to the whole that it is in.
 * @param hauteur levels of the machine with its own parts; 1 when it has none.
 */
export function parentFault(
  id: number | null,
  lignee: readonly number[],
  hauteur: number,
): 'cycle' | 'profondeur' | null {
  if (id !== null && lignee.includes(id)) return 'cycle';
  return lignee.length + hauteur > MAX_PROFONDEUR ? 'profondeur' : null;
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

/** Why a machine stands still. */
export const CAUSES_ARRET = ['panne', 'maintenance'] as const;
export type CauseArret = (typeof CAUSES_ARRET)[number];

/** The state of a machine: what somebody took out of service stays so, and what is broken is not being looked after only. */
export function statutOf(horsService: boolean, causes: readonly CauseArret[]): StatutEquipement {
  if (horsService) return 'hors_service';
  if (causes.includes('panne')) return 'en_panne';
  return causes.includes('maintenance') ? 'en_maintenance' : 'operationnel';
}

/** What a person who names a state says of the machine itself, or null where they say that it works or is done with. */
export function causeSaid(statut: StatutEquipement): CauseArret | null {
  switch (statut) {
    case 'en_panne':
      return 'panne';
    case 'en_maintenance':
      return 'maintenance';
    default:
      return null;
  }
}

/** What is the matter with a machine that somebody should look at. */
export const ALERTES_EQUIPEMENT = [
  'en_panne',
  'maintenance_due',
  'reparation_sous_garantie',
  /** Older than it was meant to become. */
  'obsolete',
] as const;
export type AlerteEquipement = (typeof ALERTES_EQUIPEMENT)[number];

/** Clocks differ: a reading of a moment that is just ahead is of now, in milliseconds. */
export const TOLERANCE_RELEVE = 15 * 60_000;

/** A reading of a meter. */
export interface Lecture {
  valeur: number;
  /** A new meter begins with it. */
  remplacement: boolean;
  /** The meter went past its last figure and began again at nought. */
  rotation: boolean;
}

/**
 * Why a reading cannot stand between the one before it and the one after it, or null: a meter goes up, unless it was
 * replaced or began again.
 */
export function lectureFault(
  { valeur, remplacement, rotation }: Lecture,
  avant: Lecture | null,
  apres: Lecture | null,
): 'recule' | 'avance' | 'depasse' | null {
  if (avant !== null && valeur < avant.valeur && !remplacement && !rotation) return 'recule';
  if (rotation && (avant === null || valeur >= avant.valeur)) return 'avance';
  if (apres === null || apres.remplacement) return null;
  // The next one began again from what this one shows.
  return apres.rotation === valeur > apres.valeur ? null : 'depasse';
}
