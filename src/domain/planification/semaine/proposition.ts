import { caler } from './calage';
import { type Fixes, placer } from './fixes';
import { ajouter } from './insertion';
import { mesurer } from './mesure';
import { type Modele, parUrgence } from './modele';
import type { Plan } from './plan';
import type { Proposition, Visite, VisitePlan } from './probleme';
import { raisonsDe } from './raisons';

/**
 * A plan as people read it. What the search left out is tried once more everywhere, also in several stretches by those
 * for whom it is longer than one; so nothing is left out that could be added to the plan as it is.
 */
export function proposer(
  plan: Plan,
  fixes: Fixes,
  absents: readonly number[],
  iterations: number,
): Proposition {
  const { modele } = plan;
  const visitesFixes = [...fixes.visites];
  const sans = ajouter(plan, parUrgence(modele, absents)).filter((travail) => {
    const visite = placer(plan, travail);
    if (visite === null) return true;
    visitesFixes.push(visite);
    return false;
  });
  const debuts = caler(plan);
  const mobiles = [...modele.travaux.keys()].filter((travail) => plan.tourneeDe[travail]! >= 0);
  const { visites, bilan, cout } = mesurer(modele, [
    ...visitesFixes.map(({ travail, technicien, segments }): VisitePlan => {
      const { intervention } = modele.travaux[travail]!;
      return { intervention, technicien, debut: segments[0]![0], segments };
    }),
    ...mobiles.map((travail): VisitePlan => {
      const { intervention, duree } = modele.travaux[travail]!;
      const { id: technicien } = modele.techniciens[(plan.tourneeDe[travail]! / modele.jours) | 0]!;
      const debut = debuts[travail]!;
      return { intervention, technicien, debut, segments: [[debut, debut + duree]] };
    }),
  ]);
  const laissees = [...sans, ...fixes.absents].sort((a, b) => a - b);
  return {
    visites: visites
      .sort((a, b) => a.debut - b.debut || a.intervention - b.intervention)
      .map(({ travail, ...mesuree }): Visite => ({ ...mesuree, ...ditDuTravail(modele, travail) })),
    non_affectees: laissees.map((travail) => raisonsDe(modele, travail)),
    bilan,
    cout,
    iterations,
  };
}

function ditDuTravail({ travaux }: Modele, travail: number): Pick<Visite, 'equipiers' | 'verrouille'> {
  const { equipe, verrouille } = travaux[travail]!;
  return { equipiers: [...new Set(equipe)].sort((a, b) => a - b), verrouille: verrouille !== null };
}
