import type { Langue, MessageText } from '../writing';

/**
 * What doctors, and those who run a practice, are told of drafts that nobody has signed. It goes through what is not medical, so
 * it says a number and how long it has been, and nothing of anybody.
 */

export const MODELES_CONSULTATION = ['consultation_a_signer'] as const;

export interface ContenuConsultation {
  modele: (typeof MODELES_CONSULTATION)[number];
  donnees: {
    consultation_id: number;
    /** How long it has been a draft. */
    heures: number;
    /** Who is told: whoever wrote it, or who runs the practice. */
    a: 'auteur' | 'gerant';
  };
}

/** The title, the sentence and the severity of a message about a consultation. */
export function consultationText({ donnees }: ContenuConsultation, langue: Langue): MessageText {
  const { titre, auteur, gerant } = CATALOGUE[langue];
  const { consultation_id: id, heures, a } = donnees;
  const message = a === 'gerant' ? gerant(id, Math.round(heures / 24)) : auteur(id, heures);
  return { titre, message, type: a === 'gerant' ? 'error' : 'warning' };
}

interface Textes {
  titre: string;
  auteur: (id: number, heures: number) => string;
  gerant: (id: number, jours: number) => string;
}

const CATALOGUE: Record<Langue, Textes> = {
  fr: {
    titre: 'Consultation à signer',
    auteur: (id, heures) =>
      `Votre consultation n° ${id} est un brouillon depuis ${heures} heures : signez-la`,
    gerant: (id, jours) =>
      `La consultation n° ${id} d’un médecin du cabinet est un brouillon depuis ${jours} jours`,
  },
  en: {
    titre: 'Consultation to sign',
    auteur: (id, heures) => `Your consultation no. ${id} has been a draft for ${heures} hours: sign it`,
    gerant: (id, jours) =>
      `Consultation no. ${id} of a doctor of the practice has been a draft for ${jours} days`,
  },
  ar: {
    titre: 'فحص في انتظار التوقيع',
    auteur: (id, heures) => `الفحص رقم ${id} ما زال مسودة منذ ${heures} ساعة. المطلوب توقيعه`,
    gerant: (id, jours) => `الفحص رقم ${id} لأحد أطباء العيادة ما زال مسودة منذ ${jours} أيام`,
  },
};

/** The titles of these messages, in every language. */
export const TITRES_CONSULTATION: readonly string[] = Object.values(CATALOGUE).map(({ titre }) => titre);
