import { type Calendar, stretchesFrom } from '../working-time';
import { type Intervalle, intersection, union } from './intervalles';
import type { StatutRendezVous } from './rendez-vous';

/**
 * Figures of appointments: what each means (docs/decisions/054). An appointment counts in the period in which it begins, by
 * its present start, however often it was moved. Holds, and what expired, never became appointments: they count nowhere.
 */

export const RAPPORTS = ['occupation', 'absences', 'delais', 'annulations', 'par-intervenant'] as const;
export type NomRapport = (typeof RAPPORTS)[number];

/** Those that take, or took, somebody's time. */
export const TENUS = [
  'a_valider',
  'confirme',
  'arrive',
  'honore',
  'absent',
] as const satisfies StatutRendezVous[];
/** Those that were ever asked for. */
export const DEMANDES = [...TENUS, 'refuse', 'annule'] as const satisfies StatutRendezVous[];
/** Those to which somebody came. */
export const VENUS = ['arrive', 'honore'] as const satisfies StatutRendezVous[];

interface Ligne {
  /** Of the person or the prestation; null for all of them together. */
  id: number | null;
  nom: string | null;
}

/** How much of their time is booked, person by person. */
export interface Occupation extends Ligne {
  /** Working time in the period, by hours, exceptions, public holidays and closings, without absences. */
  minutes_ouvertes: number;
  /** Of seances that stand, as far as they lie in the period; a workshop counts once, what is kept free around it does not. */
  minutes_reservees: number;
  /** Booked ÷ open; above 1 where people receive outside of their hours, null without any. */
  taux: number | null;
}

/** Who did not come, prestation by prestation. */
export interface Absences extends Ligne {
  venus: number;
  absents: number;
  /** Over, and nobody has said what became of them. */
  non_renseignes: number;
  /** Absent ÷ (come + absent); null while there is neither. */
  taux: number | null;
}

/** How long before their beginning appointments are booked, prestation by prestation; of those that stand, in hours. */
export interface Delais extends Ligne {
  nombre: number;
  mediane_heures: number | null;
  /** Nine of ten are booked no longer before. */
  p90_heures: number | null;
  moyenne_heures: number | null;
}

/** What was called off, prestation by prestation. */
export interface Annulations extends Ligne {
  /** All that were ever asked for. */
  demandes: number;
  annules: number;
  par_client: number;
  par_intervenant: number;
  par_membre: number;
  par_systeme: number;
  /** Later than the notice of the prestation. */
  tardifs: number;
  /** Cancelled ÷ asked for; null without any. */
  taux: number | null;
}

/** What came to each person; what several do together counts for each of them, and once for all together. */
export interface ParIntervenant extends Ligne {
  demandes: number;
  /** Stand, and are not over. */
  a_venir: number;
  non_renseignes: number;
  venus: number;
  absents: number;
  annules: number;
  refuses: number;
  /** Times at which they receive, or did: a workshop is one. */
  seances: number;
  /** How many of those who came said what they thought of it, and the mean of what they gave, from 1 to 5; null without any. */
  avis: number;
  note_moyenne: number | null;
}

export interface LignesRapport {
  occupation: Occupation;
  absences: Absences;
  delais: Delais;
  annulations: Annulations;
  'par-intervenant': ParIntervenant;
}

/** A share, to four places. */
export function taux(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((10_000 * part) / whole) / 10_000;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Minutes in which somebody works in a period and is not away. Instants are milliseconds. */
export function minutesOuvertes(
  calendar: Calendar,
  absences: readonly Intervalle[],
  [debut, fin]: Intervalle,
): number {
  const days = Math.ceil((fin - debut) / DAY) + 3;
  const work = union(
    [...stretchesFrom(debut, calendar, days)].map(([from, to]): Intervalle => [from, Math.min(to, fin)]),
  );
  const away = intersection(work, union(absences));
  const total = (intervalles: readonly Intervalle[]) =>
    intervalles.reduce((sum, [from, to]) => sum + to - from, 0);
  return Math.round((total(work) - total(away)) / MINUTE);
}
