import {
  accesText,
  brisText,
  type ContenuAcces,
  type ContenuBris,
  type Lecteur,
} from '../../domain/cabinet/textes-acces';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about records of patients: numbers alone, and one action that leads to where the rest is shown to whoever may. */
export function brisView(contenu: ContenuBris, langue: Langue, options: RenderOptions): MailView {
  const { bris_de_glace_id: id } = contenu.donnees;
  const textes = TEXTES[langue];
  return mailView(langue, options, {
    ...brisText(contenu, langue),
    sujet: clipLine(`${brisText(contenu, langue).titre} (${id})`, MAIL.ligne),
    sujetFil: `bris-de-glace-${id}`,
    badges: [{ texte: textes.dossiers, ton: 'attention' }],
    details: rowsOf([[textes.numero, String(id)]]),
    action: {
      url: `${options.publicUrl}/bris-de-glace`,
      texte: textes.revoir,
      invitation: textes.aRevoir,
    },
  });
}

export function accesView(contenu: ContenuAcces, langue: Langue, options: RenderOptions): MailView {
  const textes = TEXTES[langue];
  const said = accesText(contenu, langue);
  if (contenu.modele === 'dossier_ouvert') {
    return mailView(langue, options, {
      ...said,
      sujet: said.titre,
      badges: [{ texte: textes.dossiers, ton: 'attention' }],
      details: [],
      action: {
        url: `${options.publicUrl}/mon/acces`,
        texte: textes.acces,
        invitation: textes.voirAcces,
      },
    });
  }
  const { du, au, acces, refus, bris_de_glace, a_revoir, homonymes, en_masse, de_nuit } = contenu.donnees;
  const readers = (lecteurs: readonly Lecteur[]) =>
    lecteurs.length === 0
      ? null
      : clipLine(lecteurs.map(({ user_id, nombre }) => `${user_id}: ${nombre}`).join(' · '), MAIL.ligne);
  return mailView(langue, options, {
    ...said,
    sujet: clipLine(`${said.titre} (${du})`, MAIL.ligne),
    badges: [{ texte: textes.dossiers, ton: 'attention' }],
    details: rowsOf([
      [textes.semaine, `${du} – ${au}`],
      [textes.lus, String(acces)],
      [textes.refuses, String(refus)],
      [textes.bris, bris_de_glace.length === 0 ? '0' : clipLine(bris_de_glace.join(', '), MAIL.ligne)],
      [textes.attendus, String(a_revoir)],
      [textes.homonymes, readers(homonymes)],
      [textes.masse, readers(en_masse)],
      [textes.nuit, readers(de_nuit)],
    ]),
    action: {
      url: `${options.publicUrl}/bris-de-glace`,
      texte: textes.revoir,
      invitation: textes.regarder,
    },
  });
}

const TEXTES: Record<Langue, Record<Cle, string>> = {
  fr: {
    dossiers: 'Dossiers',
    numero: 'Bris de glace',
    revoir: 'Voir les bris de glace',
    aRevoir: 'À faire : dites si l’ouverture était justifiée.',
    acces: 'Voir vos accès',
    voirAcces: 'Vos accès disent qui a ouvert votre dossier, et quand.',
    semaine: 'Semaine',
    lus: 'Accès',
    refuses: 'Refusés',
    bris: 'Bris de glace',
    attendus: 'À revoir',
    homonymes: 'Membres : patients de leur nom',
    masse: 'Membres : patients en un jour',
    nuit: 'Membres : lectures de nuit',
    regarder: 'À faire : regardez ce qui vous surprend.',
  },
  en: {
    dossiers: 'Records',
    numero: 'Break-glass',
    revoir: 'View break-glass',
    aRevoir: 'To do: say whether opening it was right.',
    acces: 'View your accesses',
    voirAcces: 'Your accesses say who opened your record, and when.',
    semaine: 'Week',
    lus: 'Accesses',
    refuses: 'Refused',
    bris: 'Break-glass',
    attendus: 'To review',
    homonymes: 'Members: patients of their name',
    masse: 'Members: patients in one day',
    nuit: 'Members: reads at night',
    regarder: 'To do: look at what surprises you.',
  },
  ar: {
    dossiers: 'الملفات',
    numero: 'فتح استثنائي',
    revoir: 'عرض الفتح الاستثنائي',
    aRevoir: 'المطلوب: قل هل كان الفتح ضروريا.',
    acces: 'عرض الاطلاعات',
    voirAcces: 'تبين الاطلاعات من فتح ملفك ومتى.',
    semaine: 'الأسبوع',
    lus: 'الاطلاعات',
    refuses: 'المرفوضة',
    bris: 'الفتح الاستثنائي',
    attendus: 'في انتظار المراجعة',
    homonymes: 'الأعضاء: مرضى يحملون اسمهم',
    masse: 'الأعضاء: مرضى في يوم واحد',
    nuit: 'الأعضاء: اطلاعات ليلية',
    regarder: 'المطلوب: انظر فيما يفاجئك.',
  },
};

type Cle =
  | 'dossiers'
  | 'numero'
  | 'revoir'
  | 'aRevoir'
  | 'acces'
  | 'voirAcces'
  | 'semaine'
  | 'lus'
  | 'refuses'
  | 'bris'
  | 'attendus'
  | 'homonymes'
  | 'masse'
  | 'nuit'
  | 'regarder';
