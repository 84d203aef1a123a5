import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { lienDeGestion } from '../../domain/rendez-vous/invitations';
import { lieuText, quandText } from '../../domain/rendez-vous/textes';
import {
  agendaSerieText,
  type ContenuAgendaSerie,
  type ContenuSerie,
  type DonneesSerie,
  type ModeleAgendaSerie,
  type ModeleSerie,
  sauteesText,
  serieText,
} from '../../domain/rendez-vous/textes-series';
import { isolated, type Langue } from '../../domain/writing';
import { type Detail, type MailView, mailView, type RenderOptions, rowsOf, type Ton } from './view';

/** A message to somebody who comes to several appointments: each with the page on which they change it alone. */
export function serieView(contenu: ContenuSerie, langue: Langue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const isOver = modele === 'rdv_serie_annulee';
  return mailView(langue, options, {
    ...serieText(contenu, langue),
    sujet: clipLine(textes.sujet(donnees.prestation), MAIL.ligne),
    sujetFil: `serie-${donnees.serie_id}`,
    badges: [{ texte: textes.etats[modele], ton: TONS[modele] }],
    details: details(donnees, langue),
    liens: donnees.rendez_vous.map(({ uid, debut }) => ({
      texte: quandText(debut, donnees, langue),
      url: isOver ? null : lienDeGestion(options.publicUrl, options.linkToken(uid)),
    })),
    citations: rowsOf([[textes.motif, donnees.motif]]),
    action: null,
    note: isOver ? null : textes.note,
  });
}

/** A message to somebody who receives. */
export function agendaSerieView(
  contenu: ContenuAgendaSerie,
  langue: Langue,
  options: RenderOptions,
): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    ...agendaSerieText(contenu, langue),
    sujet: clipLine(textes.sujet(donnees.prestation), MAIL.ligne),
    sujetFil: `serie-${donnees.serie_id}`,
    badges: [{ texte: textes.etats[modele], ton: TONS[modele] }],
    details: [...rowsOf([[textes.client, donnees.clients.join(', ')]]), ...details(donnees, langue)],
    citations: rowsOf([[textes.motif, donnees.motif]]),
    action: {
      url: `${options.publicUrl}/rendez-vous?serie_id=${donnees.serie_id}`,
      texte: textes.ouvrir,
      invitation: modele === 'agenda_serie_demande' ? textes.repondre : null,
    },
  });
}

function details(donnees: DonneesSerie, langue: Langue): Detail[] {
  const textes = TEXTES[langue];
  const { rendez_vous, lieu, prestation } = donnees;
  const distinct = (names: string[]) => [...new Set(names)];
  const salles = distinct(rendez_vous.flatMap((one) => one.salles));
  return rowsOf([
    [textes.prestation, isolated(prestation, langue)],
    [textes.avec, distinct(rendez_vous.flatMap((one) => one.intervenants)).join(', ')],
    [textes.lieu, lieuText({ lieu, salles })],
    [textes.sautees, sauteesText(donnees, langue)],
  ]);
}

const TONS: Record<ModeleSerie | ModeleAgendaSerie, Ton> = {
  rdv_serie: 'info',
  rdv_serie_demande: 'info',
  rdv_serie_annulee: 'alerte',
  agenda_serie: 'info',
  agenda_serie_demande: 'attention',
  agenda_serie_annulee: 'alerte',
};

interface Textes {
  sujet: (prestation: string) => string;
  etats: Record<ModeleSerie | ModeleAgendaSerie, string>;
  prestation: string;
  avec: string;
  lieu: string;
  sautees: string;
  client: string;
  motif: string;
  note: string;
  ouvrir: string;
  repondre: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (prestation) => `Rendez-vous : ${prestation}`,
    etats: {
      rdv_serie: 'Confirmés',
      rdv_serie_demande: 'En attente',
      rdv_serie_annulee: 'Annulés',
      agenda_serie: 'Nouveaux',
      agenda_serie_demande: 'À valider',
      agenda_serie_annulee: 'Annulés',
    },
    prestation: 'Prestation',
    avec: 'Avec',
    lieu: 'Lieu',
    sautees: 'Dates non disponibles',
    client: 'Client',
    motif: 'Motif',
    note: 'Chaque date mène à la page où la déplacer ou l’annuler. Ces liens sont personnels : qui les possède peut le faire.',
    ouvrir: 'Voir les rendez-vous',
    repondre: 'À faire : acceptez ou refusez chaque demande.',
  },
  en: {
    sujet: (prestation) => `Appointment: ${prestation}`,
    etats: {
      rdv_serie: 'Confirmed',
      rdv_serie_demande: 'Pending',
      rdv_serie_annulee: 'Cancelled',
      agenda_serie: 'New',
      agenda_serie_demande: 'To accept',
      agenda_serie_annulee: 'Cancelled',
    },
    prestation: 'Service',
    avec: 'With',
    lieu: 'Place',
    sautees: 'Dates that were not free',
    client: 'Client',
    motif: 'Reason',
    note: 'Each date leads to the page where it is moved or cancelled. These links are personal: whoever has them can do so.',
    ouvrir: 'See the appointments',
    repondre: 'To do: accept or decline each request.',
  },
  ar: {
    sujet: (prestation) => `موعد: ${isolated(prestation, 'ar')}`,
    etats: {
      rdv_serie: 'مؤكدة',
      rdv_serie_demande: 'قيد الانتظار',
      rdv_serie_annulee: 'ملغاة',
      agenda_serie: 'جديدة',
      agenda_serie_demande: 'في انتظار الموافقة',
      agenda_serie_annulee: 'ملغاة',
    },
    prestation: 'الخدمة',
    avec: 'مع',
    lieu: 'المكان',
    sautees: 'تواريخ غير متاحة',
    client: 'الزبون',
    motif: 'السبب',
    note: 'يؤدي كل تاريخ إلى الصفحة التي يُغيَّر فيها أو يُلغى. هذه الروابط شخصية: من يملكها يستطيع ذلك.',
    ouvrir: 'عرض المواعيد',
    repondre: 'المطلوب: اقبل كل طلب أو ارفضه.',
  },
};
