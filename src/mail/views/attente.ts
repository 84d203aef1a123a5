import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { lienDAttente } from '../../domain/rendez-vous/invitations';
import { lieuText, quandText } from '../../domain/rendez-vous/textes';
import {
  attenteText,
  type ContenuAttente,
  type ModeleAttente,
} from '../../domain/rendez-vous/textes-attente';
import { formatDay, isolated, type Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf, type Ton } from './view';

/** A message to somebody who waits; the page it leads to shows what is offered, and asks before anything is done. */
export function attenteView(contenu: ContenuAttente, langue: Langue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const { offre, lieu } = donnees;
  const isOver = modele === 'attente_finie';
  const url = isOver
    ? null
    : lienDAttente(options.publicUrl, options.linkToken(String(donnees.liste_attente_id)));
  return mailView(langue, options, {
    ...attenteText(contenu, langue),
    sujet: clipLine(textes.sujet(donnees.prestation), MAIL.ligne),
    sujetFil: `liste-attente-${donnees.liste_attente_id}`,
    badges: [{ texte: textes.etats[modele], ton: TONS[modele] }],
    details: rowsOf([
      [textes.prestation, isolated(donnees.prestation, langue)],
      [textes.quand, offre && quandText(offre.debut, donnees, langue)],
      [textes.avec, offre?.intervenants.join(', ')],
      [textes.lieu, offre && lieuText({ lieu, salles: offre.salles })],
      [textes.attente, `${formatDay(donnees.date_debut, langue)} – ${formatDay(donnees.date_fin, langue)}`],
    ]),
    action:
      url === null
        ? null
        : {
            url,
            texte: modele === 'attente_offre' ? textes.repondre : textes.voir,
            invitation: modele === 'attente_offre' ? textes.invitation : null,
          },
    note: url === null ? null : textes.note,
  });
}

const TONS: Record<ModeleAttente, Ton> = {
  attente_inscrite: 'info',
  attente_offre: 'attention',
  attente_passee: 'neutre',
  attente_finie: 'neutre',
};

interface Textes {
  sujet: (prestation: string) => string;
  etats: Record<ModeleAttente, string>;
  prestation: string;
  quand: string;
  avec: string;
  lieu: string;
  attente: string;
  repondre: string;
  voir: string;
  invitation: string;
  note: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (prestation) => `Liste d’attente : ${prestation}`,
    etats: {
      attente_inscrite: 'En attente',
      attente_offre: 'Proposé',
      attente_passee: 'Passé',
      attente_finie: 'Terminé',
    },
    prestation: 'Prestation',
    quand: 'Date',
    avec: 'Avec',
    lieu: 'Lieu',
    attente: 'Jours attendus',
    repondre: 'Accepter ou refuser',
    voir: 'Voir ou quitter la liste',
    invitation: 'À faire : dites si vous prenez ce créneau.',
    note: 'Ce lien est personnel : qui le possède peut répondre à votre place.',
  },
  en: {
    sujet: (prestation) => `Waiting list: ${prestation}`,
    etats: {
      attente_inscrite: 'Waiting',
      attente_offre: 'Offered',
      attente_passee: 'Gone',
      attente_finie: 'Over',
    },
    prestation: 'Service',
    quand: 'Date',
    avec: 'With',
    lieu: 'Place',
    attente: 'Days waited for',
    repondre: 'Accept or decline',
    voir: 'See or leave the list',
    invitation: 'To do: say whether you take this time.',
    note: 'This link is personal: whoever has it can answer in your place.',
  },
  ar: {
    sujet: (prestation) => `لائحة الانتظار: ${isolated(prestation, 'ar')}`,
    etats: {
      attente_inscrite: 'في الانتظار',
      attente_offre: 'معروض عليك',
      attente_passee: 'فات',
      attente_finie: 'انتهى',
    },
    prestation: 'الخدمة',
    quand: 'التاريخ',
    avec: 'مع',
    lieu: 'المكان',
    attente: 'الأيام المنتظرة',
    repondre: 'القبول أو الرفض',
    voir: 'عرض اللائحة أو مغادرتها',
    invitation: 'المطلوب: قل هل تأخذ هذا الوقت.',
    note: 'هذا الرابط شخصي: من يملكه يستطيع الجواب بدلًا منك.',
  },
};
