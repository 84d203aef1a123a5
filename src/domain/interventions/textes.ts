import type { Priorite } from '../priorites';
import {
  formatInstant,
  fullName,
  type Langue,
  type MessageText,
  type TypeNotification,
  type WrittenLangue,
  writtenLangue,
} from '../writing';
import type { EtapeEscaladee, Niveau } from './escalade';

/**
 * What people are told about an intervention, in their language: the one source of the notification shown in the
 * application and of the mail that carries it.
 *
 * `assignee` and `retiree` speak to the technicien who gets or loses the intervention; every other text is written so
 * that it reads right for whoever is concerned: technicien, client, responsable or admin.
 */

export const MODELES_INTERVENTION = [
  'assignee',
  'replanifiee',
  'retiree',
  'technicien_parti',
  'demarree',
  'attente_pieces',
  'pieces_recues',
  'relance_pieces',
  'terminee',
  'rouverte',
  'annulee',
  'escalade',
  'rapport_abandonne',
] as const;
export type ModeleIntervention = (typeof MODELES_INTERVENTION)[number];

/** Why a technicien can do no work any more. */
export type Depart = 'compte_desactive' | 'autre_role' | 'indisponible';

export interface ContenuIntervention {
  modele: ModeleIntervention;
  donnees: DonneesIntervention;
}

/** The facts of a message, as they were when the event happened. JSON-safe: it is stored with the message. */
export interface DonneesIntervention {
  intervention_id: number;
  titre: string;
  priorite: Priorite;
  urgence: boolean;
  equipement: { nom: string; localisation: string | null };
  technicien?: { nom: string; prenom: string } | null;
  /** ISO instant. */
  date_planifiee?: string | null;
  /** Minutes. */
  duree_estimee?: number | null;
  /** ISO instant. */
  date_limite?: string | null;
  /** IANA zone of the site, in which dates are written. */
  fuseau_horaire: string;
  motif?: string | null;
  rapport?: string | null;
  /** For `technicien_parti`: why the technicien can do no work any more, and whether this one has begun. */
  depart?: { raison: Depart; commencee: boolean };
  /** For `attente_pieces` and `relance_pieces`, the parts still missing; for `pieces_recues`, those that came. */
  pieces?: { reference: string; designation: string; quantite: number }[];
  /** For `escalade`: the step that is late, the level now told, and the deadline that passed (ISO instant). */
  etape?: EtapeEscaladee;
  niveau?: Niveau;
  echeance?: string;
}

/** The title, the sentence and the severity of a message about an intervention. */
export function interventionText({ modele, donnees }: ContenuIntervention, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[writtenLangue(langue)][modele];
  return { titre, message: message(donnees), type: severity(modele, donnees) };
}

type Catalogue = Record<
  ModeleIntervention,
  { titre: string; message: (donnees: DonneesIntervention) => string }
>;

const NIVEAUX: Record<WrittenLangue, Record<Niveau, string>> = {
  fr: { 1: 'technicien', 2: 'responsable', 3: 'administrateur' },
  en: { 1: 'technician', 2: 'manager', 3: 'administrator' },
};

const RETARDS: Record<WrittenLangue, Record<EtapeEscaladee, string>> = {
  fr: {
    affectation: "aucun technicien n'est encore assigné",
    demarrage: "elle n'a pas encore commencé",
    resolution: "elle n'est pas encore terminée",
  },
  en: {
    affectation: 'no technician is assigned yet',
    demarrage: 'it has not started yet',
    resolution: 'it is not finished yet',
  },
};

const DEPARTS: Record<WrittenLangue, Record<Depart, string>> = {
  fr: {
    compte_desactive: 'compte désactivé',
    autre_role: 'autre rôle',
    indisponible: 'plus disponible',
  },
  en: {
    compte_desactive: 'account deactivated',
    autre_role: 'another role',
    indisponible: 'no longer available',
  },
};

