import { anomalieText, type ContenuDocuments, documentsText } from '../../domain/documents/textes';
import { MAIL } from '../../domain/limites';
import { clipLine } from '../../domain/lines';
import type { Langue } from '../../domain/writing';
import { type MailView, mailView, type RenderOptions, rowsOf } from './view';

/** A message about files: the first of them with what does not fit, and one action that leads to all. */
export function documentsView(contenu: ContenuDocuments, langue: Langue, options: RenderOptions): MailView {
  const { nombre, documents } = contenu.donnees;
  const textes = TEXTES[langue];
  const more = nombre - documents.length;
  return mailView(langue, options, {
    ...documentsText(contenu, langue),
    sujet: clipLine(textes.sujet(nombre), MAIL.ligne),
    badges: [{ texte: textes.documents, ton: 'alerte' }],
    details: rowsOf([
      ...documents.map(({ document_id, nom, anomalie }): [string, string] => [
        anomalieText(anomalie, langue),
        clipLine(`${document_id} · ${nom}`, MAIL.ligne),
      ]),
      ...(more > 0 ? [[textes.autres, String(more)] as [string, string]] : []),
    ]),
    action: {
      url: `${options.publicUrl}/documents`,
      texte: textes.ouvrir,
      invitation: textes.demande,
    },
  });
}

interface Textes {
  sujet: (nombre: number) => string;
  documents: string;
  autres: string;
  demande: string;
  ouvrir: string;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    sujet: (nombre) => `Documents altérés : ${nombre}`,
    documents: 'Documents',
    autres: 'Autres',
    demande: 'À faire : rétablissez ces fichiers depuis une sauvegarde du stockage.',
    ouvrir: 'Voir les documents',
  },
  en: {
    sujet: (nombre) => `Altered documents: ${nombre}`,
    documents: 'Documents',
    autres: 'Others',
    demande: 'To do: bring these files back from a backup of the store.',
    ouvrir: 'View the documents',
  },
  ar: {
    sujet: (nombre) => `وثائق تغيّرت: ${nombre}`,
    documents: 'وثائق',
    autres: 'أخرى',
    demande: 'المطلوب: استعد هذه الملفات من نسخة احتياطية للتخزين.',
    ouvrir: 'عرض الوثائق',
  },
};
