import type { Langue } from '../domain/writing';

/** What a report is written on: whose paper it is, and in which language. JSON-safe but for the bytes of the logo. */
export interface Papier {
  langue: Langue;
  maison: Maison;
}

/** The house, as its letterhead shows it. Colours are `#rrggbb`. */
export interface Maison {
  nom: string;
  couleur: string;
  /** For text on white. */
  couleur_texte: string;
  coordonnees: string[];
  logo: Image | null;
}

/** A PNG or JPEG, and its size in pixels. */
export interface Image {
  octets: Uint8Array;
  largeur: number;
  hauteur: number;
}

/** Of a house that has said nothing. */
export const PAPIER_USUEL: Papier = {
  langue: 'fr',
  maison: { nom: 'Régie', couleur: '#0f766e', couleur_texte: '#0f766e', coordonnees: [], logo: null },
};
