import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import { lienDeGestion } from '../../domain/rendez-vous/invitations';
import {
  agendaText,
  type ContenuAgenda,
  type ContenuParticipant,
  type ContenuSoir,
  type DonneesParticipant,
  lieuText,
  type ModeleAgenda,
  type ModeleParticipant,
  participantText,
  quandText,
  soirText,
} from '../../domain/rendez-vous/textes';
import { isolated, type Langue } from '../../domain/writing';
import { type Detail, type MailView, mailView, type RenderOptions, rowsOf, type Ton } from './view';

/** A message to somebody who comes: what happened, when and where by their clocks, and the page where they change it. */
export function participantView(
  contenu: ContenuParticipant,
  langue: Langue,
  options: RenderOptions,
): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  const url = OVER.has(modele) ? null : lienDeGestion(options.publicUrl, options.linkToken(donnees.uid));
  const action = actionOf(contenu, url, langue, options);
  return mailView(langue, options, {
    ...participantText(contenu, langue),
    // The same for whatever is said of this appointment: mailboxes that go by the subject keep it in one thread.
    sujet: clipLine(textes.sujet(donnees.prestation), MAIL.ligne),
    sujetFil: `rendez-vous-${donnees.uid}`,
    badges: [{ texte: textes.etats[modele], ton: TONS[modele] }],
    details: details(donnees, langue),
    citations: rowsOf([[textes.motif, donnees.motif]]),
    action,
    note: url === null || modele === 'rdv_avis' ? null : textes.note,
  });
}

/** What its reader is to do: by their link, or on the page where they choose another time. */
function actionOf(
  { modele, donnees }: ContenuParticipant,
  url: string | null,
  langue: Langue,
  { publicUrl }: RenderOptions,
): MailView['action'] {
  const textes = TEXTES[langue];
  if (modele === 'rdv_indisponible' && donnees.page)
    return { url: `${publicUrl}/rdv/${donnees.page}`, texte: textes.choisir, invitation: null };
  if (url === null) return null;
  if (modele === 'rdv_a_confirmer') return { url, texte: textes.confirmer, invitation: null };
  if (modele === 'rdv_avis') return { url, texte: textes.avis, invitation: null };
  return { url, texte: textes.gerer, invitation: textes.empeche };
}

/** A message to somebody who receives. */
export function agendaView(contenu: ContenuAgenda, langue: Langue, options: RenderOptions): MailView {
  const { modele, donnees } = contenu;
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    ...agendaText(contenu, langue),
    sujet: clipLine(textes.sujet(donnees.prestation), MAIL.ligne),
    sujetFil: `rendez-vous-${donnees.uid}`,
    badges: [{ texte: textes.etats[modele], ton: TONS[modele] }],
    details: [...rowsOf([[textes.client, donnees.clients.join(', ')]]), ...details(donnees, langue)],
    citations: rowsOf([[textes.motif, donnees.motif]]),
    action: {
      url: `${options.publicUrl}/rendez-vous/${donnees.uid}`,
      texte: textes.ouvrir,
      invitation: modele === 'agenda_demande' ? textes.repondre : null,
    },
  });
}

/** What nobody has settled in the evening. */
export function soirView(contenu: ContenuSoir, langue: Langue, options: RenderOptions): MailView {
  const textes = TEXTES[langue];
  const { titre, message } = soirText(contenu, langue);
  return mailView(langue, options, {
    titre,
    message,
    sujet: titre,
    badges: [{ texte: textes.etats.agenda_a_clore, ton: 'attention' }],
    details: [],
    action: { url: `${options.publicUrl}/agenda`, texte: textes.agenda, invitation: textes.clore },
  });
}

function details(donnees: DonneesParticipant, langue: Langue): Detail[] {
  const textes = TEXTES[langue];
  return rowsOf([
    [textes.prestation, isolated(donnees.prestation, langue)],
    [textes.quand, quandText(donnees.debut, donnees, langue)],
    [textes.avant, donnees.avant && quandText(donnees.avant, donnees, langue)],
    [textes.avec, donnees.intervenants.join(', ')],
    [textes.lieu, lieuText(donnees)],
  ]);
}

/** Of what there is nothing left to change. */
const OVER: ReadonlySet<ModeleParticipant> = new Set([
  'rdv_refuse',
  'rdv_indisponible',
  'rdv_expire',
  'rdv_annule',
]);

const TONS: Record<ModeleParticipant | ModeleAgenda, Ton> = {
  rdv_a_confirmer: 'attention',
  rdv_demande: 'info',
  rdv_confirme: 'info',
  rdv_refuse: 'attention',
  rdv_indisponible: 'attention',
  rdv_expire: 'attention',
  rdv_reporte: 'attention',
  rdv_change: 'info',
  rdv_annule: 'alerte',
  rdv_rappel: 'info',
  rdv_avis: 'neutre',
  agenda_demande: 'attention',
  agenda_nouveau: 'info',
  agenda_reporte: 'attention',
  agenda_annule: 'alerte',
  agenda_libere: 'neutre',
};

