import type { FieldFault } from '../errors';
import type { Naissance } from './naissances';

/**
 * Vital signs: in which units each is measured, by which codes others know it, and what no living person shows. The bounds
 * refuse what was mistyped (37 for a weight of 73, a height in metres); they judge nobody's health.
 */

export const TYPES_CONSTANTE = [
  'taille',
  'poids',
  'tension_arterielle',
  'frequence_cardiaque',
  'frequence_respiratoire',
  'temperature',
  'saturation',
  'glycemie',
  'perimetre_cranien',
  'tour_de_taille',
] as const;
export type TypeConstante = (typeof TYPES_CONSTANTE)[number];

/** UCUM. */
export const UNITES = ['cm', 'kg', 'mm[Hg]', '/min', 'Cel', '%', 'g/L', 'mmol/L'] as const;
export type Unite = (typeof UNITES)[number];

interface Mesure {
  /** LOINC, of the whole of it. */
  loinc: string;
  min: number;
  max: number;
}

/** By which codes others know them: all that is measured, the parts of a blood pressure, and what is worked out. */
export const LOINC = {
  taille: '8302-2',
  poids: '29463-7',
  tension_arterielle: '85354-9',
  systolique: '8480-6',
  diastolique: '8462-4',
  frequence_cardiaque: '8867-4',
  frequence_respiratoire: '9279-1',
  temperature: '8310-5',
  saturation: '59408-5',
  glycemie_massique: '2339-0',
  glycemie_molaire: '15074-8',
  perimetre_cranien: '9843-4',
  tour_de_taille: '8280-0',
  imc: '39156-5',
} as const;

/** By unit; the first one is meant where none is said. */
const MESURES: Readonly<Record<TypeConstante, Partial<Record<Unite, Mesure>>>> = {
  taille: { cm: { loinc: LOINC.taille, min: 20, max: 272 } },
  poids: { kg: { loinc: LOINC.poids, min: 0.2, max: 650 } },
  // `valeur` is the systolic one.
  tension_arterielle: { 'mm[Hg]': { loinc: LOINC.tension_arterielle, min: 30, max: 300 } },
  frequence_cardiaque: { '/min': { loinc: LOINC.frequence_cardiaque, min: 10, max: 350 } },
  frequence_respiratoire: { '/min': { loinc: LOINC.frequence_respiratoire, min: 2, max: 120 } },
  temperature: { Cel: { loinc: LOINC.temperature, min: 20, max: 45 } },
  saturation: { '%': { loinc: LOINC.saturation, min: 30, max: 100 } },
  glycemie: {
    'g/L': { loinc: LOINC.glycemie_massique, min: 0.05, max: 20 },
    'mmol/L': { loinc: LOINC.glycemie_molaire, min: 0.3, max: 111 },
  },
  perimetre_cranien: { cm: { loinc: LOINC.perimetre_cranien, min: 15, max: 75 } },
  tour_de_taille: { cm: { loinc: LOINC.tour_de_taille, min: 20, max: 300 } },
};

/** Of the second value of a blood pressure. */
const DIASTOLIQUE = { min: 10, max: 200 };

/** Digits behind the point that a measure may have. */
const DECIMALES = 2;

export interface Constante {
  type: TypeConstante;
  valeur: number;
  /** Of a blood pressure, and of nothing else. */
  diastolique: number | null;
  unite: Unite;
}

/** @returns the unit that is meant where none is said. */
export function uniteUsuelle(type: TypeConstante): Unite {
  return Object.keys(MESURES[type])[0] as Unite;
}

/** @returns the LOINC code of a measure; undefined for a unit that it is not measured in. */
export function loincOf({ type, unite }: Pick<Constante, 'type' | 'unite'>): string | undefined {
  return MESURES[type][unite]?.loinc;
}

export function constanteFaults({ type, valeur, diastolique, unite }: Constante): FieldFault[] {
  const mesure = MESURES[type][unite];
  if (mesure === undefined) return [{ champ: 'unite', message: autreUnite(type) }];
  const faults = [...boundsFaults('valeur', valeur, mesure, unite)];
  const paired = type === 'tension_arterielle';
  if (paired && diastolique === null) faults.push({ champ: 'diastolique', message: TWO_VALUES });
  if (!paired && diastolique !== null) faults.push({ champ: 'diastolique', message: ONE_VALUE });
  if (paired && diastolique !== null) {
    faults.push(...boundsFaults('diastolique', diastolique, DIASTOLIQUE, unite));
    if (diastolique >= valeur) faults.push({ champ: 'diastolique', message: NOT_BELOW });
  }
  return faults;
}

function boundsFaults(
  champ: string,
  valeur: number,
  { min, max }: Pick<Mesure, 'min' | 'max'>,
  unite: Unite,
): FieldFault[] {
  // Also of what is no number at all.
  if (!(valeur >= min && valeur <= max)) return [{ champ, message: outOfBounds(min, max, unite) }];
  return Number(valeur.toFixed(DECIMALES)) === valeur ? [] : [{ champ, message: TOO_PRECISE }];
}

/** Body mass index in kg/m², to a tenth. @param taille centimetres. @param poids kilograms. */
export function imc(taille: number, poids: number): number {
  return Math.round((poids / (taille / 100) ** 2) * 10) / 10;
}

/** How far the clock of whoever measures may be ahead, in milliseconds. */
const AVANCE = 5 * 60_000;
const HOUR = 3_600_000;

/**
 * What speaks against the instant of something that was done or measured: it is still to come, or was before the patient can
 * have been born, wherever that was.
 * @param now milliseconds.
 */
export function instantFaults(champ: string, instant: Date, naissance: Naissance, now: number): FieldFault[] {
  if (instant.getTime() > now + AVANCE) return [{ champ, message: TO_COME }];
  // The day began first where it is fourteen hours later than in UTC.
  const earliest = Date.parse(`${naissance.date}T00:00:00Z`) - 14 * HOUR;
  return instant.getTime() < earliest ? [{ champ, message: BEFORE_BIRTH }] : [];
}

const autreUnite = (type: TypeConstante) => {
  const units = Object.keys(MESURES[type]).join(', ');
  return { fr: `Unité attendue : ${units}`, en: `A unit of these is expected: ${units}` };
};
const outOfBounds = (min: number, max: number, unite: Unite) => ({
  fr: `Entre ${min} et ${max} ${unite}`,
  en: `Between ${min} and ${max} ${unite}`,
});
const TOO_PRECISE = { fr: 'Au plus deux décimales', en: 'At most two decimals' };
const TWO_VALUES = {
  fr: 'Une tension a deux valeurs : systolique (valeur) et diastolique',
  en: 'A blood pressure has two values: systolic (valeur) and diastolic (diastolique)',
};
const ONE_VALUE = { fr: 'D’une tension artérielle seulement', en: 'Of a blood pressure only' };
const NOT_BELOW = {
  fr: 'La diastolique est plus basse que la systolique',
  en: 'The diastolic value is below the systolic one',
};
const TO_COME = { fr: 'Cet instant est à venir', en: 'This instant is still to come' };
const BEFORE_BIRTH = { fr: 'Avant la naissance du patient', en: 'Before the patient was born' };
