import { type FieldFault, RegieError } from '../errors';
import { telephoneFault, toE164 } from '../identite/telephone';
import { type Constante, constanteFaults, instantFaults } from './constantes';
import { isToCome, type Naissance, parseNaissance } from './naissances';

/**
 * What a record is made of. Each kind of entry (`nature`) is declared here once: which states it has, whether it belongs to
 * the identity of somebody or to what doctors know of them, and what speaks against one. Nothing of a record is removed: an
 * entry that should not be there is said to be one in error, and stays.
 */

export const NATURES = [
  'couverture',
  'representant',
  'consentement',
  'antecedent',
  'allergie',
  'traitement',
  'constante',
  'diagnostic',
] as const;
export type Nature = (typeof NATURES)[number];

/** `erreur` is what should not have been entered (FHIR `entered-in-error`): nothing of it changes any more. */
export const STATUTS_ELEMENT = ['actif', 'resolu', 'termine', 'erreur'] as const;
export type StatutElement = (typeof STATUTS_ELEMENT)[number];

export const QUALITES_ASSURE = ['assure', 'ayant_droit'] as const;
export const QUALITES_REPRESENTANT = [
  'parent',
  'tuteur',
  'curateur',
  'conjoint',
  'personne_de_confiance',
  'contact_urgence',
  'autre',
] as const;
/** What somebody agrees to, or does not. */
export const OBJETS_CONSENTEMENT = [
  'rappels_email',
  'rappels_sms',
  'partage_cabinet',
  'compte_patient',
] as const;
export type ObjetConsentement = (typeof OBJETS_CONSENTEMENT)[number];
export const DECISIONS = ['donne', 'refuse', 'retire'] as const;
export const RECUEILS = ['oral', 'ecrit', 'en_ligne'] as const;
export const TYPES_ANTECEDENT = [
  'medical',
  'chirurgical',
  'familial',
  'gyneco_obstetrical',
  'mode_de_vie',
] as const;
export const CATEGORIES_ALLERGIE = ['medicament', 'aliment', 'environnement', 'biologique', 'autre'] as const;
export const SEVERITES = ['legere', 'moderee', 'severe'] as const;
export const CERTITUDES = ['suspectee', 'confirmee'] as const;
export const CERTITUDES_DIAGNOSTIC = ['suspecte', 'confirme'] as const;

type OneOf<Values extends readonly string[]> = Values[number];

export interface Couverture {
  organisme: string;
  immatriculation: string | null;
  qualite: OneOf<typeof QUALITES_ASSURE>;
  /** Per cent of what is paid. */
  taux: number | null;
  date_debut: string | null;
  date_fin: string | null;
}

export interface Representant {
  qualite: OneOf<typeof QUALITES_REPRESENTANT>;
  nom: string;
  prenoms: string | null;
  telephone: string | null;
  email: string | null;
  adresse: string | null;
  precision: string | null;
}

export interface Consentement {
  objet: ObjetConsentement;
  decision: OneOf<typeof DECISIONS>;
  recueil: OneOf<typeof RECUEILS>;
  /** By whom, when it was not the patient. */
  par: string | null;
  precision: string | null;
}

export interface Antecedent {
  type: OneOf<typeof TYPES_ANTECEDENT>;
  texte: string;
  /** CIM-10. */
  code: string | null;
  /** As far as it is known: a day, a month or a year. */
  date_debut: string | null;
  /** Of a relative: who. */
  lien: string | null;
  /** Learnt from somebody else: it is left out of what a patient is given a copy of. */
  source_tiers: boolean;
}

/** Either something that somebody does not bear, or the statement that there is no such thing. */
export interface Allergie {
  aucune_connue: boolean;
  substance: string | null;
  categorie: OneOf<typeof CATEGORIES_ALLERGIE> | null;
  reaction: string | null;
  severite: OneOf<typeof SEVERITES> | null;
  certitude: OneOf<typeof CERTITUDES> | null;
  date_debut: string | null;
}

export interface Traitement {
  medicament: string;
  /** ATC. */
  code: string | null;
  posologie: string | null;
  motif: string | null;
  prescripteur: string | null;
  date_debut: string | null;
  date_fin: string | null;
}

export interface Diagnostic {
  texte: string;
  /** CIM-10. */
  code: string | null;
  certitude: OneOf<typeof CERTITUDES_DIAGNOSTIC>;
  date_debut: string | null;
}

export interface Contenus {
  couverture: Couverture;
  representant: Representant;
  consentement: Consentement;
  antecedent: Antecedent;
  allergie: Allergie;
  traitement: Traitement;
  constante: Constante & { precision: string | null };
  diagnostic: Diagnostic;
}

/** Whom an entry is about, and when it is written. */
export interface Contexte {
  naissance: Naissance;
  /** Of telephone numbers without the code of their country. */
  pays: string;
  /** Milliseconds. */
  now: number;
}

