import { type ContenuConsultation, consultationText } from '../../domain/cabinet/textes-consultations';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about a draft: its number, and one action that leads to where it is shown to whoever may. */
export function consultationView(
  contenu: ContenuConsultation,
  langue: Langue,
  options: RenderOptions,
): MailView {
  const { consultation_id: id } = contenu.donnees;
  const textes = TEXTES[langue];
  const said = consultationText(contenu, langue);
  return mailView(langue, options, {
    ...said,
    sujet: clipLine(`${said.titre} (${id})`, MAIL.ligne),
    sujetFil: `consultation-${id}`,
    badges: [{ texte: textes.consultations, ton: 'attention' }],
    details: rowsOf([[textes.numero, String(id)]]),
    action: {
      url: `${options.publicUrl}/consultations/${id}`,
      texte: textes.ouvrir,
      invitation: textes.aOuvrir,
    },
  });
}

const TEXTES: Record<Langue, Record<'consultations' | 'numero' | 'ouvrir' | 'aOuvrir', string>> = {
  fr: {
    consultations: 'Consultations',
    numero: 'Numéro',
    ouvrir: 'Ouvrir la consultation',
    aOuvrir: 'Elle ne se lit que connecté, par qui la suit.',
  },
  en: {
    consultations: 'Consultations',
    numero: 'Number',
    ouvrir: 'Open the consultation',
    aOuvrir: 'It is read signed in, by whoever looks after it.',
  },
  ar: {
    consultations: 'الفحوص',
    numero: 'الرقم',
    ouvrir: 'فتح الفحص',
    aOuvrir: 'لا يقرأ إلا بعد تسجيل الدخول.',
  },
};
