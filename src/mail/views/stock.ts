import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { type ContenuStock, stockText } from '../../domain/stock/textes';
import { isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about a part: the facts in a table, and one action that leads to it. */
export function stockView(contenu: ContenuStock, langue: Langue, options: RenderOptions): MailView {
  const { donnees } = contenu;
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    ...stockText(contenu, langue),
    // The same for whatever is said of this part: mailboxes that go by the subject keep it in one thread.
    sujet: clipLine(textes.sujet(donnees.reference, donnees.designation), MAIL.ligne),
    sujetFil: `piece-${donnees.piece_id}`,
    badges: [{ texte: textes.stock, ton: 'attention' }],
    details: rowsOf([
      [textes.piece, donnees.designation],
      [textes.reference, donnees.reference],
      [textes.disponible, String(donnees.disponible)],
      [textes.enStock, String(donnees.stock)],
      [textes.seuil, String(donnees.seuil_alerte)],
    ]),
    action: {
      url: `${options.publicUrl}/pieces/${donnees.piece_id}`,
      texte: textes.ouvrir,
      invitation: textes.demande,
    },
  });
}

interface Textes {
  sujet: (reference: string, designation: string) => string;
  stock: string;
  piece: string;
  reference: string;
  disponible: string;
  enStock: string;
  seuil: string;
  demande: string;
  ouvrir: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (reference, designation) => `Pièce ${reference} : ${designation}`,
    stock: 'Stock',
    piece: 'Pièce',
    reference: 'Référence',
    disponible: 'Disponible',
    enStock: 'En stock',
    seuil: "Seuil d'alerte",
    demande: 'À faire : commandez la pièce, ou changez son seuil.',
    ouvrir: 'Voir la pièce',
  },
  en: {
    sujet: (reference, designation) => `Part ${reference}: ${designation}`,
    stock: 'Stock',
    piece: 'Part',
    reference: 'Reference',
    disponible: 'Available',
    enStock: 'In stock',
    seuil: 'Alert threshold',
    demande: 'To do: order the part, or change its threshold.',
    ouvrir: 'View the part',
  },
  ar: {
    sujet: (reference, designation) => `القطعة ${isolated(reference, 'ar')}: ${isolated(designation, 'ar')}`,
    stock: 'المخزون',
    piece: 'القطعة',
    reference: 'المرجع',
    disponible: 'المتوفر',
    enStock: 'في المخزن',
    seuil: 'حد التنبيه',
    demande: 'المطلوب: اطلب القطعة، أو غيّر حدها.',
    ouvrir: 'عرض القطعة',
  },
};
