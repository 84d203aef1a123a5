import type { TexteCourt } from '../messages/sms';
import { formatInstant, isolated, type Langue, type MessageText, type TypeNotification } from '../writing';
import type { Lieu } from './prestations';

/**
 * What is said of appointments: to those who come, who need no account and are told in a zone and a language of their own, and
 * to those who receive them.
 */

export const MODELES_PARTICIPANT = [
  /** Whoever booked says by its link that it was them. */
  'rdv_a_confirmer',
  'rdv_demande',
  'rdv_confirme',
  'rdv_refuse',
  /** Whoever receives was taken, by a calendar of theirs, before it stood. */
  'rdv_indisponible',
  'rdv_expire',
  'rdv_reporte',
  'rdv_change',
  'rdv_annule',
  'rdv_rappel',
  /** Asks what they thought of it. */
  'rdv_avis',
] as const;
export type ModeleParticipant = (typeof MODELES_PARTICIPANT)[number];

export const MODELES_AGENDA = [
  'agenda_demande',
  'agenda_nouveau',
  'agenda_reporte',
  'agenda_annule',
  'agenda_libere',
] as const;
export type ModeleAgenda = (typeof MODELES_AGENDA)[number];

export const MODELES_SOIR = ['agenda_a_clore'] as const;
export type ModeleSoir = (typeof MODELES_SOIR)[number];

export interface ContenuParticipant {
  modele: ModeleParticipant;
  donnees: DonneesParticipant;
}

export interface ContenuAgenda {
  modele: ModeleAgenda;
  donnees: DonneesAgenda;
}

export interface ContenuSoir {
  modele: ModeleSoir;
  donnees: DonneesSoir;
}

/** The facts of an appointment, as they were when it was said. JSON-safe: they are stored with the message. */
export interface DonneesRendezVous {
  rendez_vous_id: number;
  uid: string;
  sequence: number;
  /** When it was said. */
  date: string;
  prestation: string;
  /** Where another time is booked, for whoever has no account; of what was said before there was one, nothing is known. */
  page?: string | null;
  /** Until when it is to be confirmed by mail. */
  limite?: string | null;
  debut: string;
  fin: string;
  /** When it was to begin before it was moved. */
  avant: string | null;
  lieu: Lieu | null;
  /** Where it is in one place, its zone: those who come there go by its clocks. */
  fuseau_lieu: string | null;
  salles: string[];
  /** Names under which those who receive are known outside. */
  intervenants: string[];
  /** What was said when it was refused or cancelled. */
  motif: string | null;
  /** Nobody has said yes yet. */
  a_valider: boolean;
}

export interface DonneesParticipant extends DonneesRendezVous {
  /** Of whoever reads it. */
  fuseau_horaire: string;
}

export interface DonneesAgenda extends DonneesRendezVous {
  /** Of whoever reads it. */
  fuseau_horaire: string;
  /** Who comes. */
  clients: string[];
}

/** Those of one evening that nobody settled. */
export interface DonneesSoir {
  /** Of the house's clocks, or those of the site: `2026-12-01`. */
  jour: string;
  fuseau_horaire: string;
  rendez_vous: { rendez_vous_id: number; prestation: string; client: string; debut: string }[];
}

/** "mardi 1 décembre 2026 à 09:00 (heure de Paris)": by the clocks of the place first, by one's own where they differ. */
export function quandText(
  instant: string,
  { fuseau_horaire, fuseau_lieu }: Pick<DonneesParticipant, 'fuseau_horaire' | 'fuseau_lieu'>,
  langue: Langue,
): string {
  const first = fuseau_lieu ?? fuseau_horaire;
  const there = formatInstant(instant, langue, first);
  const own = fuseau_horaire === first ? there : formatInstant(instant, langue, fuseau_horaire);
  const written = `${there} ${clocksOf(first, langue)}`;
  return there === own
    ? written
    : `${written}${SEPARATOR[langue]} ${own} ${clocksOf(fuseau_horaire, langue)}`;
}

