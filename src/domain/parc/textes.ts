import { isolated, type Langue, type MessageText } from '../writing';

/** What people are told about contracts, in their language. */

export const MODELES_CONTRAT = ['contrat_fin', 'contrat_visites'] as const;
export type ModeleContrat = (typeof MODELES_CONTRAT)[number];

export interface ContenuContrat {
  modele: ModeleContrat;
  donnees: DonneesContrat;
}

/** The facts of a message, as they were when it happened. JSON-safe: it is stored with the message. */
export interface DonneesContrat {
  contrat_id: number;
  reference: string;
  /** Whose it is, in full. */
  client: string;
  /** Name of the site that it holds for alone. */
  site: string | null;
  /** The last day, `2027-12-31`. */
  date_fin: string | null;
  visites_incluses: number | null;
  visites_faites: number;
}

/** The title, the sentence and the severity of a message about a contract. */
export function contratText({ modele, donnees }: ContenuContrat, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return { titre, message: message(donnees), type: 'warning' };
}

const CATALOGUE: Record<
  Langue,
  Record<ModeleContrat, { titre: string; message: (donnees: DonneesContrat) => string }>
> = {
  fr: {
    contrat_fin: {
      titre: 'Contrat bientôt terminé',
      message: (d) => `Le contrat ${d.reference} de ${d.client} se termine le ${jourFr(d.date_fin!)}`,
    },
    contrat_visites: {
      titre: 'Visites épuisées',
      message: (d) =>
        `Le contrat ${d.reference} de ${d.client} comprend ${d.visites_incluses} visite(s), et ${d.visites_faites} ont été faites`,
    },
  },
  en: {
    contrat_fin: {
      titre: 'Contract about to end',
      message: (d) => `Contract ${d.reference} of ${d.client} ends on ${d.date_fin}`,
    },
    contrat_visites: {
      titre: 'Visits used up',
      message: (d) =>
        `Contract ${d.reference} of ${d.client} includes ${d.visites_incluses} visit(s), and ${d.visites_faites} have been made`,
    },
  },
  ar: {
    contrat_fin: {
      titre: 'عقد يوشك على الانتهاء',
      message: (d) =>
        `العقد ${isolated(d.reference, 'ar')} للعميل ${isolated(d.client, 'ar')} ينتهي في ${isolated(d.date_fin!, 'ar')}`,
    },
    contrat_visites: {
      titre: 'استُنفدت الزيارات',
      message: (d) =>
        `العقد ${isolated(d.reference, 'ar')} للعميل ${isolated(d.client, 'ar')}: الزيارات المشمولة ${d.visites_incluses}، والمنجزة ${d.visites_faites}`,
    },
  },
};

const jourFr = (jour: string) => jour.split('-').reverse().join('/');

/** The titles of these messages, in every language. */
export const TITRES_CONTRAT: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
