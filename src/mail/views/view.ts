import { MAIL } from '../../domain/limites';
import { clip } from '../../domain/lines';
import type { WrittenLangue } from '../../domain/writing';

/** Everything the templates write. They refuse a name that is missing here, so absent values are null. */
export interface MailView {
  langue: WrittenLangue;
  libelles: Libelles;
  sujet: string;
  titre: string;
  message: string;
  message_lignes: string[];
  badges: Badge[];
  details: Detail[];
  pieces: { reference: string; designation: string; quantite: number }[] | null;
  /** How many more there are, in words. */
  autres_pieces: string | null;
  /** The one thing to do, with a sentence before it; null when there is none that a link leads to. */
  action: { url: string; texte: string; invitation: string | null } | null;
  /** A sentence after it. */
  note: string | null;
  correlation: string | null;
}

export interface Badge {
  texte: string;
  fond: string;
  encre: string;
}

/** A label and its value, by lines. */
export interface Detail {
  label: string;
  lignes: string[];
}

export interface RenderOptions {
  /** Base of the links, without a trailing slash. */
  publicUrl: string;
  /** IANA zone in which dates that belong to no site are written. */
  timeZone: string;
  /** The token that proves that somebody has the mail with this link. */
  linkToken: (lienId: string) => string;
  /** Written in the footer, so that someone who writes to the support names the event. */
  correlationId?: string;
}

/** A fact that is not known has no row. */
export function rowsOf(facts: [label: string, value: string | null | undefined][]): Detail[] {
  return facts.flatMap(([label, value]) => (value ? [{ label, lignes: lines(value) }] : []));
}

/** As many as an email shows (`domain/limites.ts`). */
export function lines(text: string): string[] {
  return clip(text.trim(), MAIL.texte).split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
}

/** What the templates themselves say. */
interface Libelles {
  deux_points: string;
  pieces: string;
  piece: string;
  quantite: string;
  pied: string;
  correlation: string;
}

export const LIBELLES: Record<WrittenLangue, Libelles> = {
  fr: {
    deux_points: ' : ',
    pieces: 'Pièces',
    piece: 'Désignation',
    quantite: 'Quantité',
    pied: 'Message envoyé automatiquement par Régie, merci de ne pas y répondre.',
    correlation: 'Référence à rappeler au support',
  },
  en: {
    deux_points: ': ',
    pieces: 'Parts',
    piece: 'Part',
    quantite: 'Quantity',
    pied: 'Sent automatically by Régie; please do not reply.',
    correlation: 'Reference to give to the support team',
  },
};
