import type { ModeleAvis, ModeleLien } from './identite/textes';
import { type Contenu, type ContenuRegle, type Modele, messageText, sujetOf } from './messages';
import { LOT_RESUME } from './messages/canaux';
import type { Langue } from './writing';

/**
 * What several events say as one message: those of a kind that came within a few minutes, what was held back of one
 * subject, or all of a day.
 */

export interface Groupe {
  /** The kind they are all of; `resume` for all of a day; `sujet` for what happened to one thing. */
  genre: Modele | 'resume' | 'sujet';
  /** In the order in which they happened. */
  contenus: Contenu[];
}

/** What is told, the last word of each kind about each subject, and the group that it makes if it is more than one thing. */
export function groupOf(
  message: Contenu & { id: number; lot: string | null; suite: readonly (Contenu & { id: number })[] },
): { contenu: Contenu; groupe: Groupe | null } {
  const own = { id: message.id, modele: message.modele, donnees: message.donnees } as Contenu & {
    id: number;
  };
  const all = [...message.suite, own].sort((a, b) => a.id - b.id);
  const last = new Map(all.map((one) => [nameOf(one), one.id]));
  const contenus = all
    .filter((one) => last.get(nameOf(one)) === one.id)
    .map(({ modele, donnees }) => ({ modele, donnees }) as Contenu);
  const contenu = contenus.at(-1)!;
  if (contenus.length === 1) return { contenu, groupe: null };
  if (message.lot === LOT_RESUME) return { contenu, groupe: { genre: 'resume', contenus } };
  const isAlike = contenus.every(({ modele }) => modele === contenu.modele);
  return { contenu, groupe: { genre: isAlike ? contenu.modele : 'sujet', contenus } };
}

/** What is about no subject says something of its own each time. */
function nameOf(contenu: Contenu & { id: number }): string {
  return `${contenu.modele} ${sujetOf(contenu) || contenu.id}`;
}

/** The title of a group, with its number: "5 interventions vous ont été assignées". */
export function groupTitle({ genre, contenus }: Groupe, langue: Langue): string {
  const n = contenus.length;
  if (genre === 'sujet') return messageText(contenus.at(-1)!, langue).titre;
  return GROUPES[langue](genre, n);
}

/** How many of something there are, in words. */
type Counted = { un: string; plusieurs: string };

