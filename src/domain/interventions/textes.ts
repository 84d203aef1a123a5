import type { Exclusion } from '../planification/candidats';
import type { RaisonConflit } from '../planification/conflits';
import { exclusionsText } from '../planification/textes';
import type { Priorite } from '../priorites';
import {
  formatInstant,
  fullName,
  isolated,
  type Langue,
  type MessageText,
  type TypeNotification,
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
  'equipier_parti',
  'conflit_planning',
  'demarree',
  'attente_pieces',
  'pieces_recues',
  'pieces_reprises',
  'relance_pieces',
  'terminee',
  'rouverte',
  'annulee',
  'escalade',
  'sans_candidat',
  'echeance_proche',
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
  /** For `assignee`: whether they go with somebody who leads. */
  equipe?: boolean;
  motif?: string | null;
  rapport?: string | null;
  /** For `conflit_planning`: what stands against the visit. */
  conflit?: RaisonConflit;
  /** For `technicien_parti` and `equipier_parti`: why the technicien can do no work any more, and whether this one has begun. */
  depart?: { raison: Depart; commencee: boolean };
  /**
   * For `attente_pieces` and `relance_pieces`, the parts still missing; for `pieces_recues`, those that came; for
   * `pieces_reprises`, those that turned out not to be there.
   */
  pieces?: { reference: string; designation: string; quantite: number }[];
  /** For `escalade` and `echeance_proche`: the step, the level now told, and the deadline that passed or will (ISO instant). */
  etape?: EtapeEscaladee;
  niveau?: Niveau;
  echeance?: string;
  /** For `sans_candidat`: how many cannot go, and why. */
  exclusions?: Partial<Record<Exclusion, number>>;
}

/** The title, the sentence and the severity of a message about an intervention. */
export function interventionText({ modele, donnees }: ContenuIntervention, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return { titre, message: message(donnees), type: severity(modele, donnees) };
}

type Catalogue = Record<
  ModeleIntervention,
  { titre: string; message: (donnees: DonneesIntervention) => string }
>;

const NIVEAUX: Record<Langue, Record<Niveau, string>> = {
  fr: { 1: 'technicien', 2: 'responsable', 3: 'administrateur' },
  en: { 1: 'technician', 2: 'manager', 3: 'administrator' },
  ar: { 1: 'التقني', 2: 'المسؤول', 3: 'المدير' },
};

const RETARDS: Record<Langue, Record<EtapeEscaladee, string>> = {
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
  ar: {
    affectation: 'لم يُسند بعد إلى أي تقني',
    demarrage: 'لم يبدأ بعد',
    resolution: 'لم ينته بعد',
  },
};

const PROMESSES: Record<Langue, Record<EtapeEscaladee, string>> = {
  fr: {
    affectation: 'un technicien doit être assigné',
    demarrage: 'elle doit commencer',
    resolution: 'elle doit être terminée',
  },
  en: {
    affectation: 'a technician has to be assigned',
    demarrage: 'it has to start',
    resolution: 'it has to be finished',
  },
  ar: {
    affectation: 'يجب أن يُسند إلى تقني',
    demarrage: 'يجب أن يبدأ',
    resolution: 'يجب أن ينتهي',
  },
};

const DEPARTS: Record<Langue, Record<Depart, string>> = {
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
  ar: {
    compte_desactive: 'حساب معطَّل',
    autre_role: 'دور آخر',
    indisponible: 'لم يعد متاحًا',
  },
};

const CONFLITS: Record<Langue, Record<RaisonConflit, string>> = {
  fr: {
    hors_horaires: 'hors des horaires de travail',
    ferie: 'un jour férié ou de fermeture',
    absent: 'pendant une absence',
    inactif: "quelqu'un de l'équipe n'intervient plus",
    chevauchement: 'deux travaux en même temps',
  },
  en: {
    hors_horaires: 'outside of working hours',
    ferie: 'on a public holiday or a closing',
    absent: 'during an absence',
    inactif: 'somebody of the team does no more work',
    chevauchement: 'two works at the same time',
  },
  ar: {
    hors_horaires: 'خارج أوقات العمل',
    ferie: 'في يوم عطلة أو إغلاق',
    absent: 'أثناء غياب',
    inactif: 'أحد أعضاء الفريق لم يعد يتدخل',
    chevauchement: 'عملان في الوقت نفسه',
  },
};

