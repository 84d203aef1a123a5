import type { Modele } from './modele';
import type { Plan } from './plan';
import type { Cout } from './probleme';

/** What plans cost, and which of two is better. Everything is whole numbers, so sums do not depend on their order. */

/** Below 0 when the first is better: whatever comes first decides, whatever the rest says. */
export function comparer(un: Cout, autre: Cout): number {
  return (
    un.non_affectees - autre.non_affectees ||
    un.retard - autre.retard ||
    un.trajet - autre.trajet ||
    un.desequilibre - autre.desequilibre ||
    un.ecart - autre.ecart
  );
}

export function coutDe(plan: Plan, absents: Iterable<number>): Cout {
  let nonAffectees = plan.poidsAbsentsFixes;
  for (const travail of absents) nonAffectees += plan.modele.poidsAbsent[travail]!;
  return {
    non_affectees: nonAffectees,
    retard: plan.retardTotal,
    trajet: plan.trajetTotal,
    desequilibre: desequilibreDe(plan.modele, plan.charge),
    ecart: plan.changes,
  };
}

/** Squared hours between loads and fair shares, summed up: whole, so that less than about an hour is no difference. */
export function desequilibreDe(modele: Modele, charge: Float64Array): number {
  return Math.round(carresDesEcarts(modele, charge) / 3_600);
}

/** Root mean square of the minutes between loads and fair shares. */
export function ecartDeCharge(modele: Modele, charge: Float64Array): number {
  return charge.length === 0 ? 0 : Math.round(Math.sqrt(carresDesEcarts(modele, charge) / charge.length));
}

/** The fair share of somebody is of all that is to be done what their hours are of all hours. */
function carresDesEcarts({ capacite }: Modele, charge: Float64Array): number {
  let total = 0;
  let heures = 0;
  for (let t = 0; t < charge.length; t++) {
    total += charge[t]!;
    heures += capacite[t]!;
  }
  let carres = 0;
  for (let t = 0; t < charge.length; t++) {
    const ecart = charge[t]! - (total * capacite[t]!) / heures;
    carres += ecart * ecart;
  }
  return carres;
}

/** More travel than any plan has, in minutes: what a minute of weighed lateness stands for while the search compares. */
const POIDS_RETARD = 2 ** 20;

/**
 * One number for the temperature to play with, among plans that leave the same out. The balance and the distance from
 * the present plan stay below a minute of travel together.
 */
export function scalaire(cout: Cout, bornes: { desequilibre: number; ecart: number }): number {
  const menu = cout.desequilibre + cout.ecart / (bornes.ecart + 1);
  return cout.retard * POIDS_RETARD + cout.trajet + menu / (bornes.desequilibre + 2);
}