const FRENCH: Record<Phrase, Counted> = {
  assignee: {
    un: '{n} intervention vous a été assignée',
    plusieurs: '{n} interventions vous ont été assignées',
  },
  replanifiee: { un: '{n} intervention replanifiée', plusieurs: '{n} interventions replanifiées' },
  retiree: {
    un: '{n} intervention ne vous est plus assignée',
    plusieurs: '{n} interventions ne vous sont plus assignées',
  },
  technicien_parti: { un: '{n} intervention à réaffecter', plusieurs: '{n} interventions à réaffecter' },
  equipier_parti: { un: '{n} équipe à compléter', plusieurs: '{n} équipes à compléter' },
  conflit_planning: { un: '{n} visite devenue impossible', plusieurs: '{n} visites devenues impossibles' },
  demarree: { un: '{n} intervention démarrée', plusieurs: '{n} interventions démarrées' },
  attente_pieces: { un: '{n} intervention en attente', plusieurs: '{n} interventions en attente' },
  pieces_recues: {
    un: '{n} intervention peut reprendre',
    plusieurs: '{n} interventions peuvent reprendre',
  },
  pieces_reprises: {
    un: '{n} intervention attend à nouveau des pièces',
    plusieurs: '{n} interventions attendent à nouveau des pièces',
  },
  relance_pieces: {
    un: '{n} intervention attend toujours des pièces',
    plusieurs: '{n} interventions attendent toujours des pièces',
  },
  terminee: { un: '{n} intervention terminée', plusieurs: '{n} interventions terminées' },
  rouverte: { un: '{n} intervention rouverte', plusieurs: '{n} interventions rouvertes' },
  annulee: { un: '{n} intervention annulée', plusieurs: '{n} interventions annulées' },
  escalade: { un: '{n} intervention en retard', plusieurs: '{n} interventions en retard' },
  sans_candidat: {
    un: '{n} intervention critique sans personne',
    plusieurs: '{n} interventions critiques sans personne',
  },
  echeance_proche: { un: '{n} échéance proche', plusieurs: '{n} échéances proches' },
  rapport_abandonne: { un: '{n} rapport abandonné', plusieurs: '{n} rapports abandonnés' },
  contrat_fin: { un: '{n} contrat bientôt terminé', plusieurs: '{n} contrats bientôt terminés' },
  contrat_visites: {
    un: '{n} contrat aux visites épuisées',
    plusieurs: '{n} contrats aux visites épuisées',
  },
  bris_a_revoir: { un: '{n} bris de glace à revoir', plusieurs: '{n} bris de glace à revoir' },
  bilan_acces: { un: '{n} bilan des accès', plusieurs: '{n} bilans des accès' },
  dossier_ouvert: { un: '{n} ouverture de votre dossier', plusieurs: '{n} ouvertures de votre dossier' },
  documents_alteres: { un: '{n} relecture à regarder', plusieurs: '{n} relectures à regarder' },
  consultation_a_signer: { un: '{n} consultation à signer', plusieurs: '{n} consultations à signer' },
  examen_en_retard: { un: '{n} résultat en retard', plusieurs: '{n} résultats en retard' },
  examen_a_voir: { un: '{n} résultat à voir', plusieurs: '{n} résultats à voir' },
  examen_critique_a_voir: {
    un: '{n} résultat critique à voir',
    plusieurs: '{n} résultats critiques à voir',
  },
  webhook_desactive: { un: '{n} webhook désactivé', plusieurs: '{n} webhooks désactivés' },
  email_invalide: {
    un: '{n} adresse qui refuse les mails',
    plusieurs: '{n} adresses qui refusent les mails',
  },
  stock_bas: { un: '{n} pièce dont le stock est bas', plusieurs: '{n} pièces dont le stock est bas' },
  agenda_demande: { un: '{n} demande à valider', plusieurs: '{n} demandes à valider' },
  agenda_nouveau: { un: '{n} nouveau rendez-vous', plusieurs: '{n} nouveaux rendez-vous' },
  agenda_reporte: { un: '{n} rendez-vous déplacé', plusieurs: '{n} rendez-vous déplacés' },
  agenda_annule: { un: '{n} rendez-vous annulé', plusieurs: '{n} rendez-vous annulés' },
  agenda_libere: {
    un: '{n} rendez-vous retiré de votre agenda',
    plusieurs: '{n} rendez-vous retirés de votre agenda',
  },
  agenda_serie: { un: '{n} nouvelle série', plusieurs: '{n} nouvelles séries' },
  agenda_serie_demande: { un: '{n} série à valider', plusieurs: '{n} séries à valider' },
  agenda_serie_annulee: { un: '{n} série annulée', plusieurs: '{n} séries annulées' },
  agenda_a_clore: { un: '{n} journée à clore', plusieurs: '{n} journées à clore' },
  message: { un: '{n} message reçu', plusieurs: '{n} messages reçus' },
  resume: { un: 'Résumé du jour : {n} message', plusieurs: 'Résumé du jour : {n} messages' },
  autre: { un: '{n} message', plusieurs: '{n} messages' },
};