const FRENCH: Catalogue = {
  assignee: {
    titre: 'Nouvelle intervention assignée',
    message: (d) =>
      d.equipe
        ? `Vous faites partie de l'équipe envoyée pour l'intervention '${d.titre}'`
        : `L'intervention '${d.titre}' vous a été assignée`,
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
  equipier_parti: {
    titre: 'Équipe à compléter',
    message: (d) => {
      const who = d.technicien ? fullName(d.technicien) : "quelqu'un";
      const why = d.depart ? ` (${DEPARTS.fr[d.depart.raison]})` : '';
      return `${who} ne fait plus partie de l'équipe de l'intervention '${d.titre}'${why}`;
    },
  },
  conflit_planning: {
    titre: 'Visite devenue impossible',
    message: (d) => {
      const when = d.date_planifiee ? ` du ${written(d, d.date_planifiee, 'fr')}` : '';
      const why = d.conflit ? ` : ${CONFLITS.fr[d.conflit]}` : '';
      return `La visite${when} pour l'intervention '${d.titre}' ne peut pas avoir lieu comme prévu${why}`;
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
    titre: 'Intervention en attente',
    message: (d) =>
      d.motif
        ? `L'intervention '${d.titre}' est suspendue : ${d.motif}`
        : `L'intervention '${d.titre}' est suspendue en attendant des pièces${parts(d, 'fr')}`,
  },
  pieces_recues: {
    titre: 'Pièces reçues',
    message: (d) => `Les pièces attendues sont arrivées : l'intervention '${d.titre}' peut reprendre`,
  },
  pieces_reprises: {
    titre: 'Pièces réservées manquantes',
    message: (d) =>
      `Des pièces réservées pour l'intervention '${d.titre}' ne sont plus en stock et sont à nouveau attendues${parts(d, 'fr')}`,
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
  sans_candidat: {
    titre: 'Personne pour une intervention critique',
    message: (d) => `Aucun technicien ne peut prendre l'intervention '${d.titre}'${exclusions(d, 'fr')}`,
  },
  echeance_proche: {
    titre: 'Échéance proche',
    message: (d) => {
      const before = d.echeance ? ` avant le ${written(d, d.echeance, 'fr')}` : '';
      return `L'intervention '${d.titre}' est encore dans les temps, mais plus pour longtemps : ${PROMESSES.fr[d.etape ?? 'resolution']}${before}`;
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
    message: (d) =>
      d.equipe
        ? `You are part of the team sent for the intervention '${d.titre}'`
        : `The intervention '${d.titre}' has been assigned to you`,
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
  equipier_parti: {
    titre: 'Team to be completed',
    message: (d) => {
      const who = d.technicien ? fullName(d.technicien) : 'Somebody';
      const why = d.depart ? ` (${DEPARTS.en[d.depart.raison]})` : '';
      return `${who} is no longer part of the team of the intervention '${d.titre}'${why}`;
    },
  },
  conflit_planning: {
    titre: 'Visit no longer possible',
    message: (d) => {
      const when = d.date_planifiee ? ` of ${written(d, d.date_planifiee, 'en')}` : '';
      const why = d.conflit ? `: ${CONFLITS.en[d.conflit]}` : '';
      return `The visit${when} for the intervention '${d.titre}' cannot take place as planned${why}`;
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
    titre: 'Intervention on hold',
    message: (d) =>
      d.motif
        ? `The intervention '${d.titre}' is on hold: ${d.motif}`
        : `The intervention '${d.titre}' is on hold until parts arrive${parts(d, 'en')}`,
  },
  pieces_recues: {
    titre: 'Parts received',
    message: (d) => `The missing parts have arrived: the intervention '${d.titre}' can go on`,
  },
  pieces_reprises: {
    titre: 'Reserved parts missing',
    message: (d) =>
      `Parts that were reserved for the intervention '${d.titre}' turned out not to be in stock and are awaited again${parts(d, 'en')}`,
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
  sans_candidat: {
    titre: 'Nobody for a critical intervention',
    message: (d) => `No technician can take the intervention '${d.titre}'${exclusions(d, 'en')}`,
  },
  echeance_proche: {
    titre: 'Deadline ahead',
    message: (d) => {
      const before = d.echeance ? ` before ${written(d, d.echeance, 'en')}` : '';
      return `The intervention '${d.titre}' is still in time, but not for long: ${PROMESSES.en[d.etape ?? 'resolution']}${before}`;
    },
  },
  rapport_abandonne: {
    titre: 'Intervention report given up',
    message: (d) =>
      `The report of the intervention '${d.titre}' could not be made; it will not be unless somebody asks for it again`,
  },
};

/** What people typed is isolated: a Latin title keeps its order within a sentence that runs from right to left. */
const ARABIC: Catalogue = {
  assignee: {
    titre: 'تدخل جديد مسند إليك',
    message: (d) => (d.equipe ? `أنت ضمن الفريق المكلف بالتدخل ${named(d)}` : `أُسند إليك التدخل ${named(d)}`),
  },
  replanifiee: {
    titre: 'تغيّر موعد التدخل',
    message: (d) =>
      d.date_planifiee
        ? `أصبح موعد التدخل ${named(d)} يوم ${written(d, d.date_planifiee, 'ar')}`
        : `أُعيدت برمجة التدخل ${named(d)}`,
  },
  retiree: {
    titre: 'سُحب منك التدخل',
    message: (d) => `لم يعد التدخل ${named(d)} مسندًا إليك${because(d, ':', 'ar')}`,
  },
  technicien_parti: {
    titre: 'تدخل يحتاج إلى تقني آخر',
    message: (d) => {
      const who = d.technicien ? isolated(fullName(d.technicien), 'ar') : 'التقني';
      const why = d.depart ? ` (${DEPARTS.ar[d.depart.raison]})` : '';
      return d.depart?.commencee
        ? `التدخل ${named(d)} الذي بدأه ${who}${why} يجب أن يُسلَّم إلى شخص آخر`
        : `لم يعد للتدخل ${named(d)} تقني: ${who} لم يعد يتدخل${why}`;
    },
  },
  equipier_parti: {
    titre: 'فريق يحتاج إلى استكمال',
    message: (d) => {
      const who = d.technicien ? isolated(fullName(d.technicien), 'ar') : 'أحد الأعضاء';
      const why = d.depart ? ` (${DEPARTS.ar[d.depart.raison]})` : '';
      return `${who} لم يعد ضمن فريق التدخل ${named(d)}${why}`;
    },
  },
  conflit_planning: {
    titre: 'زيارة لم تعد ممكنة',
    message: (d) => {
      const when = d.date_planifiee ? ` المقررة يوم ${written(d, d.date_planifiee, 'ar')}` : '';
      const why = d.conflit ? `: ${CONFLITS.ar[d.conflit]}` : '';
      return `لا يمكن أن تتم الزيارة${when} للتدخل ${named(d)} كما كان مقررًا${why}`;
    },
  },
  demarree: {
    titre: 'بدأ التدخل',
    message: (d) =>
      d.technicien
        ? `بدأ ${isolated(fullName(d.technicien), 'ar')} التدخل ${named(d)}`
        : `بدأ التدخل ${named(d)}`,
  },
  attente_pieces: {
    titre: 'تدخل معلَّق',
    message: (d) =>
      d.motif
        ? `عُلِّق التدخل ${named(d)}${because(d, ':', 'ar')}`
        : `عُلِّق التدخل ${named(d)} في انتظار قطع الغيار${parts(d, 'ar')}`,
  },
  pieces_recues: {
    titre: 'وصلت قطع الغيار',
    message: (d) => `وصلت القطع المنتظرة: يمكن استئناف التدخل ${named(d)}`,
  },
  pieces_reprises: {
    titre: 'قطع محجوزة غير متوفرة',
    message: (d) => `قطع محجوزة للتدخل ${named(d)} لم تعد في المخزن وأصبحت منتظرة من جديد${parts(d, 'ar')}`,
  },
  relance_pieces: {
    titre: 'قطع ما زالت منتظرة',
    message: (d) => `ما زال التدخل ${named(d)} ينتظر قطع غيار${parts(d, 'ar')}`,
  },
  terminee: {
    titre: 'انتهى التدخل',
    message: (d) => `انتهى التدخل ${named(d)}`,
  },
  rouverte: {
    titre: 'أُعيد فتح التدخل',
    message: (d) => `أُعيد فتح التدخل ${named(d)}${because(d, ':', 'ar')}`,
  },
  annulee: {
    titre: 'أُلغي التدخل',
    message: (d) => `أُلغي التدخل ${named(d)}${because(d, ':', 'ar')}`,
  },
  escalade: {
    titre: 'تدخل متأخر',
    message: (d) => {
      const since = d.echeance ? ` منذ ${written(d, d.echeance, 'ar')}` : '';
      const late = d.etape ? `: ${RETARDS.ar[d.etape]}` : '';
      const level = d.niveau ? ` (المستوى ${d.niveau}، ${NIVEAUX.ar[d.niveau]})` : '';
      return `التدخل ${named(d)} متأخر${since}${late}${level}`;
    },
  },
  sans_candidat: {
    titre: 'لا أحد متاح لتدخل حرج',
    message: (d) => `لا يمكن لأي تقني أن يتولى التدخل ${named(d)}${exclusions(d, 'ar')}`,
  },
  echeance_proche: {
    titre: 'اقترب الأجل',
    message: (d) => {
      const before = d.echeance ? ` قبل ${written(d, d.echeance, 'ar')}` : '';
      return `ما زال التدخل ${named(d)} في أجله، لكن ليس لوقت طويل: ${PROMESSES.ar[d.etape ?? 'resolution']}${before}`;
    },
  },
  rapport_abandonne: {
    titre: 'تعذّر إعداد تقرير التدخل',
    message: (d) => `تعذّر إعداد تقرير التدخل ${named(d)}؛ ولن يُعَدّ ما لم يُطلب من جديد`,
  },
};

const CATALOGUE: Record<Langue, Catalogue> = { fr: FRENCH, en: ENGLISH, ar: ARABIC };

const SEVERITIES: Record<Exclude<ModeleIntervention, 'escalade'>, TypeNotification> = {
  assignee: 'info',
  replanifiee: 'info',
  retiree: 'warning',
  technicien_parti: 'error',
  equipier_parti: 'warning',
  conflit_planning: 'warning',
  demarree: 'info',
  attente_pieces: 'warning',
  pieces_recues: 'success',
  pieces_reprises: 'warning',
  relance_pieces: 'warning',
  terminee: 'success',
  rouverte: 'warning',
  annulee: 'warning',
  sans_candidat: 'error',
  echeance_proche: 'warning',
  rapport_abandonne: 'error',
};

/** A delay that reaches the responsable is no longer a reminder to the technicien but a failure to handle. */
function severity(modele: ModeleIntervention, { niveau = 1 }: DonneesIntervention): TypeNotification {
  if (modele === 'escalade') return niveau === 1 ? 'warning' : 'error';
  return SEVERITIES[modele];
}

function written(donnees: DonneesIntervention, value: string, langue: Langue): string {
  return formatInstant(value, langue, donnees.fuseau_horaire);
}

/** The title, as an Arabic sentence quotes it. */
function named({ titre }: DonneesIntervention): string {
  return `«${isolated(titre, 'ar')}»`;
}

function because({ motif }: DonneesIntervention, colon: string, langue: Langue = 'fr'): string {
  return motif ? `${colon} ${isolated(motif, langue)}` : '';
}

function exclusions({ exclusions: counts = {} }: DonneesIntervention, langue: Langue): string {
  const list = exclusionsText(counts, langue);
  return list === '' ? '' : `${langue === 'fr' ? ' :' : ':'} ${list}`;
}

/** Parts named in a sentence; the mail lists them all. */
const NAMED_PARTS = 3;

function parts({ pieces = [] }: DonneesIntervention, langue: Langue): string {
  if (pieces.length === 0) return '';
  const named = pieces
    .slice(0, NAMED_PARTS)
    .map((piece) => `${piece.quantite} × ${isolated(piece.designation, langue)}`);
  const others = pieces.length - named.length;
  if (others > 0) named.push(`${others} ${OTHERS[langue][others === 1 ? 'one' : 'many']}`);
  const list = new Intl.ListFormat(langue, { type: 'conjunction' }).format(named);
  return `${langue === 'fr' ? ' :' : ':'} ${list}`;
}

const OTHERS: Record<Langue, { one: string; many: string }> = {
  fr: { one: 'autre référence', many: 'autres références' },
  en: { one: 'other reference', many: 'other references' },
  ar: { one: 'قطعة أخرى', many: 'قطع أخرى' },
};

/** The titles of these messages, in every language. */
export const TITRES_INTERVENTION: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
