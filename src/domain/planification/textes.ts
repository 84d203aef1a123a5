import type { Langue } from '../writing';
import type { Exclusion } from './candidats';

/** Why somebody cannot go, as people read it. */
export const EXCLUSION_TEXTES: Readonly<Record<Exclusion, Readonly<Record<Langue, string>>>> = {
  inactif: { fr: "n'intervient plus", en: 'does no work any more', ar: 'لم يعد يتدخل' },
  competence: {
    fr: 'sans la compétence requise',
    en: 'without the skill that is required',
    ar: 'دون الكفاءة المطلوبة',
  },
  habilitation_expiree: {
    fr: 'habilitation non valable ce jour-là',
    en: 'qualification not valid that day',
    ar: 'تأهيل غير صالح في ذلك اليوم',
  },
  niveau: { fr: "pas assez d'expérience", en: 'not experienced enough', ar: 'خبرة غير كافية' },
  hors_horaires: { fr: 'hors de ses horaires', en: 'outside of their hours', ar: 'خارج أوقات عمله' },
  ferie: {
    fr: 'un jour férié ou de fermeture du site',
    en: 'on a public holiday or a closing of the site',
    ar: 'يوم عطلة أو إغلاق للموقع',
  },
  absent: { fr: 'pendant une absence', en: 'during an absence', ar: 'أثناء غياب' },
  creneau_pris: { fr: 'déjà pris', en: 'already taken', ar: 'موعد مشغول' },
};

/** The same of several people, with how many they are. */
export function exclusionsText(
  exclusions: Readonly<Partial<Record<Exclusion, number>>>,
  langue: Langue,
): string {
  return Object.entries(exclusions)
    .map(([code, count]) => `${EXCLUSION_TEXTES[code as Exclusion][langue]} (${count})`)
    .join(langue === 'ar' ? '، ' : ', ');
}