const FRENCH: Catalogue = {
  assignee: {
    titre: 'Nouvelle intervention assignée',
    message: (d) => `L'intervention '${d.titre}' vous a été assignée`,
  },
  replanifiee: {
    titre: 'Intervention replanifiée',
    message: (d) =>
      d.date_planifiee
        ? `L'intervention '${d.titre}' est désormais prévue le ${written(d, d.date_planifiee, 'fr')}`
        : `L'intervention '${d.titre}' a été replanifiée`,
  },
  retiree: {
    titre: 'Intervention retirée',
    message: (d) => `L'intervention '${d.titre}' ne vous est plus assignée${because(d, ' :')}`,
  },
  technicien_parti: {
    titre: 'Intervention à réaffecter',
    message: (d) => {
      const who = d.technicien ? fullName(d.technicien) : 'son technicien';
      const why = d.depart ? ` (${DEPARTS.fr[d.depart.raison]})` : '';
      return d.depart?.commencee
        ? `L'intervention '${d.titre}', commencée par ${who}${why}, est à transmettre à quelqu'un d'autre`
        : `L'intervention '${d.titre}' n'a plus de technicien : ${who} n'intervient plus${why}`;
    },
  },
  demarree: {
    titre: 'Intervention démarrée',
    message: (d) =>
      d.technicien
        ? `${fullName(d.technicien)} a commencé l'intervention '${d.titre}'`
        : `L'intervention '${d.titre}' a commencé`,
  },
  attente_pieces: {
    titre: 'Intervention en attente de pièces',
    message: (d) => `L'intervention '${d.titre}' est suspendue en attendant des pièces${parts(d, 'fr')}`,
  },
  pieces_recues: {
    titre: 'Pièces reçues',
    message: (d) => `Les pièces attendues sont arrivées : l'intervention '${d.titre}' peut reprendre`,
  },
  relance_pieces: {
    titre: 'Pièces toujours attendues',
    message: (d) => `L'intervention '${d.titre}' attend toujours des pièces${parts(d, 'fr')}`,
  },
  terminee: {
    titre: 'Intervention terminée',
    message: (d) => `L'intervention '${d.titre}' est terminée`,
  },
  rouverte: {
    titre: 'Intervention rouverte',
    message: (d) => `L'intervention '${d.titre}' a été rouverte${because(d, ' :')}`,
  },
  annulee: {
    titre: 'Intervention annulée',
    message: (d) => `L'intervention '${d.titre}' a été annulée${because(d, ' :')}`,
  },
  escalade: {
    titre: 'Intervention en retard',
    message: (d) => {
      const since = d.echeance ? ` depuis le ${written(d, d.echeance, 'fr')}` : '';
      const late = d.etape ? ` : ${RETARDS.fr[d.etape]}` : '';
      const level = d.niveau ? ` (niveau ${d.niveau}, ${NIVEAUX.fr[d.niveau]})` : '';
      return `L'intervention '${d.titre}' est en retard${since}${late}${level}`;
    },
  },
  rapport_abandonne: {
    titre: "Rapport d'intervention abandonné",
    message: (d) =>
      `Le rapport de l'intervention '${d.titre}' n'a pas pu être établi ; il ne le sera plus sans être redemandé`,
  },
};

