import type { Priorite } from '../priorites';
import { type Langue, MOIS } from '../writing';
import type { RaisonConflit } from './conflits';

/** What the picture of a week says, in the language of whoever looks at it. */
interface TextesSemaine {
  titre(semaine: number, debut: string, fin: string): string;
  description(personnes: number, visites: number): string;
  tousSites: string;
  /** Which people of how many are shown. */
  pagination(premier: number, dernier: number, total: number): string;
  personne: string;
  personnes(nombre: number): string;
  personneAucune: string;
  visites(nombre: number): string;
  travail: string;
  trajet: string;
  retard: string;
  conflits(nombre: number): string;
  conflit: Record<RaisonConflit, string>;
  /** The same for the legend. */
  legendeConflit: Record<RaisonConflit, string>;
  occupe: string;
  absence: string;
  ferie: string;
  fermeture: string;
  horsHoraires: string;
  maintenant: string;
  aujourdhui: string;
  limite: string;
  enCours: string;
  realisee: string;
  total: string;
  legende: string;
  priorite: string;
  priorites: Record<Priorite, string>;
  /** From Monday on. */
  jours: readonly string[];
  /** From January on. */
  mois: readonly string[];
  date(jour: number, mois: string, annee: number): string;
  duree(heures: number, minutes: number): string;
}

const plural = (nombre: number, un: string, plusieurs: string) => `${nombre} ${nombre > 1 ? plusieurs : un}`;

/** Arabic says one and two without a number, has a plural for three to ten, and the singular again above. */
const arabic = (nombre: number, un: string, deux: string, peu: string, beaucoup: string) => {
  if (nombre === 1) return un;
  if (nombre === 2) return deux;
  const rest = nombre % 100;
  return `${nombre} ${rest >= 3 && rest <= 10 ? peu : beaucoup}`;
};

const hoursAndMinutes = (heures: number, minutes: number) => {
  if (heures === 0) return `${minutes} min`;
  return minutes === 0 ? `${heures} h` : `${heures} h ${String(minutes).padStart(2, '0')}`;
};