const ENGLISH: Record<Phrase, Counted> = {
  assignee: {
    un: '{n} intervention has been assigned to you',
    plusieurs: '{n} interventions have been assigned to you',
  },
  replanifiee: { un: '{n} intervention rescheduled', plusieurs: '{n} interventions rescheduled' },
  retiree: {
    un: '{n} intervention is no longer assigned to you',
    plusieurs: '{n} interventions are no longer assigned to you',
  },
  technicien_parti: {
    un: '{n} intervention to be reassigned',
    plusieurs: '{n} interventions to be reassigned',
  },
  equipier_parti: { un: '{n} team to be completed', plusieurs: '{n} teams to be completed' },
  conflit_planning: { un: '{n} visit no longer possible', plusieurs: '{n} visits no longer possible' },
  demarree: { un: '{n} intervention started', plusieurs: '{n} interventions started' },
  attente_pieces: { un: '{n} intervention on hold', plusieurs: '{n} interventions on hold' },
  pieces_recues: { un: '{n} intervention can go on', plusieurs: '{n} interventions can go on' },
  pieces_reprises: {
    un: '{n} intervention is waiting for parts again',
    plusieurs: '{n} interventions are waiting for parts again',
  },
  relance_pieces: {
    un: '{n} intervention is still waiting for parts',
    plusieurs: '{n} interventions are still waiting for parts',
  },
  terminee: { un: '{n} intervention finished', plusieurs: '{n} interventions finished' },
  rouverte: { un: '{n} intervention reopened', plusieurs: '{n} interventions reopened' },
  annulee: { un: '{n} intervention cancelled', plusieurs: '{n} interventions cancelled' },
  escalade: { un: '{n} intervention overdue', plusieurs: '{n} interventions overdue' },
  sans_candidat: {
    un: '{n} critical intervention with nobody',
    plusieurs: '{n} critical interventions with nobody',
  },
  echeance_proche: { un: '{n} deadline ahead', plusieurs: '{n} deadlines ahead' },
  rapport_abandonne: { un: '{n} report given up', plusieurs: '{n} reports given up' },
  contrat_fin: { un: '{n} contract about to end', plusieurs: '{n} contracts about to end' },
  contrat_visites: {
    un: '{n} contract whose visits are used up',
    plusieurs: '{n} contracts whose visits are used up',
  },
  bris_a_revoir: { un: '{n} break-glass to review', plusieurs: '{n} break-glass to review' },
  bilan_acces: { un: '{n} digest of accesses', plusieurs: '{n} digests of accesses' },
  dossier_ouvert: { un: '{n} opening of your record', plusieurs: '{n} openings of your record' },
  documents_alteres: { un: '{n} check of files to look at', plusieurs: '{n} checks of files to look at' },
  consultation_a_signer: { un: '{n} consultation to sign', plusieurs: '{n} consultations to sign' },
  examen_en_retard: { un: '{n} result is overdue', plusieurs: '{n} results are overdue' },
  examen_a_voir: { un: '{n} result to be seen', plusieurs: '{n} results to be seen' },
  examen_critique_a_voir: {
    un: '{n} critical result to be seen',
    plusieurs: '{n} critical results to be seen',
  },
  webhook_desactive: { un: '{n} webhook switched off', plusieurs: '{n} webhooks switched off' },
  email_invalide: { un: '{n} address refuses mails', plusieurs: '{n} addresses refuse mails' },
  stock_bas: { un: '{n} part is low in stock', plusieurs: '{n} parts are low in stock' },
  agenda_demande: { un: '{n} request to accept', plusieurs: '{n} requests to accept' },
  agenda_nouveau: { un: '{n} new appointment', plusieurs: '{n} new appointments' },
  agenda_reporte: { un: '{n} appointment moved', plusieurs: '{n} appointments moved' },
  agenda_annule: { un: '{n} appointment cancelled', plusieurs: '{n} appointments cancelled' },
  agenda_libere: {
    un: '{n} appointment removed from your diary',
    plusieurs: '{n} appointments removed from your diary',
  },
  agenda_serie: { un: '{n} new series', plusieurs: '{n} new series' },
  agenda_serie_demande: { un: '{n} series to accept', plusieurs: '{n} series to accept' },
  agenda_serie_annulee: { un: '{n} series cancelled', plusieurs: '{n} series cancelled' },
  agenda_a_clore: { un: '{n} day to settle', plusieurs: '{n} days to settle' },
  message: { un: '{n} message received', plusieurs: '{n} messages received' },
  resume: { un: 'Daily digest: {n} message', plusieurs: 'Daily digest: {n} messages' },
  autre: { un: '{n} message', plusieurs: '{n} messages' },
};

