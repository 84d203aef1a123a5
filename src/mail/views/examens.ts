import { type ContenuExamen, examenText } from '../../domain/cabinet/textes-examens';
import type { Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions } from './view';

/** A message about an examen: its number, and one action that leads to it. */
export function examenView(contenu: ContenuExamen, langue: Langue, options: RenderOptions): MailView {
  const { examen_id } = contenu.donnees;
  const { sujet, examen, ouvrir, demande } = TEXTES[langue];
  return mailView(langue, options, {
    ...examenText(contenu, langue),
    // The same for whatever is said of this one: mailboxes that go by the subject keep it in one thread.
    sujet: sujet(examen_id),
    sujetFil: `examen-${examen_id}`,
    badges: [{ texte: examen, ton: 'attention' }],
    details: [],
    action: { url: `${options.publicUrl}/examens/${examen_id}`, texte: ouvrir, invitation: demande },
  });
}

const TEXTES: Record<
  Langue,
  { sujet: (id: number) => string; examen: string; ouvrir: string; demande: string }
> = {
  fr: {
    sujet: (id) => `Examen n° ${id}`,
    examen: 'Examen',
    ouvrir: 'Voir l’examen',
    demande: 'À faire : regardez-le, et dites ce que vous décidez.',
  },
  en: {
    sujet: (id) => `Test no. ${id}`,
    examen: 'Test',
    ouvrir: 'View the test',
    demande: 'To do: look at it, and say what you decide.',
  },
  ar: {
    sujet: (id) => `الفحص رقم ${id}`,
    examen: 'فحص',
    ouvrir: 'عرض الفحص',
    demande: 'المطلوب: اطلع عليه، وسجل قرارك.',
  },
};
