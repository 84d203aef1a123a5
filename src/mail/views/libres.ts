import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { ContenuLibre } from '../../domain/messages/textes';
import { fullName, isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** What one person writes to others: it names who wrote it, so that it does not pass for the system's own. */
export function libreView({ donnees }: ContenuLibre, langue: Langue, options: RenderOptions): MailView {
  const auteur = fullName(donnees.auteur);
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    titre: donnees.titre,
    message: donnees.message,
    sujet: clipLine(textes.sujet(auteur, donnees.titre), MAIL.ligne),
    badges: [],
    details: rowsOf([[textes.auteur, auteur]]),
    action: { url: `${options.publicUrl}/notifications`, texte: textes.ouvrir, invitation: null },
  });
}

interface Textes {
  sujet: (auteur: string, titre: string) => string;
  auteur: string;
  ouvrir: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (auteur, titre) => `${auteur} : ${titre}`,
    auteur: 'Envoyé par',
    ouvrir: 'Voir les notifications',
  },
  en: {
    sujet: (auteur, titre) => `${auteur}: ${titre}`,
    auteur: 'Sent by',
    ouvrir: 'See the notifications',
  },
  ar: {
    sujet: (auteur, titre) => `${isolated(auteur, 'ar')}: ${isolated(titre, 'ar')}`,
    auteur: 'المرسل',
    ouvrir: 'عرض الإشعارات',
  },
};