/** A noun as Arabic counts it; the one and the two are words of their own. */
interface Noun {
  one: string;
  two: string;
  /** 3 to 10, with the number before it; and 11 to 99, and the rest. */
  few: string;
  many: string;
  other: string;
}

const INTERVENTION_AR: Noun = {
  one: 'تدخل واحد',
  two: 'تدخلان',
  few: 'تدخلات',
  many: 'تدخلاً',
  other: 'تدخل',
};
const VISITE_AR: Noun = { one: 'زيارة واحدة', two: 'زيارتان', few: 'زيارات', many: 'زيارة', other: 'زيارة' };
const EQUIPE_AR: Noun = { one: 'فريق واحد', two: 'فريقان', few: 'فرق', many: 'فريقاً', other: 'فريق' };
const ECHEANCE_AR: Noun = { one: 'موعد واحد', two: 'موعدان', few: 'مواعيد', many: 'موعداً', other: 'موعد' };
const RAPPORT_AR: Noun = { one: 'تقرير واحد', two: 'تقريران', few: 'تقارير', many: 'تقريراً', other: 'تقرير' };
const PIECE_AR: Noun = { one: 'قطعة واحدة', two: 'قطعتان', few: 'قطع', many: 'قطعة', other: 'قطعة' };
const CONTRAT_AR: Noun = { one: 'عقد واحد', two: 'عقدان', few: 'عقود', many: 'عقداً', other: 'عقد' };
const EXAMEN_AR: Noun = { one: 'فحص واحد', two: 'فحصان', few: 'فحوص', many: 'فحصاً', other: 'فحص' };
const ADRESSE_AR: Noun = { one: 'عنوان واحد', two: 'عنوانان', few: 'عناوين', many: 'عنواناً', other: 'عنوان' };
const JOUR_AR: Noun = { one: 'يوم واحد', two: 'يومان', few: 'أيام', many: 'يوماً', other: 'يوم' };
const SERIE_AR: Noun = {
  one: 'سلسلة واحدة',
  two: 'سلسلتان',
  few: 'سلاسل',
  many: 'سلسلة',
  other: 'سلسلة',
};
const MESSAGE_AR: Noun = { one: 'رسالة واحدة', two: 'رسالتان', few: 'رسائل', many: 'رسالة', other: 'رسالة' };

