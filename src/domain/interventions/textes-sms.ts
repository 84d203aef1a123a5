import { DateTime } from 'luxon';
import type { TexteCourt } from '../messages/sms';
import type { Langue } from '../writing';
import type { ContenuIntervention, DonneesIntervention, ModeleIntervention } from './textes';

/**
 * What a text message says of an intervention: what happened, which one, and the time that counts. Everything else is
 * read in the application, by whoever has the right to.
 */
export function interventionSms({ modele, donnees }: ContenuIntervention, langue: Langue): TexteCourt {
  const { intervention_id, titre, urgence, fuseau_horaire } = donnees;
  const instant = INSTANTS[modele]?.(donnees);
  const when = instant ? DateTime.fromISO(instant, { zone: fuseau_horaire }).toFormat('dd/MM HH:mm') : null;
  const urgent = urgence ? `${URGENT[langue]} - ` : '';
  return {
    debut: `${urgent}${PHRASES[langue][modele]} ${NUMBER[langue]}${intervention_id} `,
    nom: titre,
    fin: when === null ? '' : `, ${when}`,
  };
}

/** The instant that matters to whoever is told. */
const INSTANTS: Partial<
  Record<ModeleIntervention, (donnees: DonneesIntervention) => string | null | undefined>
> = {
  assignee: (d) => d.date_planifiee,
  replanifiee: (d) => d.date_planifiee,
  conflit_planning: (d) => d.date_planifiee,
  escalade: (d) => d.echeance,
  echeance_proche: (d) => d.echeance,
};

const URGENT: Record<Langue, string> = { fr: 'URGENT', en: 'URGENT', ar: 'عاجل' };
const NUMBER: Record<Langue, string> = { fr: 'n° ', en: 'no. ', ar: 'رقم ' };

const PHRASES: Record<Langue, Record<ModeleIntervention, string>> = {
  fr: {
    assignee: 'Intervention assignée',
    replanifiee: 'Intervention replanifiée',
    retiree: 'Intervention retirée',
    technicien_parti: 'Intervention à réaffecter',
    equipier_parti: 'Équipe à compléter',
    conflit_planning: 'Visite devenue impossible',
    demarree: 'Intervention démarrée',
    attente_pieces: 'Intervention en attente',
    pieces_recues: 'Pièces reçues',
    pieces_reprises: 'Pièces réservées manquantes',
    relance_pieces: 'Pièces toujours attendues',
    terminee: 'Intervention terminée',
    rouverte: 'Intervention rouverte',
    annulee: 'Intervention annulée',
    escalade: 'Intervention en retard',
    sans_candidat: 'Personne pour une intervention critique',
    echeance_proche: 'Échéance proche',
    rapport_abandonne: 'Rapport abandonné',
  },
  en: {
    assignee: 'Intervention assigned',
    replanifiee: 'Intervention rescheduled',
    retiree: 'Intervention withdrawn',
    technicien_parti: 'Intervention to be reassigned',
    equipier_parti: 'Team to be completed',
    conflit_planning: 'Visit no longer possible',
    demarree: 'Intervention started',
    attente_pieces: 'Intervention on hold',
    pieces_recues: 'Parts received',
    pieces_reprises: 'Reserved parts missing',
    relance_pieces: 'Parts still missing',
    terminee: 'Intervention finished',
    rouverte: 'Intervention reopened',
    annulee: 'Intervention cancelled',
    escalade: 'Intervention overdue',
    sans_candidat: 'Nobody for a critical intervention',
    echeance_proche: 'Deadline ahead',
    rapport_abandonne: 'Report given up',
  },
  ar: {
    assignee: 'أُسند إليك تدخل',
    replanifiee: 'تغيّر موعد التدخل',
    retiree: 'سُحب منك التدخل',
    technicien_parti: 'تدخل يحتاج إلى إعادة إسناد',
    equipier_parti: 'فريق يحتاج إلى استكمال',
    conflit_planning: 'تعذّرت الزيارة',
    demarree: 'بدأ التدخل',
    attente_pieces: 'التدخل معلّق',
    pieces_recues: 'وصلت القطع',
    pieces_reprises: 'قطع محجوزة مفقودة',
    relance_pieces: 'القطع لم تصل بعد',
    terminee: 'انتهى التدخل',
    rouverte: 'أُعيد فتح التدخل',
    annulee: 'أُلغي التدخل',
    escalade: 'تدخل متأخر',
    sans_candidat: 'لا أحد لتدخل حرج',
    echeance_proche: 'اقترب الأجل',
    rapport_abandonne: 'تعذّر إعداد التقرير',
  },
};
