import type { DefinitionEtape } from '../interventions/etapes';
import type { Priorite } from '../priorites';

/** What a preventive plan is made of (contract-planification §5). */

export const DECLENCHEURS = ['calendrier', 'compteur', 'condition', 'combine'] as const;
/** `combine` is whichever comes first of a calendar and a meter or condition. */
export type Declencheur = (typeof DECLENCHEURS)[number];

export const BASES = ['fixe', 'derniere_realisation'] as const;
/** From what the next date is counted: the grid of the rule, or the end of the last work. */
export type Base = (typeof BASES)[number];

export const JOURS_FERMES = ['garder', 'avancer', 'reporter', 'sauter'] as const;
/** What becomes of a date on which the site is closed. */
export type JourFerme = (typeof JOURS_FERMES)[number];

export const SI_PRECEDENTE_OUVERTE = ['creer', 'sauter', 'fusionner'] as const;
export type SiPrecedenteOuverte = (typeof SI_PRECEDENTE_OUVERTE)[number];

export const RATTRAPAGES = ['toutes', 'derniere', 'aucune'] as const;
/** Which of the dates are made up for that passed while nothing ran. */
export type Rattrapage = (typeof RATTRAPAGES)[number];

export const ETATS_PLAN = ['actif', 'en_pause'] as const;
export type EtatPlan = (typeof ETATS_PLAN)[number];

export const OPERATEURS = ['>', '>=', '<', '<='] as const;
export type Operateur = (typeof OPERATEURS)[number];

/** Due each time a meter has gone on by so much. */
export interface PasCompteur {
  nom: string;
  pas: number;
}

/** Due when a meter has been beyond a bound for so many readings; again once it has come back by the hysteresis. */
export interface Condition {
  compteur: string;
  operateur: Operateur;
  seuil: number;
  hysteresis: number;
  n_releves: number;
}

/** All that an intervention has when it is created, and what its first visit is to be. */
export interface Modele {
  titre: string;
  description: string;
  priorite: Priorite;
  urgence: boolean;
  competences_requises: string[];
  /** Minutes of the visit; null for the usual ones. */
  duree_estimee: number | null;
  /** Who is chosen before all others when they are free. */
  technicien_id: number | null;
  /** Parts that it needs. */
  pieces: { piece_id: number; quantite: number }[];
  /** Steps that it has beside those that every intervention on such equipment has: those of a template, and these. */
  modele_etapes_id: number | null;
  etapes: DefinitionEtape[];
}

/** When a plan is due. */
export interface RegleDuPlan {
  declencheur: Declencheur;
  base: Base;
  /** RFC 5545; null for plans without a calendar. */
  regle: string | null;
  /** The day from which the rule counts. */
  date_debut: string | null;
  /** Wall clock of the site, `08:00`. */
  heure: string;
  /** `MM-DD/MM-DD`, both included; one may go over the end of the year. None is the whole year. */
  saisons: readonly string[];
  jour_ferme: JourFerme;
  /** Days before it is due that the intervention is created. */
  delai_generation: number;
  tolerance_jours: number;
  si_precedente_ouverte: SiPrecedenteOuverte;
  rattrapage: Rattrapage;
}

/** Whether a plan has dates. */
export function hasCalendar({ declencheur, regle }: Pick<RegleDuPlan, 'declencheur' | 'regle'>): boolean {
  return regle !== null && (declencheur === 'calendrier' || declencheur === 'combine');
}

/**
 * Whether the next date follows from what was last done, or last due where a meter may have come first, and not from the
 * grid of the rule.
 */
export function isFloating({ declencheur, base }: Pick<RegleDuPlan, 'declencheur' | 'base'>): boolean {
  return base === 'derniere_realisation' || declencheur === 'combine';
}

/** Whether a day lies in one of the seasons. */
export function isInSeason(jour: string, saisons: readonly string[]): boolean {
  if (saisons.length === 0) return true;
  const day = jour.slice(5);
  return saisons.some((saison) => {
    const [from, to] = saison.split('/') as [string, string];
    return from <= to ? day >= from && day <= to : day >= from || day <= to;
  });
}
