import { isolated, type Langue, type MessageText } from '../writing';

/** What people are told about the stock, in their language. */

export const MODELES_STOCK = ['stock_bas'] as const;
export type ModeleStock = (typeof MODELES_STOCK)[number];

export interface ContenuStock {
  modele: ModeleStock;
  donnees: DonneesStock;
}

/** The facts of a message, as they were when it happened. JSON-safe: it is stored with the message. */
export interface DonneesStock {
  piece_id: number;
  reference: string;
  designation: string;
  /** Units on the shelf, and those of them that nobody has been promised. */
  stock: number;
  disponible: number;
  seuil_alerte: number;
}

/** The title, the sentence and the severity of a message about the stock. */
export function stockText({ modele, donnees }: ContenuStock, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return { titre, message: message(donnees), type: 'warning' };
}

const CATALOGUE: Record<
  Langue,
  Record<ModeleStock, { titre: string; message: (donnees: DonneesStock) => string }>
> = {
  fr: {
    stock_bas: {
      titre: 'Stock bas',
      message: (d) =>
        `Il reste ${d.disponible} '${d.designation}' (${d.reference}) disponible(s), pour un seuil d'alerte de ${d.seuil_alerte}`,
    },
  },
  en: {
    stock_bas: {
      titre: 'Low stock',
      message: (d) =>
        `${d.disponible} of '${d.designation}' (${d.reference}) are left; the alert threshold is ${d.seuil_alerte}`,
    },
  },
  ar: {
    stock_bas: {
      titre: 'مخزون منخفض',
      message: (d) =>
        `القطعة «${isolated(d.designation, 'ar')}» (${isolated(d.reference, 'ar')}): المتوفر ${d.disponible}، وحد التنبيه ${d.seuil_alerte}`,
    },
  },
};

/** The titles of these messages, in every language. */
export const TITRES_STOCK: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