const SEPARATOR: Record<Langue, string> = { fr: ', soit', en: ', that is', ar: '، أي' };

/** "(heure de Paris)": by the city that names a zone. */
function clocksOf(zone: string, langue: Langue): string {
  const city = (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
  if (langue === 'fr') return `(heure de ${city})`;
  return langue === 'en' ? `(${city} time)` : `(بتوقيت ${isolated(city, 'ar')})`;
}

/** Where one goes, calls or clicks; null when nothing was said of it. */
export function lieuText({ lieu, salles }: Pick<DonneesRendezVous, 'lieu' | 'salles'>): string | null {
  return [lieu?.valeur, ...salles].filter((part) => part !== undefined && part !== '').join(', ') || null;
}

/** The title, the sentence and the severity of a message to somebody who comes. */
export function participantText({ modele, donnees }: ContenuParticipant, langue: Langue): MessageText {
  const { titre, message } = PARTICIPANTS[langue][modele];
  return { titre, message: message(phraseOf(donnees, langue)), type: TYPES[modele] };
}

/** What a text message says: the service gives way first, the time never. */
export function participantSms({ modele, donnees }: ContenuParticipant, langue: Langue): TexteCourt {
  const { titre } = PARTICIPANTS[langue][modele];
  const instant = modele === 'rdv_annule' && donnees.avant !== null ? donnees.avant : donnees.debut;
  return { debut: `${titre} : ${quandText(instant, donnees, langue)}. `, nom: donnees.prestation, fin: '' };
}

/** The same to somebody who receives. */
export function agendaText({ modele, donnees }: ContenuAgenda, langue: Langue): MessageText {
  const { titre, message } = AGENDA[langue][modele];
  const clients = donnees.clients.map((nom) => isolated(nom, langue)).join(', ');
  return { titre, message: message({ ...phraseOf(donnees, langue), clients }), type: TYPES[modele] };
}

export function agendaSms({ modele, donnees }: ContenuAgenda, langue: Langue): TexteCourt {
  const { titre } = AGENDA[langue][modele];
  return {
    debut: `${titre} : ${quandText(donnees.debut, donnees, langue)}. `,
    nom: donnees.clients.join(', '),
    fin: '',
  };
}

export function soirText({ donnees }: ContenuSoir, langue: Langue): MessageText {
  const { titre, message } = SOIR[langue];
  const lignes = donnees.rendez_vous.map(({ debut, prestation, client }) => {
    const quand = formatInstant(debut, langue, donnees.fuseau_horaire);
    return `${quand} : ${isolated(client, langue)} (${isolated(prestation, langue)})`;
  });
  return { titre, message: [message, ...lignes].join('\n'), type: 'warning' };
}

const TYPES: Record<ModeleParticipant | ModeleAgenda, TypeNotification> = {
  rdv_a_confirmer: 'info',
  rdv_demande: 'info',
  rdv_confirme: 'success',
  rdv_refuse: 'warning',
  rdv_indisponible: 'warning',
  rdv_expire: 'warning',
  rdv_reporte: 'warning',
  rdv_change: 'info',
  rdv_annule: 'warning',
  rdv_rappel: 'info',
  rdv_avis: 'info',
  agenda_demande: 'info',
  agenda_nouveau: 'info',
  agenda_reporte: 'warning',
  agenda_annule: 'warning',
  agenda_libere: 'info',
};

interface Phrase {
  prestation: string;
  quand: string;
  /** When it was to be before. */
  avant: string;
  intervenants: string;
  limite: string;
}

function phraseOf(donnees: DonneesParticipant, langue: Langue): Phrase {
  return {
    prestation: isolated(donnees.prestation, langue),
    quand: quandText(donnees.debut, donnees, langue),
    avant: quandText(donnees.avant ?? donnees.debut, donnees, langue),
    intervenants: donnees.intervenants.map((nom) => isolated(nom, langue)).join(', '),
    limite: quandText(donnees.limite ?? donnees.debut, { ...donnees, fuseau_lieu: null }, langue),
  };
}

type Textes<Modele extends string, Facts> = Record<
  Modele,
  { titre: string; message: (facts: Facts) => string }
>;

const PARTICIPANTS: Record<Langue, Textes<ModeleParticipant, Phrase>> = {
  fr: {
    rdv_a_confirmer: {
      titre: 'Confirmez votre rendez-vous',
      message: (p) =>
        `Vous avez demandé « ${p.prestation} » pour le ${p.quand}. Le créneau vous est gardé jusqu'au ${p.limite} : confirmez-le d'ici là. Si ce n'était pas vous, ne faites rien.`,
    },
    rdv_demande: {
      titre: 'Demande de rendez-vous reçue',
      message: (p) =>
        `Votre demande « ${p.prestation} » pour le ${p.quand} est bien arrivée. Le créneau vous est gardé en attendant la réponse.`,
    },
    rdv_confirme: {
      titre: 'Rendez-vous confirmé',
      message: (p) => `« ${p.prestation} » avec ${p.intervenants} : ${p.quand}.`,
    },
    rdv_refuse: {
      titre: 'Demande de rendez-vous refusée',
      message: (p) => `Votre demande « ${p.prestation} » pour le ${p.quand} n'a pas pu être acceptée.`,
    },
    rdv_indisponible: {
      titre: 'Créneau pris entre-temps',
      message: (p) =>
        `« ${p.prestation} » n'a pas pu être réservé pour le ${p.quand} : un autre engagement venait d'être noté à cette heure-là. Choisissez un autre moment, nous en serons heureux.`,
    },
    rdv_expire: {
      titre: 'Demande de rendez-vous sans réponse',
      message: (p) =>
        `Personne n'a pu répondre à temps à votre demande « ${p.prestation} » pour le ${p.quand}. Le créneau n'est plus gardé.`,
    },
    rdv_reporte: {
      titre: 'Rendez-vous déplacé',
      message: (p) => `« ${p.prestation} » est déplacé : ${p.quand}, au lieu du ${p.avant}.`,
    },
    rdv_change: {
      titre: 'Rendez-vous modifié',
      message: (p) => `« ${p.prestation} », le ${p.quand}, sera avec ${p.intervenants}.`,
    },
    rdv_annule: {
      titre: 'Rendez-vous annulé',
      message: (p) => `« ${p.prestation} », prévu le ${p.quand}, est annulé.`,
    },
    rdv_rappel: {
      titre: 'Rappel de rendez-vous',
      message: (p) => `« ${p.prestation} » avec ${p.intervenants} : ${p.quand}.`,
    },
    rdv_avis: {
      titre: 'Comment cela s’est-il passé ?',
      message: (p) =>
        `Vous êtes venu pour « ${p.prestation} », le ${p.quand}. Dites-nous en un instant ce que vous en avez pensé : nous ne vous le demanderons qu'une fois.`,
    },
  },
  en: {
    rdv_a_confirmer: {
      titre: 'Confirm your appointment',
      message: (p) =>
        `You asked for '${p.prestation}' on ${p.quand}. The time is kept for you until ${p.limite}: please confirm it by then. If it was not you, do nothing.`,
    },
    rdv_demande: {
      titre: 'Appointment request received',
      message: (p) =>
        `Your request '${p.prestation}' for ${p.quand} has arrived. The time is kept for you until it is answered.`,
    },
    rdv_confirme: {
      titre: 'Appointment confirmed',
      message: (p) => `'${p.prestation}' with ${p.intervenants}: ${p.quand}.`,
    },
    rdv_refuse: {
      titre: 'Appointment request declined',
      message: (p) => `Your request '${p.prestation}' for ${p.quand} could not be accepted.`,
    },
    rdv_indisponible: {
      titre: 'Time taken meanwhile',
      message: (p) =>
        `'${p.prestation}' could not be booked for ${p.quand}: something else had just been entered at that time. Please choose another time, we would be glad.`,
    },
    rdv_expire: {
      titre: 'Appointment request not answered',
      message: (p) =>
        `Nobody could answer your request '${p.prestation}' for ${p.quand} in time. The time is no longer kept.`,
    },
    rdv_reporte: {
      titre: 'Appointment moved',
      message: (p) => `'${p.prestation}' has moved: ${p.quand}, instead of ${p.avant}.`,
    },
    rdv_change: {
      titre: 'Appointment changed',
      message: (p) => `'${p.prestation}', ${p.quand}, will be with ${p.intervenants}.`,
    },
    rdv_annule: {
      titre: 'Appointment cancelled',
      message: (p) => `'${p.prestation}', planned for ${p.quand}, is cancelled.`,
    },
    rdv_rappel: {
      titre: 'Appointment reminder',
      message: (p) => `'${p.prestation}' with ${p.intervenants}: ${p.quand}.`,
    },
    rdv_avis: {
      titre: 'How was it?',
      message: (p) =>
        `You came for '${p.prestation}', ${p.quand}. Tell us in a moment what you thought of it: we ask only once.`,
    },
  },
  ar: {
    rdv_a_confirmer: {
      titre: 'أكد موعدك',
      message: (p) =>
        `طلبت «${p.prestation}» ليوم ${p.quand}. يبقى الوقت محجوزًا لك إلى غاية ${p.limite}: أكده قبل ذلك. إن لم تكن أنت صاحب الطلب فلا تفعل شيئًا.`,
    },
    rdv_demande: {
      titre: 'توصلنا بطلب موعدك',
      message: (p) => `وصل طلبك «${p.prestation}» ليوم ${p.quand}. يبقى الوقت محجوزًا لك في انتظار الجواب.`,
    },
    rdv_confirme: {
      titre: 'تأكد موعدك',
      message: (p) => `«${p.prestation}» مع ${p.intervenants}: ${p.quand}.`,
    },
    rdv_refuse: {
      titre: 'لم يُقبل طلب الموعد',
      message: (p) => `تعذر قبول طلبك «${p.prestation}» ليوم ${p.quand}.`,
    },
    rdv_indisponible: {
      titre: 'شُغل الوقت في هذه الأثناء',
      message: (p) =>
        `تعذر حجز «${p.prestation}» ليوم ${p.quand}: سُجل التزام آخر في ذلك الوقت قبل قليل. اختر وقتًا آخر، ويسعدنا استقبالك.`,
    },
    rdv_expire: {
      titre: 'طلب موعد بلا جواب',
      message: (p) =>
        `لم يتمكن أحد من الرد في الوقت المناسب على طلبك «${p.prestation}» ليوم ${p.quand}. لم يعد الوقت محجوزًا.`,
    },
    rdv_reporte: {
      titre: 'تغيّر موعدك',
      message: (p) => `تغيّر موعد «${p.prestation}»: ${p.quand}، بدلًا من ${p.avant}.`,
    },
    rdv_change: {
      titre: 'تعديل في موعدك',
      message: (p) => `«${p.prestation}»، يوم ${p.quand}، سيكون مع ${p.intervenants}.`,
    },
    rdv_annule: {
      titre: 'أُلغي الموعد',
      message: (p) => `أُلغي «${p.prestation}» الذي كان مقررًا يوم ${p.quand}.`,
    },
    rdv_rappel: {
      titre: 'تذكير بموعد',
      message: (p) => `«${p.prestation}» مع ${p.intervenants}: ${p.quand}.`,
    },
    rdv_avis: {
      titre: 'كيف كان موعدك؟',
      message: (p) =>
        `حضرت من أجل «${p.prestation}»، يوم ${p.quand}. قل لنا في لحظة ما رأيك: لن نسألك إلا مرة واحدة.`,
    },
  },
};

type PhraseAgenda = Phrase & { clients: string };

const AGENDA: Record<Langue, Textes<ModeleAgenda, PhraseAgenda>> = {
  fr: {
    agenda_demande: {
      titre: 'Demande de rendez-vous à valider',
      message: (p) => `${p.clients} demande « ${p.prestation} » : ${p.quand}.`,
    },
    agenda_nouveau: {
      titre: 'Nouveau rendez-vous',
      message: (p) => `${p.clients} a rendez-vous avec vous, « ${p.prestation} » : ${p.quand}.`,
    },
    agenda_reporte: {
      titre: 'Rendez-vous de votre agenda déplacé',
      message: (p) => `« ${p.prestation} » avec ${p.clients} : ${p.quand}, au lieu du ${p.avant}.`,
    },
    agenda_annule: {
      titre: 'Rendez-vous de votre agenda annulé',
      message: (p) => `« ${p.prestation} » avec ${p.clients}, prévu le ${p.quand}, n'a pas lieu.`,
    },
    agenda_libere: {
      titre: 'Rendez-vous retiré de votre agenda',
      message: (p) => `« ${p.prestation} » avec ${p.clients}, le ${p.quand}, est confié à quelqu'un d'autre.`,
    },
  },
  en: {
    agenda_demande: {
      titre: 'Appointment request to accept',
      message: (p) => `${p.clients} asks for '${p.prestation}': ${p.quand}.`,
    },
    agenda_nouveau: {
      titre: 'New appointment',
      message: (p) => `${p.clients} has an appointment with you, '${p.prestation}': ${p.quand}.`,
    },
    agenda_reporte: {
      titre: 'Appointment in your diary moved',
      message: (p) => `'${p.prestation}' with ${p.clients}: ${p.quand}, instead of ${p.avant}.`,
    },
    agenda_annule: {
      titre: 'Appointment in your diary cancelled',
      message: (p) => `'${p.prestation}' with ${p.clients}, planned for ${p.quand}, does not take place.`,
    },
    agenda_libere: {
      titre: 'Appointment removed from your diary',
      message: (p) => `'${p.prestation}' with ${p.clients}, ${p.quand}, has been given to somebody else.`,
    },
  },
  ar: {
    agenda_demande: {
      titre: 'طلب موعد في انتظار موافقتك',
      message: (p) => `${p.clients} يطلب «${p.prestation}»: ${p.quand}.`,
    },
    agenda_nouveau: {
      titre: 'موعد جديد',
      message: (p) => `لديك موعد مع ${p.clients}، «${p.prestation}»: ${p.quand}.`,
    },
    agenda_reporte: {
      titre: 'تغيّر موعد في جدولك',
      message: (p) => `«${p.prestation}» مع ${p.clients}: ${p.quand}، بدلًا من ${p.avant}.`,
    },
    agenda_annule: {
      titre: 'أُلغي موعد من جدولك',
      message: (p) => `«${p.prestation}» مع ${p.clients}، المقرر يوم ${p.quand}، لن ينعقد.`,
    },
    agenda_libere: {
      titre: 'سُحب موعد من جدولك',
      message: (p) => `«${p.prestation}» مع ${p.clients}، يوم ${p.quand}، أُسند إلى شخص آخر.`,
    },
  },
};

const SOIR: Record<Langue, { titre: string; message: string }> = {
  fr: {
    titre: 'Rendez-vous du jour à clore',
    message: 'Pour ceux-ci, personne n’a dit si le client est venu :',
  },
  en: {
    titre: 'Appointments of the day to settle',
    message: 'Of these nobody has said whether the client came:',
  },
  ar: { titre: 'مواعيد اليوم التي لم تُقفل', message: 'لم يقل أحد هل حضر أصحاب هذه المواعيد:' },
};

const titlesOf = (catalogue: Record<Langue, Record<string, { titre: string }>>): string[] =>
  Object.values(catalogue).flatMap((textes) => Object.values(textes).map(({ titre }) => titre));

/** The titles of these messages, in every language. */
export const TITRES_PARTICIPANT: readonly string[] = titlesOf(PARTICIPANTS);
export const TITRES_AGENDA: readonly string[] = titlesOf(AGENDA);
export const TITRES_SOIR: readonly string[] = Object.values(SOIR).map(({ titre }) => titre);
