import type { Langue, MessageText } from '../writing';
import type { Anomalie } from './documents';

/** What people are told about files, in their language. */

export const MODELES_DOCUMENTS = ['documents_alteres'] as const;
export type ModeleDocuments = (typeof MODELES_DOCUMENTS)[number];

export interface ContenuDocuments {
  modele: ModeleDocuments;
  donnees: DonneesDocuments;
}

/** A document of which what lies in the store is not what was filed. */
export interface DocumentAltere {
  document_id: number;
  nom: string;
  anomalie: Anomalie;
}

/** The facts of a message, as they were when it happened. JSON-safe: it is stored with the message. */
export interface DonneesDocuments {
  nombre: number;
  /** The first of them. */
  documents: DocumentAltere[];
}

/** The title, the sentence and the severity of a message about files. */
export function documentsText({ modele, donnees }: ContenuDocuments, langue: Langue): MessageText {
  const { titre, message } = CATALOGUE[langue][modele];
  return { titre, message: message(donnees), type: 'error' };
}

/** What does not fit, in a few words. */
export function anomalieText(anomalie: Anomalie, langue: Langue): string {
  return ANOMALIES[langue][anomalie];
}

const CATALOGUE: Record<
  Langue,
  Record<ModeleDocuments, { titre: string; message: (donnees: DonneesDocuments) => string }>
> = {
  fr: {
    documents_alteres: {
      titre: 'Documents altérés',
      message: ({ nombre }) =>
        nombre === 1
          ? 'La relecture des documents a trouvé un fichier qui n’est plus ce qui a été déposé'
          : `La relecture des documents a trouvé ${nombre} fichiers qui ne sont plus ce qui a été déposé`,
    },
  },
  en: {
    documents_alteres: {
      titre: 'Altered documents',
      message: ({ nombre }) =>
        nombre === 1
          ? 'Reading all documents again found a file that is no longer what was filed'
          : `Reading all documents again found ${nombre} files that are no longer what was filed`,
    },
  },
  ar: {
    documents_alteres: {
      titre: 'وثائق تغيّرت',
      message: ({ nombre }) =>
        nombre === 1
          ? 'وجدت إعادة قراءة الوثائق ملفا لم يعد كما أودع'
          : `أعيدت قراءة الوثائق. ملفات لم تعد كما أودعت: ${nombre}`,
    },
  },
};

const ANOMALIES: Record<Langue, Record<Anomalie, string>> = {
  fr: {
    objet_absent: 'fichier absent',
    taille: 'taille différente',
    empreinte: 'contenu différent',
    dechiffrement: 'indéchiffrable',
    cle_perdue: 'clé absente',
  },
  en: {
    objet_absent: 'file missing',
    taille: 'different size',
    empreinte: 'different content',
    dechiffrement: 'cannot be decrypted',
    cle_perdue: 'key missing',
  },
  ar: {
    objet_absent: 'ملف مفقود',
    taille: 'حجم مختلف',
    empreinte: 'محتوى مختلف',
    dechiffrement: 'لا يمكن فك تشفيره',
    cle_perdue: 'مفتاح مفقود',
  },
};

/** The titles of these messages, in every language. */
export const TITRES_DOCUMENTS: readonly string[] = Object.values(CATALOGUE).flatMap((textes) =>
  Object.values(textes).map(({ titre }) => titre),
);