interface Textes {
  sujet: (prestation: string) => string;
  etats: Record<ModeleParticipant | ModeleAgenda | 'agenda_a_clore', string>;
  prestation: string;
  quand: string;
  avant: string;
  avec: string;
  lieu: string;
  client: string;
  motif: string;
  gerer: string;
  empeche: string;
  choisir: string;
  confirmer: string;
  avis: string;
  note: string;
  ouvrir: string;
  repondre: string;
  agenda: string;
  clore: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (prestation) => `Rendez-vous : ${prestation}`,
    etats: {
      rdv_a_confirmer: 'À confirmer',
      rdv_avis: 'Votre avis',
      rdv_demande: 'En attente',
      rdv_confirme: 'Confirmé',
      rdv_refuse: 'Refusé',
      rdv_indisponible: 'Pris entre-temps',
      rdv_expire: 'Sans réponse',
      rdv_reporte: 'Déplacé',
      rdv_change: 'Modifié',
      rdv_annule: 'Annulé',
      rdv_rappel: 'Rappel',
      agenda_demande: 'À valider',
      agenda_nouveau: 'Nouveau',
      agenda_reporte: 'Déplacé',
      agenda_annule: 'Annulé',
      agenda_libere: 'Retiré',
      agenda_a_clore: 'À clore',
    },
    prestation: 'Prestation',
    quand: 'Date',
    avant: 'Date précédente',
    avec: 'Avec',
    lieu: 'Lieu',
    client: 'Client',
    motif: 'Motif',
    gerer: 'Voir ou modifier le rendez-vous',
    empeche: 'Un empêchement ? Déplacez ou annulez ici.',
    choisir: 'Choisir un autre créneau',
    confirmer: 'Confirmer le rendez-vous',
    avis: 'Donner mon avis',
    note: 'Ce lien est personnel : qui le possède peut déplacer ou annuler le rendez-vous.',
    ouvrir: 'Voir le rendez-vous',
    repondre: 'À faire : acceptez ou refusez la demande.',
    agenda: 'Ouvrir l’agenda',
    clore: 'À faire : dites pour chacun si le client est venu.',
  },
  en: {
    sujet: (prestation) => `Appointment: ${prestation}`,
    etats: {
      rdv_a_confirmer: 'To confirm',
      rdv_avis: 'Your opinion',
      rdv_demande: 'Pending',
      rdv_confirme: 'Confirmed',
      rdv_refuse: 'Declined',
      rdv_indisponible: 'Taken meanwhile',
      rdv_expire: 'Not answered',
      rdv_reporte: 'Moved',
      rdv_change: 'Changed',
      rdv_annule: 'Cancelled',
      rdv_rappel: 'Reminder',
      agenda_demande: 'To accept',
      agenda_nouveau: 'New',
      agenda_reporte: 'Moved',
      agenda_annule: 'Cancelled',
      agenda_libere: 'Removed',
      agenda_a_clore: 'To settle',
    },
    prestation: 'Service',
    quand: 'Date',
    avant: 'Former date',
    avec: 'With',
    lieu: 'Place',
    client: 'Client',
    motif: 'Reason',
    gerer: 'See or change the appointment',
    empeche: 'Something came up? Move or cancel it here.',
    choisir: 'Choose another time',
    confirmer: 'Confirm the appointment',
    avis: 'Say what I thought',
    note: 'This link is personal: whoever has it can move or cancel the appointment.',
    ouvrir: 'See the appointment',
    repondre: 'To do: accept or decline the request.',
    agenda: 'Open the diary',
    clore: 'To do: say for each whether the client came.',
  },
  ar: {
    sujet: (prestation) => `موعد: ${isolated(prestation, 'ar')}`,
    etats: {
      rdv_a_confirmer: 'في انتظار تأكيدك',
      rdv_avis: 'رأيك',
      rdv_demande: 'قيد الانتظار',
      rdv_confirme: 'مؤكد',
      rdv_refuse: 'مرفوض',
      rdv_indisponible: 'شُغل الوقت',
      rdv_expire: 'بلا جواب',
      rdv_reporte: 'تغيّر وقته',
      rdv_change: 'معدّل',
      rdv_annule: 'ملغى',
      rdv_rappel: 'تذكير',
      agenda_demande: 'في انتظار الموافقة',
      agenda_nouveau: 'جديد',
      agenda_reporte: 'تغيّر وقته',
      agenda_annule: 'ملغى',
      agenda_libere: 'مسحوب',
      agenda_a_clore: 'في انتظار الإقفال',
    },
    prestation: 'الخدمة',
    quand: 'التاريخ',
    avant: 'التاريخ السابق',
    avec: 'مع',
    lieu: 'المكان',
    client: 'الزبون',
    motif: 'السبب',
    gerer: 'عرض الموعد أو تعديله',
    empeche: 'طرأ مانع؟ غيّر الموعد أو ألغه من هنا.',
    choisir: 'اختيار وقت آخر',
    confirmer: 'تأكيد الموعد',
    avis: 'إبداء رأيي',
    note: 'هذا الرابط شخصي: من يملكه يستطيع تغيير الموعد أو إلغاءه.',
    ouvrir: 'عرض الموعد',
    repondre: 'المطلوب: اقبل الطلب أو ارفضه.',
    agenda: 'فتح الجدول',
    clore: 'المطلوب: قل لكل موعد هل حضر الزبون.',
  },
};
