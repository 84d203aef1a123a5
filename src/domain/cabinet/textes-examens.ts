import type { Langue, MessageText } from '../writing';

/** What doctors and who runs a practice are told of examens: which one, by its number, and nothing that it is of. */

export const MODELES_EXAMEN = ['examen_en_retard', 'examen_a_voir', 'examen_critique_a_voir'] as const;
export type ModeleExamen = (typeof MODELES_EXAMEN)[number];

export interface ContenuExamen {
  modele: ModeleExamen;
  donnees: DonneesExamen;
}

/** JSON-safe: it is stored with the message. */
export interface DonneesExamen {
  examen_id: number;
}

export function examenText({ modele, donnees }: ContenuExamen, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return {
    titre,
    message: message(donnees.examen_id),
    type: modele === 'examen_critique_a_voir' ? 'error' : 'warning',
  };
}

const CATALOGUE: Record<Langue, Record<ModeleExamen, { titre: string; message: (id: number) => string }>> = {
  fr: {
    examen_en_retard: {
      titre: 'Résultat attendu',
      message: (id) => `Le résultat de l’examen n° ${id} n’est pas arrivé à la date attendue`,
    },
    examen_a_voir: {
      titre: 'Résultat à voir',
      message: (id) => `Le résultat de l’examen n° ${id} attend d’être vu par un médecin`,
    },
    examen_critique_a_voir: {
      titre: 'Résultat critique à voir',
      message: (id) => `Le résultat critique de l’examen n° ${id} attend d’être vu par un médecin`,
    },
  },
  en: {
    examen_en_retard: {
      titre: 'Result overdue',
      message: (id) => `The result of test no. ${id} has not come by the day it was expected`,
    },
    examen_a_voir: {
      titre: 'Result to be seen',
      message: (id) => `The result of test no. ${id} waits to be seen by a doctor`,
    },
    examen_critique_a_voir: {
      titre: 'Critical result to be seen',
      message: (id) => `The critical result of test no. ${id} waits to be seen by a doctor`,
    },
  },
  ar: {
    examen_en_retard: {
      titre: 'نتيجة متأخرة',
      message: (id) => `لم تصل نتيجة الفحص رقم ${id} في التاريخ المنتظر`,
    },
    examen_a_voir: {
      titre: 'نتيجة تنتظر الاطلاع',
      message: (id) => `نتيجة الفحص رقم ${id} تنتظر اطلاع طبيب`,
    },
    examen_critique_a_voir: {
      titre: 'نتيجة حرجة تنتظر الاطلاع',
      message: (id) => `النتيجة الحرجة للفحص رقم ${id} تنتظر اطلاع طبيب`,
    },
  },
};

/** The titles of these messages, in every language. */
export const TITRES_EXAMEN: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
