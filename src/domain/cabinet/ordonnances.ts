import type { FieldFault, Texte } from '../errors';
import type { Naissance } from './naissances';

/**
 * What doctors prescribe. A draft may lack what its author has yet to write; what is signed says all that a pharmacist has to
 * read on it (Code de la santé publique, art. R.5132-3): who prescribes, by title, number and how they are reached; for whom;
 * and of each line the medicine, the posology, how it is taken, and how long or how many boxes.
 */

/** Of an ordonnance and a certificate alike. */
export const STATUTS_ECRIT = ['brouillon', 'signee', 'invalidee'] as const;
export type StatutEcrit = (typeof STATUTS_ECRIT)[number];

export interface LigneOrdonnance {
  /** International nonproprietary name. */
  dci: string | null;
  specialite: string | null;
  dosage: string | null;
  /** How much, and how often. */
  posologie: string | null;
  /** How it is taken: the way, the moment. */
  mode: string | null;
  duree_jours: number | null;
  boites: number | null;
  /** Renewals beside the first delivery. */
  renouvellements: number;
  non_substituable: boolean;
}

export interface ContenuOrdonnance {
  lignes: LigneOrdonnance[];
  /** For whom it is needed: whoever prescribes says so by giving them; of children the weight always is. */
  poids_kg: number | null;
  taille_cm: number | null;
  remarques: string | null;
}

/** Whoever signs, as their practice says of them. */
export interface Prescripteur {
  nom: string;
  prenom: string;
  titre: string | null;
  specialite: string | null;
  /** Of their country: INPE, RPPS, or that of the order. */
  identifiant: { type: 'INPE' | 'RPPS' | 'Ordre'; numero: string } | null;
  adresse: string | null;
  telephone: string | null;
  email: string | null;
}

/** Younger than this, a dose goes by the weight. Years. */
const ENFANCE = 15;

/** The number by which a doctor is known where they work. */
export function identifiantOf(
  { inpe, rpps, numero_ordre }: { inpe: string | null; rpps: string | null; numero_ordre: string | null },
  pays: string,
): Prescripteur['identifiant'] {
  const known = [
    { type: 'INPE', numero: inpe },
    { type: 'RPPS', numero: rpps },
  ] as const;
  const own = pays === 'FR' ? known.toReversed() : known;
  const found = [...own, { type: 'Ordre', numero: numero_ordre } as const].find(
    ({ numero }) => numero !== null,
  );
  return found === undefined ? null : { type: found.type, numero: found.numero! };
}

/** What the signer's practice has yet to say of them before they sign anything that others read. */
export function prescripteurFaults({
  titre,
  identifiant,
  adresse,
  telephone,
  email,
}: Prescripteur): FieldFault[] {
  const missing = { titre, identifiant, adresse, telephone, email };
  return Object.entries(missing)
    .filter(([, value]) => value === null)
    .map(([champ]) => ({
      champ: `prescripteur.${champ}`,
      message: PRESCRIPTEUR[champ as keyof typeof missing],
    }));
}

/**
 * What an ordonnance lacks to be signed.
 * @param jour the day on which it is signed, at the practice, `2026-11-29`.
 */
export function ordonnanceFaults(
  { lignes, poids_kg }: ContenuOrdonnance,
  naissance: Naissance,
  jour: string,
): FieldFault[] {
  return [
    ...(lignes.length === 0 ? [{ champ: 'lignes', message: NO_LINE }] : []),
    ...lignes.flatMap((ligne, rank) => ligneFaults(ligne, `lignes.${rank}`)),
    ...(poids_kg === null && isChild(naissance, jour) ? [{ champ: 'poids_kg', message: WEIGHT }] : []),
  ];
}

function ligneFaults(
  { dci, specialite, posologie, mode, duree_jours, boites }: LigneOrdonnance,
  champ: string,
): FieldFault[] {
  return [
    ...(dci === null && specialite === null ? [{ champ: `${champ}.dci`, message: NO_DRUG }] : []),
    ...(posologie === null ? [{ champ: `${champ}.posologie`, message: MISSING }] : []),
    ...(mode === null ? [{ champ: `${champ}.mode`, message: MISSING }] : []),
    ...(duree_jours === null && boites === null
      ? [{ champ: `${champ}.duree_jours`, message: HOW_LONG }]
      : []),
  ];
}

/** Whether somebody may be younger than {@link ENFANCE}, by the latest day that they may have been born on. */
function isChild({ date, precision }: Naissance, jour: string): boolean {
  const year = Number(date.slice(0, 4));
  const latest = { jour: date, mois: `${date.slice(0, 7)}-31`, annee: `${date.slice(0, 4)}-12-31` }[
    precision
  ];
  return `${String(year + ENFANCE).padStart(4, '0')}${latest.slice(4)}` > jour;
}

const MISSING: Texte = { fr: 'À renseigner avant de signer', en: 'To be filled in before signing' };
const NO_LINE: Texte = {
  fr: 'Une ordonnance prescrit au moins une ligne',
  en: 'At least one line is prescribed',
};
const NO_DRUG: Texte = {
  fr: 'Le médicament, par sa DCI ou sa spécialité',
  en: 'The medicine, by its nonproprietary or brand name',
};
const HOW_LONG: Texte = {
  fr: 'La durée du traitement, ou le nombre de boîtes',
  en: 'How long it is taken, or how many boxes',
};
const WEIGHT: Texte = {
  fr: 'Le poids, pour un enfant de moins de quinze ans',
  en: 'The weight, of a child under fifteen',
};
const PRESCRIPTEUR: Record<'titre' | 'identifiant' | 'adresse' | 'telephone' | 'email', Texte> = {
  titre: {
    fr: 'Le titre du prescripteur manque au cabinet',
    en: 'The practice does not say the signer’s title',
  },
  identifiant: {
    fr: 'Le numéro du prescripteur (INPE, RPPS ou ordre) manque au cabinet',
    en: 'The practice does not say the signer’s number (INPE, RPPS or order)',
  },
  adresse: { fr: 'L’adresse du cabinet manque', en: 'The practice has no address' },
  telephone: { fr: 'Le téléphone du prescripteur ou du cabinet manque', en: 'There is no telephone number' },
  email: {
    fr: 'L’email professionnel du prescripteur manque',
    en: 'The signer’s professional email is missing',
  },
};
