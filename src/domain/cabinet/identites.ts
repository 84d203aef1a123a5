import type { FieldFault } from '../errors';

/**
 * Who a patient is said to be, and how far that is known. An identity begins as what somebody said at the desk; a paper that
 * was seen makes it `validee`, a national number that was obtained `recuperee`, both `qualifiee`. The number is for others to
 * read only once it is that. What the state rests on are the strict traits: who changes one of them begins anew.
 */

export const SEXES = ['F', 'M', 'I'] as const;
export type Sexe = (typeof SEXES)[number];

export const STATUTS_IDENTITE = ['provisoire', 'recuperee', 'validee', 'qualifiee'] as const;
export type StatutIdentite = (typeof STATUTS_IDENTITE)[number];

/** Papers by which somebody shows who they are. */
export const JUSTIFICATIFS = [
  'carte_identite',
  'passeport',
  'titre_sejour',
  'livret_famille',
  'acte_naissance',
] as const;
export type Justificatif = (typeof JUSTIFICATIFS)[number];

export const TYPES_IDENTIFIANT = [
  'ipp',
  'ins_nir',
  'ins_nia',
  'cin',
  'passeport',
  'cnss',
  'cnops',
  'autre',
] as const;
export type TypeIdentifiant = (typeof TYPES_IDENTIFIANT)[number];

export interface Identifiant {
  type: TypeIdentifiant;
  valeur: string;
}

/** What the state of an identity rests on. */
export interface Traits {
  nom_naissance: string;
  prenoms: string;
  sexe: Sexe;
  date_naissance: string;
  lieu_naissance: string | null;
}
const TRAITS = [
  'nom_naissance',
  'prenoms',
  'sexe',
  'date_naissance',
  'lieu_naissance',
] as const satisfies readonly (keyof Traits)[];

export interface Identite extends Traits {
  statut_identite: StatutIdentite;
  justificatif: Justificatif | null;
}

/**
 * An identity as it becomes by a change: a strict trait that changes takes its state away, unless the change says which one
 * it has now; a state that rests on no paper has none.
 */
export function changedIdentite<Given extends Identite>(row: Given, changes: Partial<Given>): Given {
  const next = { ...row, ...changes };
  const altered = TRAITS.some((trait) => next[trait] !== row[trait]);
  if (altered && changes.statut_identite === undefined) {
    return { ...next, statut_identite: 'provisoire', justificatif: null };
  }
  const rests = next.statut_identite === 'validee' || next.statut_identite === 'qualifiee';
  return rests || changes.justificatif != null ? next : { ...next, justificatif: null };
}

/** What speaks against an identity: a state without what it rests on. */
export function identiteFaults(
  { statut_identite, justificatif }: Identite,
  identifiants: readonly Identifiant[],
): FieldFault[] {
  const checked = statut_identite === 'validee' || statut_identite === 'qualifiee';
  const numbered = statut_identite === 'recuperee' || statut_identite === 'qualifiee';
  const hasNumber = identifiants.some(({ type }) => type === 'ins_nir' || type === 'ins_nia');
  return [
    ...(checked && justificatif === null ? [{ champ: 'justificatif', message: NO_PAPER }] : []),
    ...(!checked && justificatif !== null ? [{ champ: 'justificatif', message: PAPER_UNUSED }] : []),
    ...(numbered && !hasNumber ? [{ champ: 'identifiants', message: NO_NUMBER }] : []),
    ...identifiants.flatMap(({ type, valeur }, rank): FieldFault[] =>
      type === 'ins_nir' && !isNir(normalisedIdentifiant(valeur))
        ? [{ champ: `identifiants.${rank}.valeur`, message: NOT_A_NIR }]
        : [],
    ),
  ];
}

/** An identifier as it is compared: without the blanks, dots and dashes that people put in, in capitals. */
export function normalisedIdentifiant(valeur: string): string {
  return valeur
    .normalize('NFKC')
    .replace(/[\s\p{P}\p{Z}]/gu, '')
    .toUpperCase();
}

/** Whether it is a French social security number: thirteen characters and the two digits that check them. */
export function isNir(valeur: string): boolean {
  const match = /^([1-478]\d{4}(?:\d{2}|2[AB])\d{6})(\d{2})$/.exec(valeur);
  if (match === null) return false;
  // Of Corsica, as the number is checked.
  const digits = match[1]!.replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(digits) % 97n) === Number(match[2]);
}

const NO_PAPER = {
  fr: 'Une identité validée dit quelle pièce a été vue',
  en: 'An identity that was checked says which paper was seen',
};
const PAPER_UNUSED = {
  fr: 'Une pièce vue rend l’identité validée ou qualifiée',
  en: 'A paper that was seen makes the identity validee or qualifiee',
};
const NO_NUMBER = {
  fr: 'Une identité récupérée ou qualifiée a un matricule INS (ins_nir ou ins_nia)',
  en: 'An identity in this state has a national number (ins_nir or ins_nia)',
};
const NOT_A_NIR = {
  fr: 'Ce n’est pas un numéro de sécurité sociale : treize caractères et leur clé',
  en: 'This is no social security number: thirteen characters and their key',
};
