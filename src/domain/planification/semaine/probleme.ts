import type { NiveauExperience } from '../../identite/techniciens';
import type { Priorite } from '../../priorites';

/**
 * What the search for a week is given, and what it answers: plain data, the same for a process of its own, a test and a
 * bench. Instants are whole minutes since the epoch, in UTC; durations are whole minutes. Whoever makes a problem has
 * done all arithmetic of local time; here there is none, but for days, which carry their date.
 *
 * The order of techniciens and of work never matters; that of places, calendars and days is their number.
 */

/** A stretch of time, its end excluded: minutes since the epoch. */
export type Plage = readonly [debut: number, fin: number];

/** A day of the period, in the zone of its site. */
export interface Jour {
  /** `2026-12-14`: the day on which a skill has to be valid. */
  date: string;
  debut: number;
  /** Excluded: the beginning of the next one. */
  fin: number;
}

/** What a site keeps besides the hours of people: each site, or group of sites, with its own closings has one. */
export interface Calendrier {
  /** Public holidays and closings. In any order; they may overlap. */
  fermetures: readonly Plage[];
}

/** A skill somebody holds, from a day to a day, both included; null is without limit. */
export interface Habilitation {
  competence: string;
  valide_du: string | null;
  valide_jusqu_au: string | null;
}

export interface Technicien {
  id: number;
  habilitations: readonly Habilitation[];
  niveau: NiveauExperience;
  /** Index of the place where days begin and end; null when nobody knows: first and last trips are then not counted. */
  base: number | null;
  /** Sites where this person may work; null for all. */
  sites: readonly number[] | null;
  /**
   * For each calendar of the problem the hours of this person in the period, as its sites' clocks give them: before
   * closings, absences and occupations are taken away, which is done here. In order, without overlap.
   */
  heures: readonly (readonly Plage[])[];
  /**
   * Minutes of the longest work without a break of a usual week (`longestWork`), lunch taken away where `pauses` has it:
   * longer work goes on in the next stretch.
   */
  plus_long_travail: number;
  absences: readonly Plage[];
  /**
   * What else takes this person's time and is not planned here: appointments, holds, visits of other interventions that
   * are not among the work of this problem. Neither work nor travel lies in it.
   */
  occupations: readonly Plage[];
  /** Blocks inside working hours without work and travel, as lunch: one stretch ends before it, the next begins after it. */
  pauses: readonly Plage[];
  /** Minutes already booked in the week by what is not planned here, for the balance. */
  charge: number;
}

/** Where a piece of work stands in the plan of today. */
export interface Position {
  technicien: number;
  debut: number;
}

/** A visit to be planned. */
export interface Travail {
  intervention: number;
  priorite: Priorite;
  /** Among equal priorities what is urgent goes first. */
  urgence: boolean;
  /** Minutes of work. */
  duree: number;
  competences: readonly string[];
  /** The least level that will do; null for any. */
  niveau_minimum: NiveauExperience | null;
  /** Index of its place. */
  lieu: number;
  /** Against `sites` of techniciens; null for work on no site, which anybody may do. */
  site: number | null;
  /** Index of its calendar. */
  calendrier: number;
  /** When it should have ended; later is lateness, never a refusal. */
  echeance: number | null;
  /** Nothing begins before this; null for from the beginning. */
  au_plus_tot: number | null;
  /** Inside one of these the whole visit has to lie; null for any time. */
  fenetres: readonly Plage[] | null;
  /** What is planned today, for the distance from it; null when nothing is. */
  actuel: Position | null;
  /** Other techniciens needed at the same time, besides whoever leads: they are named, so nothing is asked of their skills. */
  equipe: readonly number[];
  /** Fixed to this technicien and time: it stays, whatever its rules say. `segments` where it is known to have several. */
  verrouille: (Position & { segments?: readonly Plage[] }) | null;
}

/**
 * Travel between places, row by row: `de × lieux + vers`. Whole minutes; kilometres as they are. Not always symmetrical.
 * Plain arrays where a problem is written as JSON.
 */
export interface Trajets {
  lieux: number;
  minutes: ArrayLike<number>;
  km: ArrayLike<number>;
}

