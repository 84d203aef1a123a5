import type { FieldFault, Texte } from '../errors';

/**
 * What doctors certify. It is written in French (Code de la santé publique, art. R.4127-76; a translation may stand beside it),
 * handed to the person it is about, and says no diagnosis unless they want it to.
 */

export const TYPES_CERTIFICAT = [
  'presence',
  'repos',
  'arret_travail',
  'aptitude',
  'inaptitude',
  'scolaire',
  'bonne_sante',
  'autre',
] as const;
export type TypeCertificat = (typeof TYPES_CERTIFICAT)[number];

export interface ContenuCertificat {
  type: TypeCertificat;
  texte: string | null;
  /** The same in Arabic, for the copy that stands beside it. */
  texte_ar: string | null;
  /** The days that it is about, `2026-11-29`, both included. */
  date_debut: string | null;
  date_fin: string | null;
  /** Only when the person agrees that others read it. */
  diagnostic: string | null;
  accord_diagnostic: boolean;
  /** To whom it is handed: the person, or who stands for them. */
  remis_a: 'patient' | 'representant';
}

/** Of the letters, so many at least are Latin ones in a text that is French: names and units of elsewhere may stand in it. */
const LATIN_SHARE = 0.8;

/** Kinds that are about days. */
const DATED: readonly TypeCertificat[] = ['repos', 'arret_travail'];

/** What speaks against a certificate as it is written, also while it is a draft. */
export function certificatFaults(contenu: ContenuCertificat): FieldFault[] {
  const { texte, diagnostic, accord_diagnostic, date_debut, date_fin } = contenu;
  return [
    ...(texte !== null && !isLatin(texte) ? [{ champ: 'texte', message: FRENCH }] : []),
    ...(diagnostic !== null && !isLatin(diagnostic) ? [{ champ: 'diagnostic', message: FRENCH }] : []),
    ...(diagnostic !== null && !accord_diagnostic
      ? [{ champ: 'accord_diagnostic', message: AGREEMENT }]
      : []),
    ...(date_debut !== null && date_fin !== null && date_fin < date_debut
      ? [{ champ: 'date_fin', message: ORDER }]
      : []),
  ];
}

/** And what it lacks to be signed. @param copieArabe whether a copy in Arabic is to stand beside it. */
export function certificatManques(contenu: ContenuCertificat, copieArabe: boolean): FieldFault[] {
  const { type, texte, texte_ar, date_debut, date_fin } = contenu;
  const dated = DATED.includes(type);
  return [
    ...certificatFaults(contenu),
    ...(texte === null ? [{ champ: 'texte', message: MISSING }] : []),
    ...(dated && date_debut === null ? [{ champ: 'date_debut', message: MISSING }] : []),
    ...(dated && date_fin === null ? [{ champ: 'date_fin', message: MISSING }] : []),
    ...(copieArabe && texte_ar === null ? [{ champ: 'texte_ar', message: MISSING }] : []),
  ];
}

function isLatin(texte: string): boolean {
  const letters = texte.match(/\p{L}/gu) ?? [];
  const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter));
  return letters.length > 0 && latin.length >= letters.length * LATIN_SHARE;
}

const MISSING: Texte = { fr: 'À renseigner avant de signer', en: 'To be filled in before signing' };
const FRENCH: Texte = {
  fr: 'Un certificat est rédigé en français ; une traduction peut y être jointe',
  en: 'A certificate is written in French; a translation may stand beside it',
};
const AGREEMENT: Texte = {
  fr: 'Un diagnostic n’y figure qu’avec l’accord de la personne',
  en: 'It says a diagnosis only when the person agrees',
};
const ORDER: Texte = { fr: 'Avant le début', en: 'Before it begins' };
