import { dayAfter, dayAt, endOfDay } from '../local-time';
import { addMonths } from './conservation';

/**
 * What patients ask by right, and until when they are answered. A copy is not given before two days of reflection, is given
 * within eight days, or two months when any of it is older than five years (CSP L.1111-7); everything else within thirty
 * (GDPR, article 12). Days are the practice's, the last one to its end.
 */

export const NATURES_DEMANDE = [
  'acces',
  'rectification',
  'effacement',
  'opposition',
  'limitation',
  'portabilite',
] as const;
export type NatureDemande = (typeof NATURES_DEMANDE)[number];

export const STATUTS_DEMANDE = ['ouverte', 'honoree', 'refusee', 'retiree'] as const;
export type StatutDemande = (typeof STATUTS_DEMANDE)[number];

const HOUR = 3_600_000;
const REFLEXION = 48 * HOUR;
/** Before the last day ends it is said that it does. */
const BIENTOT = 48 * HOUR;

/** Instants, in milliseconds. */
export interface Delais {
  /** Nothing is given before; null where there is nothing to wait for. */
  pasAvant: number | null;
  echeance: number;
}

/**
 * @param recue milliseconds. @param ancienne whether any of what is asked for is older than five years. @param zone of the practice
 */
export function delaisOf(nature: NatureDemande, recue: number, ancienne: boolean, zone: string): Delais {
  const day = dayAt(recue, zone);
  if (nature !== 'acces') return { pasAvant: null, echeance: endOfDay(dayAfter(day, 30), zone) };
  const last = ancienne ? addMonths(day, 2) : dayAfter(day, 8);
  return { pasAvant: recue + REFLEXION, echeance: endOfDay(last, zone) };
}

export type EtatDelai = 'reflexion' | 'a_repondre' | 'bientot' | 'en_retard';

/** How a request that is open stands, and when it stands otherwise; null when it never does again. */
export function situationOf(
  { pasAvant, echeance }: Delais,
  now: number,
): { etat: EtatDelai; jusqua: number | null } {
  if (now >= echeance) return { etat: 'en_retard', jusqua: null };
  if (pasAvant !== null && now < pasAvant) return { etat: 'reflexion', jusqua: pasAvant };
  if (now >= echeance - BIENTOT) return { etat: 'bientot', jusqua: echeance };
  return { etat: 'a_repondre', jusqua: echeance - BIENTOT };
}