export interface Probleme {
  /** In order. Work begins on one of these days. */
  jours: readonly Jour[];
  calendriers: readonly Calendrier[];
  techniciens: readonly Technicien[];
  travaux: readonly Travail[];
  trajets: Trajets;
  /** Visits begin on a multiple of this many minutes (from the epoch): 5 gives times that people can remember, 1 any. */
  pas: number;
}

/** A visit of a plan, as it is measured: enough to say who is where. */
export interface VisitePlan {
  intervention: number;
  technicien: number;
  debut: number;
  /** The stretches that the work fills, in order; left out, it is one from `debut`. */
  segments?: readonly Plage[];
}

/** A visit of a proposal. */
export interface Visite extends Required<VisitePlan> {
  /** Others who are there at the same time. */
  equipiers: number[];
  fin: number;
  /** To its beginning, from the visit before on that day or from the base. */
  trajet_minutes: number;
  km: number;
  /** After its deadline. */
  retard_minutes: number;
  /** Whether it was fixed beforehand. */
  verrouille: boolean;
}

/** Why somebody cannot do something, in the order in which it is looked at: the first that fails is told. */
export const CODES_REFUS = [
  /** Never held a skill that is needed. */
  'competence',
  /** Holds it, but on no day of the period. */
  'habilitation_expiree',
  'niveau',
  /** May not work on this site. */
  'site',
  /** Has no hours that are long enough. */
  'hors_horaires',
  /** The hours would do, but for holidays and closings. */
  'ferie',
  'absent',
  /** Outside the times that the work itself allows. */
  'fenetre',
  /** Others of the crew have no time at the same time. */
  'equipe',
  /** Everything would do, but the time is taken: by other visits and the travel to them. */
  'creneau_pris',
] as const;
export type CodeRefus = (typeof CODES_REFUS)[number];

export interface Refus {
  technicien: number;
  code: CodeRefus;
}

/** Work that found no place. */
export interface NonAffectee {
  intervention: number;
  /** How many techniciens each code keeps away, of those that keep anybody away. */
  comptes: Partial<Record<CodeRefus, number>>;
  /** The five who came closest: whose first failing rule comes last, then the nearest base, then by id. */
  meilleurs: Refus[];
}

/** A plan in figures; the same measure for a proposal and for what is planned today. */
export interface Bilan {
  affectees: number;
  non_affectees: number;
  /** Minutes after deadlines, summed up over visits. */
  retard_minutes: number;
  /** Of everybody who travels, ways home included. */
  trajet_minutes: number;
  /** One decimal. */
  km: number;
  /** Root mean square of the minutes between each load and its fair share (by hours of the period), whole minutes. */
  ecart_charge: number;
}

/** What a plan costs, most important first: less in an earlier one is better, whatever the later ones say. */
export interface Cout {
  /** Unassigned work, weighed so that any number of a lower priority is less than one of a higher one. */
  non_affectees: number;
  /** Minutes of lateness × weight of the priority. */
  retard: number;
  /** Minutes of travel. */
  trajet: number;
  /** Squared imbalance of load. */
  desequilibre: number;
  /** Distance from the present plan: visits that change their technicien or their day. */
  ecart: number;
}

export interface Proposition {
  /** By beginning, then by intervention. */
  visites: Visite[];
  /** By intervention. */
  non_affectees: NonAffectee[];
  bilan: Bilan;
  cout: Cout;
  /** Steps that the search has made. */
  iterations: number;
}

export interface Progression {
  iteration: number;
  total: number;
  /** Of the best plan so far. */
  cout: Cout;
  /** Work without a place in the best plan so far. */
  non_affectees: number;
}

/**
 * A search that is under way. The caller owns the clock: it takes as many steps at a time as it likes, reports between
 * them, and may ask for the best so far at any time, also to end early.
 */
export interface Recherche {
  /** Makes at most this many steps. */
  avancer(pas: number): Progression;
  readonly terminee: boolean;
  readonly progression: Progression;
  /** The best plan so far, with reasons and figures. */
  proposition(): Proposition;
}