const ENGLISH: Catalogue = {
  assignee: {
    titre: 'New intervention assigned',
    message: (d) => `The intervention '${d.titre}' has been assigned to you`,
  },
  replanifiee: {
    titre: 'Intervention rescheduled',
    message: (d) =>
      d.date_planifiee
        ? `The intervention '${d.titre}' is now planned for ${written(d, d.date_planifiee, 'en')}`
        : `The intervention '${d.titre}' has been rescheduled`,
  },
  retiree: {
    titre: 'Intervention withdrawn',
    message: (d) => `The intervention '${d.titre}' is no longer assigned to you${because(d, ':')}`,
  },
  technicien_parti: {
    titre: 'Intervention to be reassigned',
    message: (d) => {
      const who = d.technicien ? fullName(d.technicien) : 'its technician';
      const why = d.depart ? ` (${DEPARTS.en[d.depart.raison]})` : '';
      return d.depart?.commencee
        ? `The intervention '${d.titre}', begun by ${who}${why}, has to be handed over to somebody else`
        : `The intervention '${d.titre}' has no technician any more: ${who} does no more work${why}`;
    },
  },
  demarree: {
    titre: 'Intervention started',
    message: (d) =>
      d.technicien
        ? `${fullName(d.technicien)} has started the intervention '${d.titre}'`
        : `The intervention '${d.titre}' has started`,
  },
  attente_pieces: {
    titre: 'Intervention waiting for parts',
    message: (d) => `The intervention '${d.titre}' is on hold until parts arrive${parts(d, 'en')}`,
  },
  pieces_recues: {
    titre: 'Parts received',
    message: (d) => `The missing parts have arrived: the intervention '${d.titre}' can go on`,
  },
  relance_pieces: {
    titre: 'Parts still missing',
    message: (d) => `The intervention '${d.titre}' is still waiting for parts${parts(d, 'en')}`,
  },
  terminee: {
    titre: 'Intervention finished',
    message: (d) => `The intervention '${d.titre}' is finished`,
  },
  rouverte: {
    titre: 'Intervention reopened',
    message: (d) => `The intervention '${d.titre}' has been reopened${because(d, ':')}`,
  },
  annulee: {
    titre: 'Intervention cancelled',
    message: (d) => `The intervention '${d.titre}' has been cancelled${because(d, ':')}`,
  },
  escalade: {
    titre: 'Intervention overdue',
    message: (d) => {
      const overdue = d.echeance ? `has been overdue since ${written(d, d.echeance, 'en')}` : 'is overdue';
      const late = d.etape ? `: ${RETARDS.en[d.etape]}` : '';
      const level = d.niveau ? ` (level ${d.niveau}, ${NIVEAUX.en[d.niveau]})` : '';
      return `The intervention '${d.titre}' ${overdue}${late}${level}`;
    },
  },
  rapport_abandonne: {
    titre: 'Intervention report given up',
    message: (d) =>
      `The report of the intervention '${d.titre}' could not be made; it will not be unless somebody asks for it again`,
  },
};

const CATALOGUE: Record<WrittenLangue, Catalogue> = { fr: FRENCH, en: ENGLISH };

const SEVERITIES: Record<Exclude<ModeleIntervention, 'escalade'>, TypeNotification> = {
  assignee: 'info',
  replanifiee: 'info',
  retiree: 'warning',
  technicien_parti: 'error',
  demarree: 'info',
  attente_pieces: 'warning',
  pieces_recues: 'success',
  relance_pieces: 'warning',
  terminee: 'success',
  rouverte: 'warning',
  annulee: 'warning',
  rapport_abandonne: 'error',
};

/** A delay that reaches the responsable is no longer a reminder to the technicien but a failure to handle. */
function severity(modele: ModeleIntervention, { niveau = 1 }: DonneesIntervention): TypeNotification {
  if (modele === 'escalade') return niveau === 1 ? 'warning' : 'error';
  return SEVERITIES[modele];
}

function written(donnees: DonneesIntervention, value: string, langue: WrittenLangue): string {
  return formatInstant(value, langue, donnees.fuseau_horaire);
}

function because({ motif }: DonneesIntervention, colon: string): string {
  return motif ? `${colon} ${motif}` : '';
}

/** Parts named in a sentence; the mail lists them all. */
const NAMED_PARTS = 3;

function parts({ pieces = [] }: DonneesIntervention, langue: WrittenLangue): string {
  if (pieces.length === 0) return '';
  const named = pieces.slice(0, NAMED_PARTS).map((piece) => `${piece.quantite} × ${piece.designation}`);
  const others = pieces.length - named.length;
  if (others > 0) named.push(`${others} ${OTHERS[langue][others === 1 ? 'one' : 'many']}`);
  const list = new Intl.ListFormat(langue, { type: 'conjunction' }).format(named);
  return `${langue === 'fr' ? ' :' : ':'} ${list}`;
}

const OTHERS: Record<WrittenLangue, { one: string; many: string }> = {
  fr: { one: 'autre référence', many: 'autres références' },
  en: { one: 'other reference', many: 'other references' },
};

/** The titles of these messages, in every language. */
export const TITRES_INTERVENTION: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