/** What is said before the number: it agrees with none, so that the noun alone has to. */
const ARABIC: Record<Phrase, [said: string, Noun]> = {
  assignee: ['أُسند إليك', INTERVENTION_AR],
  replanifiee: ['تغيّر موعد', INTERVENTION_AR],
  retiree: ['لم يعد مسنداً إليك', INTERVENTION_AR],
  technicien_parti: ['في حاجة إلى إعادة الإسناد:', INTERVENTION_AR],
  equipier_parti: ['في حاجة إلى استكمال:', EQUIPE_AR],
  conflit_planning: ['لم يعد ممكناً القيام بها:', VISITE_AR],
  demarree: ['بدأ', INTERVENTION_AR],
  attente_pieces: ['قيد الانتظار:', INTERVENTION_AR],
  pieces_recues: ['يمكن استئناف العمل:', INTERVENTION_AR],
  pieces_reprises: ['في انتظار القطع من جديد:', INTERVENTION_AR],
  relance_pieces: ['ما زال في انتظار القطع:', INTERVENTION_AR],
  terminee: ['انتهى', INTERVENTION_AR],
  rouverte: ['أُعيد فتح', INTERVENTION_AR],
  annulee: ['أُلغي', INTERVENTION_AR],
  escalade: ['متأخر عن موعده:', INTERVENTION_AR],
  sans_candidat: ['حرج ولا أحد له:', INTERVENTION_AR],
  echeance_proche: ['اقترب', ECHEANCE_AR],
  rapport_abandonne: ['تعذر إعداد', RAPPORT_AR],
  contrat_fin: ['يوشك على الانتهاء:', CONTRAT_AR],
  contrat_visites: ['استُنفدت زياراته:', CONTRAT_AR],
  bris_a_revoir: ['فتح استثنائي في انتظار المراجعة:', MESSAGE_AR],
  bilan_acces: ['حصيلة الاطلاعات:', MESSAGE_AR],
  dossier_ouvert: ['فتح ملفك:', MESSAGE_AR],
  documents_alteres: ['وثائق تغيّرت:', MESSAGE_AR],
  consultation_a_signer: ['في انتظار توقيعك:', MESSAGE_AR],
  examen_en_retard: ['متأخر عن موعده:', EXAMEN_AR],
  examen_a_voir: ['في انتظار الاطلاع:', EXAMEN_AR],
  examen_critique_a_voir: ['حرج وفي انتظار الاطلاع:', EXAMEN_AR],
  webhook_desactive: ['أوقف من الويب هوك:', ADRESSE_AR],
  email_invalide: ['لا يقبل الرسائل:', ADRESSE_AR],
  stock_bas: ['مخزون منخفض:', PIECE_AR],
  agenda_demande: ['في انتظار موافقتك:', ECHEANCE_AR],
  agenda_nouveau: ['جديد في جدولك:', ECHEANCE_AR],
  agenda_reporte: ['تغيّر في جدولك', ECHEANCE_AR],
  agenda_annule: ['أُلغي من جدولك', ECHEANCE_AR],
  agenda_libere: ['سُحب من جدولك', ECHEANCE_AR],
  agenda_serie: ['جديد في جدولك:', SERIE_AR],
  agenda_serie_demande: ['في انتظار موافقتك:', SERIE_AR],
  agenda_serie_annulee: ['أُلغي من جدولك', SERIE_AR],
  agenda_a_clore: ['في انتظار الإقفال:', JOUR_AR],
  message: ['وردت', MESSAGE_AR],
  resume: ['ملخص اليوم:', MESSAGE_AR],
  autre: ['وصلتك', MESSAGE_AR],
};

/** Messages about accounts leave alone; there is nothing to say of several. */
type Phrase = Exclude<ContenuRegle['modele'], ModeleLien | ModeleAvis> | 'resume' | 'autre';

const RULES = {
  fr: new Intl.PluralRules('fr'),
  en: new Intl.PluralRules('en'),
  ar: new Intl.PluralRules('ar'),
};

const western =
  (langue: 'fr' | 'en', phrases: Record<Phrase, Counted>) =>
  (genre: Modele | 'resume', n: number): string => {
    const { un, plusieurs } = phrases[phraseOf(genre)];
    return (RULES[langue].select(n) === 'one' ? un : plusieurs).replace('{n}', String(n));
  };

const GROUPES: Record<Langue, (genre: Modele | 'resume', n: number) => string> = {
  fr: western('fr', FRENCH),
  en: western('en', ENGLISH),
  ar: (genre, n) => {
    const [said, noun] = ARABIC[phraseOf(genre)];
    const form = RULES.ar.select(n);
    if (form === 'one' || form === 'two') return `${said} ${noun[form]}`;
    return `${said} ${n} ${noun[form === 'zero' ? 'other' : form]}`;
  },
};

function phraseOf(genre: Modele | 'resume'): Phrase {
  return genre in FRENCH ? (genre as Phrase) : 'autre';
}

/** "et 3 autres": those of a group that there is no room for. */
export function othersText(n: number, langue: Langue): string {
  if (langue === 'ar') return GROUPES.ar('mot_de_passe_change', n).replace(ARABIC.autre[0], 'و');
  const one = RULES[langue].select(n) === 'one';
  if (langue === 'en') return one ? `and ${n} other` : `and ${n} others`;
  return one ? `et ${n} autre` : `et ${n} autres`;
}