interface Declaration<Contenu> {
  /** Below `/patients/{id}/`. */
  segment: string;
  /** Besides `erreur`; the first is what it begins as. */
  statuts: readonly StatutElement[];
  /** Read and written by those who do so with the identity of patients; otherwise by those who open the record. */
  administratif: boolean;
  /** Nothing of it changes once it is written: what came later stands beside it. */
  ajoutSeul?: true;
  /** It may be entered in a consultation, and is signed with it. */
  deConsultation?: true;
  /** Whoever enters it may say when it was measured or said. */
  datee?: true;
  /** Of several with the same, the last is what holds. */
  groupe?(contenu: Contenu): string;
  /** As it is kept. */
  normalise?(contenu: Contenu, contexte: Contexte): Contenu;
  faults(contenu: Contenu, contexte: Contexte): FieldFault[];
}

export const ELEMENTS: { readonly [N in Nature]: Declaration<Contenus[N]> } = {
  couverture: {
    segment: 'couvertures',
    statuts: ['actif', 'termine'],
    administratif: true,
    faults: ({ date_debut, date_fin }) => periodeFaults(date_debut, date_fin),
  },
  representant: {
    segment: 'representants',
    statuts: ['actif', 'termine'],
    administratif: true,
    normalise: ({ telephone, ...rest }, { pays }) => ({
      ...rest,
      telephone: telephone === null ? null : (toE164(telephone, pays) ?? telephone),
    }),
    faults: ({ telephone }, { pays }) =>
      telephone !== null && toE164(telephone, pays) === null
        ? [{ champ: 'telephone', message: telephoneFault(pays) }]
        : [],
  },
  consentement: {
    segment: 'consentements',
    statuts: ['actif'],
    administratif: true,
    ajoutSeul: true,
    datee: true,
    groupe: ({ objet }) => objet,
    faults: () => [],
  },
  antecedent: {
    segment: 'antecedents',
    statuts: ['actif', 'resolu'],
    administratif: false,
    faults: ({ type, code, date_debut, lien }, contexte) => [
      ...codeFaults(code),
      ...(type === 'familial' ? dateFaults(date_debut) : depuisFaults(date_debut, contexte)),
      ...(type !== 'familial' && lien !== null ? [{ champ: 'lien', message: NO_RELATIVE }] : []),
    ],
  },
  allergie: {
    segment: 'allergies',
    statuts: ['actif', 'resolu'],
    administratif: false,
    faults: allergieFaults,
  },
  traitement: {
    segment: 'traitements',
    statuts: ['actif', 'termine'],
    administratif: false,
    faults: ({ date_debut, date_fin }, { naissance }) => [
      ...periodeFaults(date_debut, date_fin),
      ...avantNaissance('date_debut', date_debut, naissance),
    ],
  },
  constante: {
    segment: 'constantes',
    statuts: ['actif'],
    administratif: false,
    deConsultation: true,
    datee: true,
    groupe: ({ type }) => type,
    faults: constanteFaults,
  },
  diagnostic: {
    segment: 'diagnostics',
    statuts: ['actif', 'resolu'],
    administratif: false,
    deConsultation: true,
    faults: ({ code, date_debut }, contexte) => [...codeFaults(code), ...depuisFaults(date_debut, contexte)],
  },
};

/** The states that an entry of a kind may be in. */
export function statutsOf(nature: Nature): readonly StatutElement[] {
  const { statuts, ajoutSeul } = ELEMENTS[nature];
  return ajoutSeul ? statuts : [...statuts, 'erreur'];
}

/**
 * Everything that speaks against an entry.
 * @param instant when it was done or measured.
 */
export function elementFaults<N extends Nature>(
  nature: N,
  contenu: Contenus[N],
  instant: Date,
  contexte: Contexte,
): FieldFault[] {
  const { faults, datee } = ELEMENTS[nature];
  const ofInstant = datee ? instantFaults('date_effet', instant, contexte.naissance, contexte.now) : [];
  return [...faults(contenu, contexte), ...ofInstant];
}

/** Refuses to change what was entered in error. @throws {RegieError} `TRANSITION_INVALIDE` */
export function requireChangeable(statut: StatutElement): void {
  if (statut !== 'erreur') return;
  throw new RegieError('TRANSITION_INVALIDE', {
    detail: {
      fr: 'Saisi par erreur : entrez-en un autre',
      en: 'It was entered in error: enter another one',
    },
  });
}

/** Whether somebody’s allergies are known: some are, it was said that there are none, or nobody has asked. */
export type EtatAllergies = 'connues' | 'aucune_connue' | 'non_renseignees';

export interface AllergieEnVigueur {
  statut: StatutElement;
  contenu: Pick<Allergie, 'aucune_connue'>;
}

