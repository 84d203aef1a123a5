import type { TexteCourt } from '../messages/sms';
import { formatInstant, isolated, type Langue, type MessageText, type TypeNotification } from '../writing';
import type { Lieu } from './prestations';
import { quandText } from './textes';

/** What is said of several appointments that were booked, or cancelled, together: once, of all of them. */

export const MODELES_SERIE = ['rdv_serie', 'rdv_serie_demande', 'rdv_serie_annulee'] as const;
export type ModeleSerie = (typeof MODELES_SERIE)[number];

export const MODELES_AGENDA_SERIE = ['agenda_serie', 'agenda_serie_demande', 'agenda_serie_annulee'] as const;
export type ModeleAgendaSerie = (typeof MODELES_AGENDA_SERIE)[number];

/** To somebody who comes. */
export interface ContenuSerie {
  modele: ModeleSerie;
  donnees: DonneesSerie;
}

/** To somebody who receives. */
export interface ContenuAgendaSerie {
  modele: ModeleAgendaSerie;
  donnees: DonneesAgendaSerie;
}

/** The facts of a series, as they were when it was said. JSON-safe: they are stored with the message. */
export interface DonneesSerie {
  serie_id: string;
  /** When it was said. */
  date: string;
  prestation: string;
  lieu: Lieu | null;
  /** As `DonneesRendezVous` has it. */
  fuseau_lieu: string | null;
  /** Of whoever reads it. */
  fuseau_horaire: string;
  /** In the order in which they begin; at least one. */
  rendez_vous: DateDeSerie[];
  /** Starts that could not be had. */
  sautees: string[];
  motif: string | null;
}

export interface DateDeSerie {
  rendez_vous_id: number;
  /** Its reader, as one who comes to it, by whose part the link is made; null for who receives. */
  participant_id: number | null;
  uid: string;
  sequence: number;
  debut: string;
  fin: string;
  salles: string[];
  intervenants: string[];
  /** Nobody has said yes yet. */
  a_valider: boolean;
}

export interface DonneesAgendaSerie extends DonneesSerie {
  /** Who comes. */
  clients: string[];
}

/** The title, the sentence and the severity of a message to somebody who comes. */
export function serieText({ modele, donnees }: ContenuSerie, langue: Langue): MessageText {
  const { titre, message } = SERIES[langue][modele];
  return { titre, message: message(phraseOf(donnees, langue)), type: TYPES[modele] };
}

/** What a text message says: how many there are, and when the first is. */
export function serieSms({ modele, donnees }: ContenuSerie, langue: Langue): TexteCourt {
  const { titre } = SERIES[langue][modele];
  const { nombre, quand } = phraseOf(donnees, langue);
  return { debut: `${titre} (${nombre}) : ${quand}. `, nom: donnees.prestation, fin: '' };
}

/** The same to somebody who receives, with all the dates. */
export function agendaSerieText({ modele, donnees }: ContenuAgendaSerie, langue: Langue): MessageText {
  const { titre, message } = AGENDAS[langue][modele];
  const clients = donnees.clients.map((nom) => isolated(nom, langue)).join(', ');
  const dates = donnees.rendez_vous.map(({ debut }) => formatInstant(debut, langue, donnees.fuseau_horaire));
  const said = message({ ...phraseOf(donnees, langue), clients });
  return { titre, message: [said, ...dates].join('\n'), type: TYPES[modele] };
}

export function agendaSerieSms({ modele, donnees }: ContenuAgendaSerie, langue: Langue): TexteCourt {
  const { titre } = AGENDAS[langue][modele];
  const { nombre, quand } = phraseOf(donnees, langue);
  return { debut: `${titre} (${nombre}) : ${quand}. `, nom: donnees.clients.join(', '), fin: '' };
}

/** When each of those begins that could not be had; null for none. */
export function sauteesText(donnees: DonneesSerie, langue: Langue): string | null {
  return donnees.sautees.map((debut) => quandText(debut, donnees, langue)).join('\n') || null;
}

const TYPES: Record<ModeleSerie | ModeleAgendaSerie, TypeNotification> = {
  rdv_serie: 'success',
  rdv_serie_demande: 'info',
  rdv_serie_annulee: 'warning',
  agenda_serie: 'info',
  agenda_serie_demande: 'info',
  agenda_serie_annulee: 'warning',
};

interface Phrase {
  prestation: string;
  nombre: number;
  /** When the first begins. */
  quand: string;
}

function phraseOf(donnees: DonneesSerie, langue: Langue): Phrase {
  return {
    prestation: isolated(donnees.prestation, langue),
    nombre: donnees.rendez_vous.length,
    quand: quandText(donnees.rendez_vous[0]!.debut, donnees, langue),
  };
}

type Textes<Modele extends string, Facts> = Record<
  Modele,
  { titre: string; message: (facts: Facts) => string }
>;

