import type { TexteCourt } from '../messages/sms';
import { formatDay, isolated, type Langue, type MessageText, type TypeNotification } from '../writing';
import type { Lieu } from './prestations';
import { quandText } from './textes';

/** What is said to those who wait for a time of a service; they need no account. */

export const MODELES_ATTENTE = [
  'attente_inscrite',
  'attente_offre',
  'attente_passee',
  'attente_finie',
] as const;
export type ModeleAttente = (typeof MODELES_ATTENTE)[number];

export interface ContenuAttente {
  modele: ModeleAttente;
  donnees: DonneesAttente;
}

/** The facts, as they were when it was said. JSON-safe: they are stored with the message. */
export interface DonneesAttente {
  liste_attente_id: number;
  prestation: string;
  /** Days of the place, both included. */
  date_debut: string;
  date_fin: string;
  /** What is offered, or was; null where nothing is. */
  offre: OffreDite | null;
  lieu: Lieu | null;
  /** As `DonneesRendezVous` has it. */
  fuseau_lieu: string | null;
  /** Of whoever reads it. */
  fuseau_horaire: string;
}

export interface OffreDite {
  debut: string;
  fin: string;
  /** Until when it stands. */
  expire_le: string;
  salles: string[];
  intervenants: string[];
}

export function attenteText({ modele, donnees }: ContenuAttente, langue: Langue): MessageText {
  const { titre, message } = TEXTES[langue][modele];
  return { titre, message: message(phraseOf(donnees, langue)), type: TYPES[modele] };
}

/** What a text message says: of an offer when it is and until when it stands. */
export function attenteSms({ modele, donnees }: ContenuAttente, langue: Langue): TexteCourt {
  const { titre, message } = TEXTES[langue][modele];
  if (modele !== 'attente_offre') return { debut: `${titre} : `, nom: donnees.prestation, fin: '' };
  return { debut: message(phraseOf(donnees, langue)), nom: '', fin: '' };
}

const TYPES: Record<ModeleAttente, TypeNotification> = {
  attente_inscrite: 'info',
  attente_offre: 'success',
  attente_passee: 'info',
  attente_finie: 'warning',
};

interface Phrase {
  prestation: string;
  du: string;
  au: string;
  quand: string;
  jusqua: string;
}

function phraseOf(donnees: DonneesAttente, langue: Langue): Phrase {
  const { offre } = donnees;
  return {
    prestation: isolated(donnees.prestation, langue),
    du: formatDay(donnees.date_debut, langue),
    au: formatDay(donnees.date_fin, langue),
    quand: offre === null ? '' : quandText(offre.debut, donnees, langue),
    jusqua: offre === null ? '' : quandText(offre.expire_le, donnees, langue),
  };
}

type Textes = Record<ModeleAttente, { titre: string; message: (facts: Phrase) => string }>;

const TEXTES: Record<Langue, Textes> = {
  fr: {
    attente_inscrite: {
      titre: 'Vous êtes sur la liste d’attente',
      message: (p) =>
        `Dès qu'un créneau « ${p.prestation} » se libère entre le ${p.du} et le ${p.au} et que c'est votre tour, nous vous le proposons.`,
    },
    attente_offre: {
      titre: 'Un créneau s’est libéré pour vous',
      message: (p) =>
        `« ${p.prestation} » : ${p.quand}. Il vous est gardé jusqu'au ${p.jusqua}, puis il est proposé à la personne suivante.`,
    },
    attente_passee: {
      titre: 'Le créneau proposé est passé à quelqu’un d’autre',
      message: (p) =>
        `« ${p.prestation} », ${p.quand} : sans réponse de votre part, il est proposé à la personne suivante. Vous restez sur la liste.`,
    },
    attente_finie: {
      titre: 'Votre attente est terminée',
      message: (p) =>
        `Vous n'êtes plus sur la liste d'attente « ${p.prestation} » (du ${p.du} au ${p.au}). Vous pouvez vous y réinscrire.`,
    },
  },
  en: {
    attente_inscrite: {
      titre: 'You are on the waiting list',
      message: (p) =>
        `As soon as a time for '${p.prestation}' between ${p.du} and ${p.au} is free and it is your turn, we offer it to you.`,
    },
    attente_offre: {
      titre: 'A time is free for you',
      message: (p) =>
        `'${p.prestation}': ${p.quand}. It is kept for you until ${p.jusqua}, and then offered to the next person.`,
    },
    attente_passee: {
      titre: 'The time that was offered has gone to somebody else',
      message: (p) =>
        `'${p.prestation}', ${p.quand}: without an answer from you it is offered to the next person. You stay on the list.`,
    },
    attente_finie: {
      titre: 'You are not waiting any more',
      message: (p) =>
        `You are no longer on the waiting list for '${p.prestation}' (${p.du} to ${p.au}). You may join it again.`,
    },
  },
  ar: {
    attente_inscrite: {
      titre: 'أنت على لائحة الانتظار',
      message: (p) => `حالما يتوفر وقت لـ«${p.prestation}» بين ${p.du} و${p.au} ويحين دورك، نعرضه عليك.`,
    },
    attente_offre: {
      titre: 'توفّر وقت لك',
      message: (p) => `«${p.prestation}»: ${p.quand}. يبقى محجوزًا لك إلى ${p.jusqua}، ثم يُعرض على من يليك.`,
    },
    attente_passee: {
      titre: 'انتقل الوقت المعروض إلى شخص آخر',
      message: (p) => `«${p.prestation}»، ${p.quand}: لم يصلنا جوابك فعُرض على من يليك. ما زلت على اللائحة.`,
    },
    attente_finie: {
      titre: 'انتهى انتظارك',
      message: (p) =>
        `لم تعد على لائحة الانتظار «${p.prestation}» (من ${p.du} إلى ${p.au}). يمكنك التسجيل فيها من جديد.`,
    },
  },
};

/** The titles of these messages, in every language. */
export const TITRES_ATTENTE: readonly string[] = Object.values(TEXTES).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
