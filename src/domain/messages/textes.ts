import type { MessageText } from '../writing';

/** What one person writes to others. */

export const MODELES_LIBRES = ['message'] as const;
export type ModeleLibre = (typeof MODELES_LIBRES)[number];

export interface ContenuLibre {
  modele: ModeleLibre;
  donnees: DonneesLibres;
}

/** JSON-safe: it is stored with the message. */
export interface DonneesLibres {
  titre: string;
  message: string;
  type: MessageText['type'];
  /** Who wrote it. */
  auteur: { nom: string; prenom: string };
}

/** As it was written, in whatever language. */
export function libreText({ donnees: { titre, message, type } }: ContenuLibre): MessageText {
  return { titre, message, type };
}