/** Numbers stand after their noun, with which they need not agree. */
const SERIES: Record<Langue, Textes<ModeleSerie, Phrase>> = {
  fr: {
    rdv_serie: {
      titre: 'Série de rendez-vous confirmée',
      message: (p) => `« ${p.prestation} », rendez-vous réservés : ${p.nombre}. Le premier : ${p.quand}.`,
    },
    rdv_serie_demande: {
      titre: 'Demande de série de rendez-vous reçue',
      message: (p) =>
        `Votre demande « ${p.prestation} » est bien arrivée. Rendez-vous demandés : ${p.nombre}. Le premier : ${p.quand}. ` +
        'Les créneaux vous sont gardés en attendant la réponse.',
    },
    rdv_serie_annulee: {
      titre: 'Série de rendez-vous annulée',
      message: (p) => `« ${p.prestation} », rendez-vous annulés : ${p.nombre}. Le premier : ${p.quand}.`,
    },
  },
  en: {
    rdv_serie: {
      titre: 'Series of appointments confirmed',
      message: (p) => `'${p.prestation}', appointments booked: ${p.nombre}. The first: ${p.quand}.`,
    },
    rdv_serie_demande: {
      titre: 'Request for a series of appointments received',
      message: (p) =>
        `Your request '${p.prestation}' has arrived. Appointments asked for: ${p.nombre}. The first: ${p.quand}. ` +
        'The times are kept for you until it is answered.',
    },
    rdv_serie_annulee: {
      titre: 'Series of appointments cancelled',
      message: (p) => `'${p.prestation}', appointments cancelled: ${p.nombre}. The first: ${p.quand}.`,
    },
  },
  ar: {
    rdv_serie: {
      titre: 'تأكدت سلسلة مواعيدك',
      message: (p) => `«${p.prestation}»، عدد المواعيد المحجوزة: ${p.nombre}. أولها: ${p.quand}.`,
    },
    rdv_serie_demande: {
      titre: 'توصلنا بطلب سلسلة مواعيد',
      message: (p) =>
        `وصل طلبك «${p.prestation}». عدد المواعيد المطلوبة: ${p.nombre}. أولها: ${p.quand}. ` +
        'تبقى الأوقات محجوزة لك في انتظار الجواب.',
    },
    rdv_serie_annulee: {
      titre: 'أُلغيت سلسلة المواعيد',
      message: (p) => `«${p.prestation}»، عدد المواعيد الملغاة: ${p.nombre}. أولها: ${p.quand}.`,
    },
  },
};

type PhraseAgenda = Phrase & { clients: string };

const AGENDAS: Record<Langue, Textes<ModeleAgendaSerie, PhraseAgenda>> = {
  fr: {
    agenda_serie: {
      titre: 'Nouvelle série de rendez-vous',
      message: (p) =>
        `${p.clients} a rendez-vous avec vous, « ${p.prestation} », nombre de fois : ${p.nombre}.`,
    },
    agenda_serie_demande: {
      titre: 'Demande de série de rendez-vous à valider',
      message: (p) => `${p.clients} demande « ${p.prestation} », nombre de fois : ${p.nombre}.`,
    },
    agenda_serie_annulee: {
      titre: 'Série de rendez-vous de votre agenda annulée',
      message: (p) => `« ${p.prestation} » avec ${p.clients}, rendez-vous qui n'ont pas lieu : ${p.nombre}.`,
    },
  },
  en: {
    agenda_serie: {
      titre: 'New series of appointments',
      message: (p) => `${p.clients} has appointments with you, '${p.prestation}', number: ${p.nombre}.`,
    },
    agenda_serie_demande: {
      titre: 'Request for a series of appointments to accept',
      message: (p) => `${p.clients} asks for '${p.prestation}', number: ${p.nombre}.`,
    },
    agenda_serie_annulee: {
      titre: 'Series of appointments in your diary cancelled',
      message: (p) =>
        `'${p.prestation}' with ${p.clients}, appointments that do not take place: ${p.nombre}.`,
    },
  },
  ar: {
    agenda_serie: {
      titre: 'سلسلة مواعيد جديدة',
      message: (p) => `لديك مواعيد مع ${p.clients}، «${p.prestation}»، عددها: ${p.nombre}.`,
    },
    agenda_serie_demande: {
      titre: 'طلب سلسلة مواعيد في انتظار موافقتك',
      message: (p) => `${p.clients} يطلب «${p.prestation}»، عدد المواعيد: ${p.nombre}.`,
    },
    agenda_serie_annulee: {
      titre: 'أُلغيت سلسلة مواعيد من جدولك',
      message: (p) => `«${p.prestation}» مع ${p.clients}، عدد المواعيد التي لن تنعقد: ${p.nombre}.`,
    },
  },
};

const titlesOf = (catalogue: Record<Langue, Record<string, { titre: string }>>): string[] =>
  Object.values(catalogue).flatMap((textes) => Object.values(textes).map(({ titre }) => titre));

/** The titles of these messages, in every language. */
export const TITRES_SERIE: readonly string[] = titlesOf(SERIES);
export const TITRES_AGENDA_SERIE: readonly string[] = titlesOf(AGENDAS);
