import {
  type ContenuDesk,
  type ContenuRappelPatient,
  deskText,
  rappelPatientText,
} from '../../domain/cabinet/textes';
import type { Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions } from './view';

/** A reminder to a patient: no link, since nothing of theirs is opened by having a mail. */
export function rappelPatientView(
  contenu: ContenuRappelPatient,
  langue: Langue,
  options: RenderOptions,
): MailView {
  const { titre, message } = rappelPatientText(contenu, langue);
  return mailView(langue, options, { titre, message, sujet: titre, details: [], badges: [], action: null });
}

/** What nobody at the desk has settled: how many, and where they are. */
export function deskView(contenu: ContenuDesk, langue: Langue, options: RenderOptions): MailView {
  const { titre, message } = deskText(contenu, langue);
  return mailView(langue, options, {
    titre,
    message,
    sujet: titre,
    details: [],
    badges: [],
    action: {
      url: `${options.publicUrl}/cabinets/${contenu.donnees.cabinet_id}/a-qualifier`,
      texte: OPEN[langue],
      invitation: null,
    },
  });
}

const OPEN: Record<Langue, string> = {
  fr: 'Ouvrir la liste',
  en: 'Open the list',
  ar: 'فتح القائمة',
};
