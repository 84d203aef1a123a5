import type { FieldFault } from '../errors';

/** What failed, why, and what was done about it: a code of each of three small trees. */

export const NATURES_PANNE = ['probleme', 'cause', 'remede'] as const;
export type NaturePanne = (typeof NATURES_PANNE)[number];

/** Codes from a root to the last leaf. */
export const MAX_PROFONDEUR = 5;

/** What is chosen when the work is finished; what is not named has none. */
export interface Pannes {
  probleme_id?: number | null;
  cause_id?: number | null;
  remede_id?: number | null;
}

/** The ids that are named. */
export function idsOf(pannes: Pannes | undefined): number[] {
  return NATURES_PANNE.flatMap((nature) => pannes?.[`${nature}_id`] ?? []);
}

/**
 * What is wrong with a choice.
 * @param known the codes that there are of those named.
 */
export function faultsOfPannes(
  pannes: Pannes,
  known: readonly { id: number; nature: NaturePanne; actif: boolean }[],
): FieldFault[] {
  return NATURES_PANNE.flatMap((nature): FieldFault[] => {
    const id = pannes[`${nature}_id`];
    if (id == null) return [];
    const code = known.find((one) => one.id === id && one.nature === nature);
    if (code?.actif) return [];
    const message =
      code === undefined
        ? { fr: 'Ne désigne aucun code de cet arbre', en: 'Refers to no code of this tree' }
        : { fr: 'Ce code n’est plus utilisé', en: 'This code is not used any more' };
    return [{ champ: `pannes.${nature}_id`, message }];
  });
}
