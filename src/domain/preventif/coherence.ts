import { type FieldFault, RegieError } from '../errors';
import { parseRegle } from '../recurrence';
import { type Condition, hasCalendar, type PasCompteur, type RegleDuPlan } from './plans';

/** What of a plan has to fit together. */
export type PlanACoherer = RegleDuPlan & {
  compteur: PasCompteur | null;
  condition: Condition | null;
  groupe: string | null;
};

/** What does not fit together in a plan, each with its field; empty when all does. */
export function incoherences(plan: PlanACoherer): FieldFault[] {
  const { declencheur, regle, date_debut, compteur, condition, groupe } = plan;
  const faults = regle === null ? [] : faultsOfRegle(regle);
  const required = (champ: string) =>
    faults.push({ champ, message: { fr: `Requis pour ${declencheur}`, en: `Required for ${declencheur}` } });
  const refused = (champ: string) =>
    faults.push({ champ, message: { fr: `Sans objet pour ${declencheur}`, en: `Not for ${declencheur}` } });

  const byDates = declencheur === 'calendrier' || declencheur === 'combine';
  if (byDates && regle === null) required('regle');
  if (byDates && date_debut === null) required('date_debut');
  if (!byDates && regle !== null) refused('regle');
  if (!byDates && date_debut !== null) refused('date_debut');

  if (declencheur === 'compteur' && compteur === null) required('compteur');
  if (declencheur === 'condition' && condition === null) required('condition');
  if (declencheur === 'combine' && compteur === null && condition === null) required('compteur');
  if (declencheur === 'combine' && compteur !== null && condition !== null) {
    faults.push({
      champ: 'condition',
      message: { fr: 'Un compteur ou une condition, pas les deux', en: 'A meter or a condition, not both' },
    });
  }
  if (compteur !== null && (declencheur === 'calendrier' || declencheur === 'condition')) refused('compteur');
  if (condition !== null && (declencheur === 'calendrier' || declencheur === 'compteur'))
    refused('condition');
  if (groupe !== null && !hasCalendar(plan) && faults.length === 0) {
    faults.push({
      champ: 'groupe',
      message: { fr: 'Seuls des plans à dates s’emboîtent', en: 'Only plans with dates are nested' },
    });
  }
  return faults;
}

function faultsOfRegle(regle: string): FieldFault[] {
  try {
    parseRegle(regle);
    return [];
  } catch (error) {
    if (error instanceof RegieError) return [...error.details.erreurs!];
    throw error;
  }
}
