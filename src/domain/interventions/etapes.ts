import type { FieldFault, Texte } from '../errors';
import { PAR_INTERVENTION } from '../limites';

/**
 * The steps of the work: what is to be ticked, measured, chosen or photographed, within which limits, and what counts as
 * an answer (docs/decisions/039).
 */

export const TYPES_ETAPE = ['case', 'nombre', 'texte', 'choix', 'photo', 'releve'] as const;
export type TypeEtape = (typeof TYPES_ETAPE)[number];

/** Of one template, and of one intervention. */
export const MAX_ETAPES = PAR_INTERVENTION.etapes;
export const MAX_CHOIX = 20;
/** Characters of an answer that is a text. */
export const MAX_REPONSE = 2_000;

/** What a step asks for. What its type has no use for is null. */
export interface DefinitionEtape {
  libelle: string;
  type: TypeEtape;
  /** The work cannot be finished without an answer. */
  obligatoire: boolean;
  /** A value out of limits opens an intervention that follows this one. */
  suite: boolean;
  min: number | null;
  max: number | null;
  unite: string | null;
  choix: string[] | null;
  /** Of a `releve`, the meter of the equipment that is read; null for the only one that it has. */
  compteur: string | null;
}

/** Of a `photo`, the id of a document of the intervention. */
export type ValeurEtape = boolean | number | string;

/** Types that measure: they have limits, and a unit. */
function isMeasured(type: TypeEtape): boolean {
  return type === 'nombre' || type === 'releve';
}

/**
 * What is wrong with the definition of a step.
 * @param champ under which its faults are named.
 */
export function faultsOfDefinition(etape: DefinitionEtape, champ: string): FieldFault[] {
  const { type, min, max, unite, choix, suite, compteur } = etape;
  const faults: FieldFault[] = [];
  const add = (field: string, message: Texte) => faults.push({ champ: `${champ}.${field}`, message });
  if (!isMeasured(type)) {
    for (const [field, value] of Object.entries({ min, max, unite })) {
      if (value !== null) add(field, ONLY_MEASURED);
    }
  }
  if (min !== null && max !== null && min > max) {
    add('max', { fr: 'Plus petit que le minimum', en: 'Less than the minimum' });
  }
  if (suite && (!isMeasured(type) || (min === null && max === null))) {
    add('suite', {
      fr: 'Seulement pour une étape qui a des limites',
      en: 'Only for a step that has limits',
    });
  }
  if (type === 'choix' && (choix === null || choix.length === 0)) {
    add('choix', { fr: 'Au moins un choix est requis', en: 'At least one choice is required' });
  }
  if (type !== 'releve' && compteur !== null) {
    add('compteur', { fr: 'Seulement pour releve', en: 'Only for releve' });
  }
  if (type !== 'choix' && choix !== null) add('choix', { fr: 'Seulement pour choix', en: 'Only for choix' });
  if (choix !== null && new Set(choix).size < choix.length) {
    add('choix', { fr: 'Chacun une fois', en: 'Each of them once' });
  }
  return faults;
}

const ONLY_MEASURED: Texte = {
  fr: 'Seulement pour nombre et releve',
  en: 'Only for nombre and releve',
};

/** Null when this can be the answer to a step, otherwise what is wrong with it. */
export function refuseValeur({ type, choix }: DefinitionEtape, valeur: ValeurEtape): Texte | null {
  switch (type) {
    case 'case':
      return typeof valeur === 'boolean'
        ? null
        : { fr: 'true ou false est attendu', en: 'true or false is expected' };
    case 'nombre':
    case 'releve':
      return typeof valeur === 'number' ? null : { fr: 'Un nombre est attendu', en: 'A number is expected' };
    case 'texte':
      return typeof valeur === 'string' ? null : { fr: 'Un texte est attendu', en: 'A text is expected' };
    case 'choix':
      return typeof valeur === 'string' && choix!.includes(valeur)
        ? null
        : {
            fr: `Un de ces choix est attendu : ${choix!.join(', ')}`,
            en: `One of these choices is expected: ${choix!.join(', ')}`,
          };
    case 'photo':
      return isId(valeur)
        ? null
        : { fr: 'L’identifiant d’un document est attendu', en: 'The id of a document is expected' };
  }
}

function isId(valeur: ValeurEtape): boolean {
  return typeof valeur === 'number' && Number.isInteger(valeur) && valeur > 0 && valeur <= 2_147_483_647;
}

/** Whether an answer lies outside of what the step allows. The limits themselves are within them. */
export function isBeyondLimits({ type, min, max }: DefinitionEtape, valeur: ValeurEtape | null): boolean {
  if (!isMeasured(type) || typeof valeur !== 'number') return false;
  return (min !== null && valeur < min) || (max !== null && valeur > max);
}

/** Whether a step has what it asks for. A box that has to be ticked has to be ticked. */
export function isAnswered(
  { type, obligatoire }: Pick<DefinitionEtape, 'type' | 'obligatoire'>,
  valeur: ValeurEtape | null,
): boolean {
  return type === 'case' && obligatoire ? valeur === true : valeur !== null;
}

/** A number as people read it, with its unit: "12,5 bar". */
export function writeMeasure(valeur: number, unite: string | null): string {
  const nombre = valeur.toLocaleString('fr-FR', { maximumFractionDigits: 6, useGrouping: false });
  return unite === null ? nombre : `${nombre} ${unite}`;
}

/** The limits of a step in words: "de 10 à 12 bar"; null where it has none. */
export function writeLimits({
  min,
  max,
  unite,
}: Pick<DefinitionEtape, 'min' | 'max' | 'unite'>): string | null {
  if (min !== null && max !== null) return `de ${writeMeasure(min, null)} à ${writeMeasure(max, unite)}`;
  if (min !== null) return `au moins ${writeMeasure(min, unite)}`;
  return max === null ? null : `au plus ${writeMeasure(max, unite)}`;
}

/**
 * The meter that a step reads, by its name: the one that it names, else the only one of the equipment. Null where the answer is
 * no reading.
 */
export function compteurOf(
  { type, compteur }: Pick<DefinitionEtape, 'type' | 'compteur'>,
  compteurs: readonly { nom: string }[],
): string | null {
  if (type !== 'releve') return null;
  if (compteur !== null) return compteur;
  return compteurs.length === 1 ? compteurs[0]!.nom : null;
}