export function etatAllergies(allergies: readonly AllergieEnVigueur[]): EtatAllergies {
  const holding = allergies.filter(({ statut }) => statut === 'actif');
  if (holding.some(({ contenu }) => !contenu.aucune_connue)) return 'connues';
  return holding.length > 0 ? 'aucune_connue' : 'non_renseignees';
}

/**
 * What an entry of allergies does to those that hold: the statement that there are none is refused while there is one, and
 * ended by one that comes later; said again it takes the place of the one before.
 * @param autres those beside it. @returns those that end with it
 * @throws {RegieError} `ALLERGIE_CONNUE`
 */
export function endedByAllergie<Row extends AllergieEnVigueur>(
  { aucune_connue }: Pick<Allergie, 'aucune_connue'>,
  autres: readonly Row[],
): Row[] {
  const holding = autres.filter(({ statut }) => statut === 'actif');
  if (aucune_connue && etatAllergies(holding) === 'connues') {
    throw new RegieError('ALLERGIE_CONNUE', {
      detail: {
        fr: 'Des allergies sont inscrites : dites d’abord de chacune qu’elle est résolue ou saisie par erreur',
        en: 'There are allergies on record: first say of each that it is resolved or was entered in error',
      },
    });
  }
  return holding.filter(({ contenu }) => contenu.aucune_connue);
}

function allergieFaults(allergie: Allergie, contexte: Contexte): FieldFault[] {
  const { aucune_connue, substance, ...rest } = allergie;
  if (!aucune_connue) {
    return [
      ...(substance === null ? [{ champ: 'substance', message: NO_SUBSTANCE }] : []),
      ...depuisFaults(rest.date_debut, contexte),
    ];
  }
  const said = Object.entries({ substance, ...rest }).filter(([, value]) => value !== null);
  return said.map(([champ]) => ({ champ, message: NONE_KNOWN }));
}

/** A code of the CIM-10 as it is kept, `E11.9`; null for what is none in its form. */
export function codeCim10(text: string): string | null {
  const match = /^([A-Z]\d{2})(?:\.?([0-9A-Z+]{1,4}))?$/.exec(text.trim().toUpperCase());
  if (match === null) return null;
  return match[2] === undefined ? match[1]! : `${match[1]}.${match[2]}`;
}

function codeFaults(code: string | null): FieldFault[] {
  return code === null || codeCim10(code) === code ? [] : [{ champ: 'code', message: NO_CODE }];
}

/** A date in the past of the patient. */
function depuisFaults(date: string | null, { naissance, now }: Contexte): FieldFault[] {
  const faults = dateFaults(date);
  if (date === null || faults.length > 0) return faults;
  if (isToCome(parseNaissance(date)!, now)) return [{ champ: 'date_debut', message: TO_COME }];
  return avantNaissance('date_debut', date, naissance);
}

/** A date that ended before the first day that the patient may have been born on. */
function avantNaissance(champ: string, date: string | null, naissance: Naissance): FieldFault[] {
  const before = date !== null && date < naissance.date.slice(0, date.length);
  return before ? [{ champ, message: BEFORE_BIRTH }] : [];
}

function dateFaults(date: string | null, champ = 'date_debut'): FieldFault[] {
  return date === null || parseNaissance(date) !== null ? [] : [{ champ, message: NO_DATE }];
}

/** From a date to another, each as far as it is known. */
function periodeFaults(debut: string | null, fin: string | null): FieldFault[] {
  const faults = [...dateFaults(debut), ...dateFaults(fin, 'date_fin')];
  if (faults.length > 0 || debut === null || fin === null) return faults;
  const common = Math.min(debut.length, fin.length);
  const turned = fin.slice(0, common) < debut.slice(0, common);
  return turned ? [{ champ: 'date_fin', message: END_FIRST }] : [];
}

const NO_DATE = {
  fr: 'Date attendue : 1962-03-14, 1962-03 ou 1962, après 1850',
  en: 'A date is expected: 1962-03-14, 1962-03 or 1962, after 1850',
};
const TO_COME = { fr: 'Cette date est à venir', en: 'This date is still to come' };
const BEFORE_BIRTH = { fr: 'Avant la naissance du patient', en: 'Before the patient was born' };
const END_FIRST = { fr: 'La fin précède le début', en: 'The end is before the beginning' };
const NO_CODE = {
  fr: 'Code CIM-10 attendu : E11.9 ; un diagnostic sans code est admis',
  en: 'A CIM-10 code is expected: E11.9; none is needed',
};
const NO_RELATIVE = { fr: 'D’un antécédent familial seulement', en: 'Of a family history only' };
const NO_SUBSTANCE = {
  fr: 'Dites à quoi, ou aucune_connue: true',
  en: 'Say to what, or aucune_connue: true',
};
const NONE_KNOWN = {
  fr: 'Rien ne s’ajoute à « aucune allergie connue »',
  en: 'Nothing is added to “no known allergy”',
};
