/** The house that the mails are from: its name, its colour and its logo. */
export interface Maison {
  nom: string;
  /** `#rrggbb`, of the button and the stripe above the mail. */
  couleur: string;
  /** Travels with the mail, so that nothing is loaded from elsewhere when it is opened; null for the name alone. */
  logo: Logo | null;
}

export interface Logo {
  type: 'image/png' | 'image/jpeg';
  /** The picture, in base64. */
  contenu: string;
  /** Pixels, as shown. */
  largeur: number;
  hauteur: number;
}

/** Of an installation that has named none. */
export const MAISON: Maison = { nom: 'Régie', couleur: '#0f766e', logo: null };

/** What the logo is called inside a mail (RFC 2392). */
export const LOGO_CID = 'logo@regie';
