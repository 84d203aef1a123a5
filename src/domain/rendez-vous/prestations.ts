/** What can be booked: its rules, as whoever offers it has set them. Durations are minutes. */

export const MODES = ['un', 'tour_de_role', 'collectif'] as const;
/** `un`: a person whom the caller chooses, or any; `tour_de_role`: whose turn it is; `collectif`: all of several. */
export type Mode = (typeof MODES)[number];

export interface IntervenantDePrestation {
  id: number;
  /** Has to be there whoever else is. */
  obligatoire: boolean;
  /** Of two whose turn it is the higher. */
  priorite: number;
  /** Share of the work; more than 0. */
  poids: number;
}

export interface BesoinDeSalles {
  /** A room has all of them. */
  etiquettes: readonly string[];
  nombre: number;
}

/** How far ahead there is something to book; days are those of the schedule's zone, both ends included. */
export type Fenetre = { jours: number } | { jours_ouvres: number } | { date_debut: string; date_fin: string };

/** How many there may be, counted in the schedule's zone; a week begins on Monday. */
export interface Plafonds {
  par_jour?: number;
  par_semaine?: number;
  par_mois?: number;
  /** That one client has ahead of them at a time. */
  par_client_actifs?: number;
}

/** How long before its beginning, in minutes, each may still be done. */
export interface Preavis {
  creer: number;
  modifier: number;
  annuler: number;
}

export const CONFIRMATIONS = ['immediate', 'a_valider'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

export const VISIBILITES = ['publique', 'lien', 'interne'] as const;
/** Shown to everybody; bookable by who knows its address; by members alone. */
export type Visibilite = (typeof VISIBILITES)[number];

export const TYPES_QUESTION = ['texte', 'texte_long', 'nombre', 'choix', 'case', 'date'] as const;

/** What is asked of who books. */
export interface Question {
  /** By which the answer is kept. */
  nom: string;
  libelle: string;
  type: (typeof TYPES_QUESTION)[number];
  obligatoire: boolean;
  /** Of a `choix`, what there is to choose from. */
  choix?: string[] | undefined;
}

export const TYPES_LIEU = ['adresse', 'telephone', 'visio', 'salle'] as const;

/** Where one meets. */
export interface Lieu {
  type: (typeof TYPES_LIEU)[number];
  /** The address, number or link; of a room nothing, since it is the one that was given. */
  valeur?: string | undefined;
}

export const CANAUX_RAPPEL = ['email', 'sms'] as const;

/** Something that is said so long before the beginning. */
export interface Rappel {
  /** ISO 8601: of whole days, hours or minutes, `P1D`, `PT2H`. */
  avant: string;
  canal: (typeof CANAUX_RAPPEL)[number];
}

/** What the evaluator needs to know of what can be booked. */
export interface Prestation {
  mode: Mode;
  intervenants: readonly IntervenantDePrestation[];
  salles: readonly BesoinDeSalles[];
  /** 1, or how many a workshop has. */
  places: number;
  tampon_avant: number;
  tampon_apres: number;
  /** From one start to the next; `auto` as long as one takes with what is around it. */
  pas: number | 'auto';
  preavis: Pick<Preavis, 'creer'>;
  fenetre: Fenetre;
  plafonds: Plafonds;
}