export const TEXTES_SEMAINE: Record<Langue, TextesSemaine> = {
  fr: {
    titre: (semaine, debut, fin) => `Planning de la semaine ${semaine}, du ${debut} au ${fin}`,
    description: (personnes, visites) =>
      `${plural(personnes, 'personne', 'personnes')} de haut en bas, les jours de gauche à droite, ` +
      `${plural(visites, 'visite', 'visites')}.`,
    tousSites: 'Tous les sites',
    pagination: (premier, dernier, total) => `Personnes ${premier} à ${dernier} sur ${total}`,
    personne: 'Personne',
    personnes: (nombre) => plural(nombre, 'personne', 'personnes'),
    personneAucune: 'Personne à montrer pour cette semaine',
    visites: (nombre) => plural(nombre, 'visite', 'visites'),
    travail: 'travail',
    trajet: 'trajet',
    retard: 'retard',
    conflits: (nombre) => plural(nombre, 'conflit', 'conflits'),
    conflit: {
      chevauchement: 'chevauche une autre visite',
      absent: 'pendant une absence',
      ferie: 'jour férié ou fermeture',
      hors_horaires: 'hors des horaires',
      inactif: 'ne travaille plus ici',
    },
    legendeConflit: {
      chevauchement: 'Conflit : chevauchement',
      absent: 'Conflit : absence',
      ferie: 'Conflit : jour fermé',
      hors_horaires: 'Conflit : hors horaires',
      inactif: 'Conflit : parti',
    },
    occupe: 'occupé',
    absence: 'Absence',
    ferie: 'Férié',
    fermeture: 'Fermeture',
    horsHoraires: 'Hors des heures de travail',
    maintenant: 'Maintenant',
    aujourdhui: 'Aujourd’hui',
    limite: 'à finir avant',
    enCours: 'En cours',
    realisee: 'Réalisée',
    total: 'Total',
    legende: 'Légende',
    priorite: 'Priorité',
    priorites: { basse: 'basse', normale: 'normale', haute: 'haute', critique: 'critique' },
    jours: ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'],
    mois: MOIS.fr,
    date: (jour, mois, annee) => `${jour === 1 ? '1er' : jour} ${mois} ${annee}`,
    duree: hoursAndMinutes,
  },
  en: {
    titre: (semaine, debut, fin) => `Plan of week ${semaine}, ${debut} to ${fin}`,
    description: (personnes, visites) =>
      `${plural(personnes, 'person', 'people')} from top to bottom, days from left to right, ` +
      `${plural(visites, 'visit', 'visits')}.`,
    tousSites: 'All sites',
    pagination: (premier, dernier, total) => `People ${premier} to ${dernier} of ${total}`,
    personne: 'Person',
    personnes: (nombre) => plural(nombre, 'person', 'people'),
    personneAucune: 'Nobody to show in this week',
    visites: (nombre) => plural(nombre, 'visit', 'visits'),
    travail: 'work',
    trajet: 'travel',
    retard: 'late',
    conflits: (nombre) => plural(nombre, 'conflict', 'conflicts'),
    conflit: {
      chevauchement: 'overlaps another visit',
      absent: 'during an absence',
      ferie: 'public holiday or closing',
      hors_horaires: 'outside of working hours',
      inactif: 'works here no more',
    },
    legendeConflit: {
      chevauchement: 'Conflict: overlap',
      absent: 'Conflict: absence',
      ferie: 'Conflict: closed day',
      hors_horaires: 'Conflict: outside hours',
      inactif: 'Conflict: has left',
    },
    occupe: 'busy',
    absence: 'Absent',
    ferie: 'Holiday',
    fermeture: 'Closed',
    horsHoraires: 'Outside of working hours',
    maintenant: 'Now',
    aujourdhui: 'Today',
    limite: 'due by',
    enCours: 'In progress',
    realisee: 'Done',
    total: 'Total',
    legende: 'Legend',
    priorite: 'Priority',
    priorites: { basse: 'low', normale: 'normal', haute: 'high', critique: 'critical' },
    jours: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    mois: MOIS.en,
    date: (jour, mois, annee) => `${jour} ${mois} ${annee}`,
    duree: hoursAndMinutes,
  },
  ar: {
    titre: (semaine, debut, fin) => `برنامج الأسبوع ${semaine}، من ${debut} إلى ${fin}`,
    description: (personnes, visites) =>
      `الأشخاص من الأعلى إلى الأسفل (${personnes})، والأيام من اليمين إلى اليسار، والزيارات (${visites}).`,
    tousSites: 'جميع المواقع',
    pagination: (premier, dernier, total) => `الأشخاص من ${premier} إلى ${dernier} من أصل ${total}`,
    personne: 'الشخص',
    personnes: (nombre) => arabic(nombre, 'شخص واحد', 'شخصان', 'أشخاص', 'شخصا'),
    personneAucune: 'لا أحد لعرضه في هذا الأسبوع',
    visites: (nombre) => arabic(nombre, 'زيارة واحدة', 'زيارتان', 'زيارات', 'زيارة'),
    travail: 'العمل',
    trajet: 'التنقل',
    retard: 'تأخير',
    conflits: (nombre) => arabic(nombre, 'تعارض واحد', 'تعارضان', 'تعارضات', 'تعارضا'),
    conflit: {
      chevauchement: 'تتداخل مع زيارة أخرى',
      absent: 'أثناء غياب',
      ferie: 'يوم عطلة أو إغلاق',
      hors_horaires: 'خارج أوقات العمل',
      inactif: 'لم يعد يعمل هنا',
    },
    legendeConflit: {
      chevauchement: 'تعارض: تداخل',
      absent: 'تعارض: غياب',
      ferie: 'تعارض: يوم مغلق',
      hors_horaires: 'تعارض: خارج الأوقات',
      inactif: 'تعارض: غادر العمل',
    },
    occupe: 'مشغول',
    absence: 'غياب',
    ferie: 'عطلة',
    fermeture: 'إغلاق',
    horsHoraires: 'خارج أوقات العمل',
    maintenant: 'الآن',
    aujourdhui: 'اليوم',
    limite: 'الأجل',
    enCours: 'جارية',
    realisee: 'منجزة',
    total: 'المجموع',
    legende: 'مفتاح الألوان',
    priorite: 'الأولوية',
    priorites: { basse: 'منخفضة', normale: 'عادية', haute: 'مرتفعة', critique: 'حرجة' },
    jours: ['الإثنين', 'الثلاثاء', 'الأربعاء', 'الخميس', 'الجمعة', 'السبت', 'الأحد'],
    mois: MOIS.ar,
    date: (jour, mois, annee) => `${jour} ${mois} ${annee}`,
    duree: (heures, minutes) => {
      if (heures === 0) return `${minutes} د`;
      return minutes === 0 ? `${heures} س` : `${heures} س ${minutes} د`;
    },
  },
};
