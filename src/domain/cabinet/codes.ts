import { codeCim10 } from './elements';
import { motsDuNom } from './recherche';

/**
 * Codes of the CIM-10 as a practice searches for them: by the code as far as it was typed, or by words of its label in any
 * order, each as far as it was typed, without accents. They say nothing of anybody.
 */

export interface CodeCim10 {
  code: string;
  libelle: string;
}

const LIBELLE_MAX = 400;

/** A code as it is kept; null for what is none, or has no label. */
export function entreeCim10(code: string, libelle: string): CodeCim10 | null {
  const kept = codeCim10(code);
  const label = libelle.normalize('NFC').replace(/\s+/g, ' ').trim();
  return kept === null || label === '' || label.length > LIBELLE_MAX ? null : { code: kept, libelle: label };
}

/** What a code is found by: each word of its label, with a blank before it. */
export function rechercheDuCode(libelle: string): string {
  return ` ${motsDuNom(libelle).join(' ')}`;
}

/** A code without its point, in capitals. */
export function cleDuCode(code: string): string {
  return code.replace('.', '').toUpperCase();
}

export interface RechercheDeCode {
  /** The beginning of a code; null for what cannot be one. */
  prefixe: string | null;
  mots: string[];
}

/** What somebody means who types this. */
export function rechercheDeCode(q: string): RechercheDeCode {
  const typed = cleDuCode(q.trim());
  const prefixe = /^[A-Z]\d{0,2}[0-9A-Z]{0,4}$/.test(typed) && /^[A-Z](\d|$)/.test(typed) ? typed : null;
  return { prefixe, mots: motsDuNom(q) };
}
