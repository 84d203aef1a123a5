import { encreSur } from '../../domain/couleurs';
import { MAIL } from '../../domain/limites';
import { clip } from '../../domain/lines';
import { isolated, type Langue } from '../../domain/writing';
import { LOGO_CID, type Maison } from './maison';

/** Everything the templates write. They refuse a name that is missing here, so absent values are null. */
export interface MailView {
  langue: Langue;
  maison: { nom: string; couleur: string; encre: string; logo: ShownLogo | null };
  libelles: Libelles;
  sujet: string;
  /** The `Message-ID` from which every mail about the same thing descends, so that a mailbox shows one thread; null for none. */
  fil: string | null;
  /** What a mailbox shows beside the subject before the mail is opened. */
  apercu: string;
  titre: string;
  message: string;
  message_lignes: string[];
  badges: ShownBadge[];
  details: Detail[];
  /** Several things of one kind, and where each leads; null where a link would serve nothing any more. */
  liens: { texte: string; url: string | null }[];
  /** What somebody wrote, in their own words. */
  citations: Detail[];
  pieces: { reference: string; designation: string; quantite: number }[] | null;
  /** How many more there are, in words. */
  autres_pieces: string | null;
  /** What is asked of the reader, and the one place where it is done; null when there is none that a link leads to. */
  action: { url: string; texte: string; invitation: string | null } | null;
  /** A sentence after it. */
  note: string | null;
  pied: string;
  /** Where this kind of mail is switched off; null for one that cannot be. */
  desabonnement: { url: string; texte: string } | null;
  correlation: string | null;
}

/** What a badge means, and so its colours (`templates/dark.css.hbs` has those for dark screens). */
export type Ton = keyof typeof TONS;
const TONS = {
  neutre: { fond: '#e8edf2', encre: '#3f4f5e' },
  info: { fond: '#dcebfa', encre: '#14507f' },
  attention: { fond: '#fdeacd', encre: '#7a3d00' },
  alerte: { fond: '#fbdcdc', encre: '#951d1d' },
  urgent: { fond: '#951d1d', encre: '#ffffff' },
} as const;

export interface Badge {
  texte: string;
  ton: Ton;
}

interface ShownBadge extends Badge {
  fond: string;
  encre: string;
}

interface ShownLogo {
  src: string;
  largeur: number;
  hauteur: number;
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
  /** Whose mail it is. */
  maison: Maison;
  /** The token that proves that somebody has the mail with this link; null where it would serve nothing any more. */
  linkToken: (lienId: string) => string | null;
  /** Where the reader switches this kind of mail off, if they may. */
  desabonnement?: string | null;
  /** Written in the footer, so that someone who writes to the support names the event. */
  correlationId?: string;
}

/** What tells one mail from another; all else is the same in each. */
export type Particulars = Pick<MailView, 'sujet' | 'details' | 'action'> & {
  titre: string;
  /** The whole of it; clipped here. */
  message: string;
  badges: Badge[];
} & Partial<Pick<MailView, 'liens' | 'citations' | 'pieces' | 'autres_pieces' | 'note'>> & {
    /** Names what the mail is about, such as `intervention-12`: mails of one name are one thread. */
    sujetFil?: string;
  };

/** A mail with everything that all have in common. */
export function mailView(
  langue: Langue,
  { publicUrl, maison, desabonnement, correlationId }: RenderOptions,
  { message: whole, badges, sujetFil, ...particulars }: Particulars,
): MailView {
  const libelles = LIBELLES[langue];
  const message = clip(whole, MAIL.texte);
  const { nom, couleur, logo } = maison;
  return {
    liens: [],
    citations: [],
    pieces: null,
    autres_pieces: null,
    note: null,
    ...particulars,
    langue,
    maison: { nom, couleur, encre: encreSur(couleur), logo: logo && { ...logo, src: `cid:${LOGO_CID}` } },
    libelles,
    // Of this installation: another one has an intervention of the same number.
    fil: sujetFil === undefined ? null : `<${sujetFil}@${new URL(publicUrl).hostname}>`,
    apercu: `${particulars.titre}${libelles.deux_points}${message}`,
    message,
    message_lignes: lines(message),
    badges: badges.map(({ texte, ton }) => ({ texte, ton, ...TONS[ton] })),
    pied: libelles.pied(nom),
    desabonnement: desabonnement ? { url: desabonnement, texte: libelles.desabonner } : null,
    correlation: correlationId ?? null,
  };
}

/** The same for plain text, where no element keeps a value in an order of its own. */
export function asPlainText(view: MailView): MailView {
  const own = (text: string) => isolated(text, view.langue);
  const rows = (details: Detail[]) =>
    details.map(({ label, lignes }) => ({ label, lignes: lignes.map(own) }));
  return {
    ...view,
    details: rows(view.details),
    liens: view.liens.map(({ texte, url }) => ({ texte: own(texte), url })),
    citations: rows(view.citations),
    pieces:
      view.pieces?.map(({ reference, designation, quantite }) => ({
        reference: own(reference),
        designation: own(designation),
        quantite,
      })) ?? null,
  };
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
  pied: (maison: string) => string;
  desabonner: string;
  correlation: string;
}

const LIBELLES: Record<Langue, Libelles> = {
  fr: {
    deux_points: ' : ',
    pieces: 'Pièces',
    piece: 'Désignation',
    quantite: 'Quantité',
    pied: (maison) => `Message envoyé automatiquement par ${maison}, merci de ne pas y répondre.`,
    desabonner: 'Ne plus recevoir ce type de message',
    correlation: 'Référence à rappeler au support',
  },
  en: {
    deux_points: ': ',
    pieces: 'Parts',
    piece: 'Part',
    quantite: 'Quantity',
    pied: (maison) => `Sent automatically by ${maison}; please do not reply.`,
    desabonner: 'Stop receiving this kind of message',
    correlation: 'Reference to give to the support team',
  },
  ar: {
    deux_points: ': ',
    pieces: 'قطع الغيار',
    piece: 'القطعة',
    quantite: 'الكمية',
    pied: (maison) => `رسالة أرسلها ${isolated(maison, 'ar')} تلقائيًا، يُرجى عدم الرد عليها.`,
    desabonner: 'إيقاف هذا النوع من الرسائل',
    correlation: 'المرجع الذي يُذكر عند الاتصال بالدعم',
  },
};
