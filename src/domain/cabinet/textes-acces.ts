import { isolated, type Langue, type MessageText } from '../writing';

/**
 * What people are told of records of patients, in their language: numbers and counts. It goes through what is not medical, so
 * it names no patient, no reason, no practice and nobody's speciality.
 */

export const MODELES_BRIS = ['bris_a_revoir'] as const;

/** To those who run a practice: a record was opened with a reason, and is to be reviewed. */
export interface ContenuBris {
  modele: (typeof MODELES_BRIS)[number];
  donnees: {
    bris_de_glace_id: number;
    /** How often it was asked for before. */
    rappels: number;
  };
}

export const MODELES_ACCES = ['dossier_ouvert', 'bilan_acces'] as const;

/** To a patient: their record was opened in an emergency. To those who run a practice: who read what, in numbers. */
export type ContenuAcces =
  | { modele: 'dossier_ouvert'; donnees: Record<string, never> }
  | { modele: 'bilan_acces'; donnees: DonneesBilan };

/** What of a week's accesses is worth a look. JSON-safe: it is stored with the message. */
export interface DonneesBilan {
  cabinet_id: number;
  /** The first and the last day of the week, `2026-11-23`. */
  du: string;
  au: string;
  acces: number;
  refus: number;
  bris_de_glace: number[];
  a_revoir: number;
  /** Ids of the people of the practice who read so, and of how many patients. */
  homonymes: Lecteur[];
  en_masse: Lecteur[];
  de_nuit: Lecteur[];
}

export interface Lecteur {
  user_id: number;
  nombre: number;
}

/** The title, the sentence and the severity of a message about a record that was opened. */
export function brisText({ modele, donnees }: ContenuBris, langue: Langue): MessageText {
  const { titre, message, rappel } = BRIS[langue][modele];
  const { bris_de_glace_id: id, rappels } = donnees;
  return { titre, message: rappels === 0 ? message(id) : rappel(id, rappels), type: 'warning' };
}

/** The same of what was read. */
export function accesText(contenu: ContenuAcces, langue: Langue): MessageText {
  if (contenu.modele === 'dossier_ouvert') return { ...OUVERT[langue], type: 'warning' };
  const { titre, message } = BILAN[langue];
  return { titre, message: message(contenu.donnees), type: 'info' };
}

const BRIS: Record<
  Langue,
  Record<
    (typeof MODELES_BRIS)[number],
    { titre: string; message: (id: number) => string; rappel: (id: number, rappels: number) => string }
  >
> = {
  fr: {
    bris_a_revoir: {
      titre: 'Bris de glace à revoir',
      message: (id) => `Un dossier non partagé a été ouvert avec un motif (n° ${id}) : dites s’il le fallait`,
      rappel: (id, rappels) => `Le bris de glace n° ${id} attend toujours d’être revu (rappel ${rappels})`,
    },
  },
  en: {
    bris_a_revoir: {
      titre: 'Break-glass to review',
      message: (id) =>
        `A record that is not shared was opened with a reason (no. ${id}): say whether it was right`,
      rappel: (id, rappels) => `Break-glass no. ${id} still waits to be reviewed (reminder ${rappels})`,
    },
  },
  ar: {
    bris_a_revoir: {
      titre: 'فتح استثنائي في انتظار المراجعة',
      message: (id) => `فُتح ملف غير مشترك مع ذكر السبب (رقم ${id}). المطلوب: قل هل كان ذلك ضروريا`,
      rappel: (id, rappels) => `الفتح الاستثنائي رقم ${id} ما زال في انتظار المراجعة (تذكير ${rappels})`,
    },
  },
};

const OUVERT: Record<Langue, { titre: string; message: string }> = {
  fr: {
    titre: 'Votre dossier a été ouvert',
    message:
      'Votre dossier, que vous ne partagez pas, a été ouvert pour une urgence. Vos accès disent par qui et quand',
  },
  en: {
    titre: 'Your record was opened',
    message:
      'Your record, which you do not share, was opened in an emergency. Your accesses say by whom and when',
  },
  ar: {
    titre: 'فُتح ملفك',
    message: 'فُتح ملفك غير المشترك لحالة استعجال. صفحة الاطلاعات تبين من اطلع عليه ومتى',
  },
};

const sum = (lecteurs: readonly Lecteur[]) => lecteurs.length;

const BILAN: Record<Langue, { titre: string; message: (donnees: DonneesBilan) => string }> = {
  fr: {
    titre: 'Accès aux dossiers : bilan de la semaine',
    message: (d) =>
      `Du ${jourFr(d.du)} au ${jourFr(d.au)} : ${d.acces} accès, ${d.refus} refusés ; bris de glace : ${d.bris_de_glace.length}, ` +
      `à revoir : ${d.a_revoir} ; membres ayant lu un homonyme : ${sum(d.homonymes)}, en masse : ${sum(d.en_masse)}, ` +
      `de nuit : ${sum(d.de_nuit)}`,
  },
  en: {
    titre: 'Accesses to records: the week',
    message: (d) =>
      `From ${d.du} to ${d.au}: ${d.acces} accesses, ${d.refus} refused; break-glass: ${d.bris_de_glace.length}, ` +
      `to review: ${d.a_revoir}; members who read somebody of their own name: ${sum(d.homonymes)}, many: ${sum(d.en_masse)}, ` +
      `at night: ${sum(d.de_nuit)}`,
  },
  ar: {
    titre: 'الاطلاع على الملفات: حصيلة الأسبوع',
    message: (d) =>
      `من ${isolated(d.du, 'ar')} إلى ${isolated(d.au, 'ar')}. الاطلاعات: ${d.acces}، المرفوضة: ${d.refus}، ` +
      `الفتح الاستثنائي: ${d.bris_de_glace.length}، في انتظار المراجعة: ${d.a_revoir}. أعضاء اطلعوا على ملف يحمل اسمهم: ` +
      `${sum(d.homonymes)}، على ملفات كثيرة: ${sum(d.en_masse)}، ليلا: ${sum(d.de_nuit)}`,
  },
};

const jourFr = (jour: string) => jour.split('-').reverse().join('/');

/** The titles of these messages, in every language. */
export const TITRES_BRIS: readonly string[] = Object.values(BRIS).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
export const TITRES_ACCES: readonly string[] = [OUVERT, BILAN].flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
