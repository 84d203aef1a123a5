import { caler } from '../semaine/calage';
import { comparer, coutDe } from '../semaine/cout';
import { placerFixes, type VisiteFixe } from '../semaine/fixes';
import { ajouter } from '../semaine/insertion';
import { mesurer } from '../semaine/mesure';
import { creerModele, type Modele } from '../semaine/modele';
import { Plan } from '../semaine/plan';
import type { Bilan, Cout, Probleme, Travail, VisitePlan } from '../semaine/probleme';
import { creerRecherche } from '../semaine/recherche';
import { ordreExact } from './exacte';

/**
 * The best way through one day of one technicien: exact where there are few stops, searched for where there are many. It
 * is measured as weeks are: lateness first, then travel.
 */

/** Up to so many stops every order is taken into account. */
const ARRETS_EXACTS = 12;
/** Steps of the search above that: a second or less. */
const ITERATIONS = 8_000;

export interface ArretTournee {
  intervention: number;
  debut: number;
  fin: number;
  /** From the stop before, or from the base. */
  trajet_minutes: number;
  km: number;
  retard_minutes: number;
}

export interface Tournee {
  arrets: ArretTournee[];
  /** Interventions as they are visited. */
  ordre: number[];
  /** The way home included. */
  km: number;
  /** Of travel, the way home included. */
  minutes: number;
  retard_minutes: number;
}

export interface ResultatTournee {
  /** What is planned today, where anything is. */
  actuel: Tournee;
  /** The best order there is, the present one where none is better; null when there is none that keeps every rule. */
  propose: Tournee | null;
  methode: 'exacte' | 'recherche';
}

/**
 * Work of a crew, and work that goes on in another stretch, stays at its time: it is not this technicien's alone to move. So
 * does what no rule would allow today, because somebody has put it there nevertheless.
 * @param probleme one technicien, one day, and the work of that day; where they only come along, as locked work of their own.
 * @throws RangeError when it is of more people or days than one.
 */
export function proposerTournee(probleme: Probleme): ResultatTournee {
  if (probleme.techniciens.length !== 1 || probleme.jours.length !== 1) {
    throw new RangeError('A tournée is one day of one technicien');
  }
  const jour = fixerCeQuiReste(probleme);
  const modele = creerModele(jour);
  const actuel = enTournee(modele, presentDe(modele.travaux));
  const plan = new Plan(modele);
  const { visites, absents } = placerFixes(plan);
  const mobiles = [...modele.travaux.keys()].filter((travail) => modele.libre[travail] === 1);
  const noeuds = [...mobiles, ...plan.tournees[0]!];
  const methode = noeuds.length <= ARRETS_EXACTS ? 'exacte' : 'recherche';
  if (absents.length > 0) return { actuel, propose: null, methode };
  if (methode === 'recherche') return { actuel, propose: chercher(jour, modele), methode };
  const fixes = plan.tournees[0]!.slice();
  const connu = ajouter(plan, mobiles).length === 0 ? coutDe(plan, []) : null;
  plan.remettre(0, fixes);
  const ordre = ordreExact(plan, 0, noeuds, connu);
  return { actuel, propose: ordre === null ? null : tourneeDe(plan, visites, mobiles, ordre), methode };
}

function fixerCeQuiReste(probleme: Probleme): Probleme {
  const { travaux, candidates } = creerModele(probleme);
  const un = probleme.techniciens[0]!;
  return {
    ...probleme,
    travaux: travaux.map((travail, j): Travail => {
      const deplacable =
        travail.equipe.length === 0 && travail.duree <= un.plus_long_travail && candidates[j]!.length > 0;
      const { actuel } = travail;
      // The others of a crew are not of this problem; their time is not touched.
      return deplacable || travail.verrouille !== null || actuel === null
        ? travail
        : { ...travail, equipe: [], verrouille: actuel };
    }),
  };
}

function presentDe(travaux: readonly Travail[]): VisitePlan[] {
  return travaux.flatMap(({ intervention, actuel, verrouille }) => {
    const present = verrouille ?? actuel;
    return present === null ? [] : [{ intervention, ...present }];
  });
}

/** The order found; the present one where that is as good. */
function tourneeDe(
  plan: Plan,
  fixes: readonly VisiteFixe[],
  mobiles: readonly number[],
  ordre: readonly number[],
): Tournee {
  const { modele } = plan;
  const autre = enOrdreActuel(plan, mobiles);
  const coutActuel = autre === null ? null : coutDe(plan, []);
  plan.remettre(0, ordre);
  if (coutActuel !== null && memeCout(coutActuel, coutDe(plan, []))) plan.remettre(0, autre!);
  const debuts = caler(plan);
  return enTournee(modele, [
    ...fixes.map(({ travail, technicien, segments }) => ({
      ...{ intervention: modele.travaux[travail]!.intervention, technicien },
      ...{ debut: segments[0]![0], segments },
    })),
    ...mobiles.map((travail) => ({
      intervention: modele.travaux[travail]!.intervention,
      technicien: modele.techniciens[0]!.id,
      debut: debuts[travail]!,
    })),
  ]);
}

/** Puts everything in the order that it has today; null when it cannot be kept. */
function enOrdreActuel(plan: Plan, mobiles: readonly number[]): number[] | null {
  const debut = (travail: number) => plan.modele.travaux[travail]!.actuel?.debut ?? null;
  const ordre = [...mobiles].sort((a, b) => (debut(a) ?? 0) - (debut(b) ?? 0) || a - b);
  const tient = ordre.every((travail) => {
    const moment = debut(travail);
    return moment !== null && plan.ajouterEnOrdre(travail, 0, moment);
  });
  return tient ? plan.tournees[0]!.slice() : null;
}

function memeCout(un: Cout, autre: Cout): boolean {
  return comparer({ ...un, ecart: 0, desequilibre: 0 }, { ...autre, ecart: 0, desequilibre: 0 }) === 0;
}

function chercher(probleme: Probleme, modele: Modele): Tournee | null {
  const recherche = creerRecherche(probleme, { iterations: ITERATIONS });
  while (!recherche.terminee) recherche.avancer(ITERATIONS);
  const { visites, non_affectees: laissees } = recherche.proposition();
  return laissees.length > 0 ? null : enTournee(modele, visites);
}

function enTournee(modele: Modele, plan: readonly VisitePlan[]): Tournee {
  const { visites, bilan }: { visites: (ArretTournee & { travail: number })[]; bilan: Bilan } = mesurer(
    modele,
    plan,
  );
  const arrets = visites
    .sort((a, b) => a.debut - b.debut || a.intervention - b.intervention)
    .map(({ intervention, debut, fin, trajet_minutes, km, retard_minutes }): ArretTournee => {
      return { intervention, debut, fin, trajet_minutes, km, retard_minutes };
    });
  return {
    arrets,
    ordre: arrets.map(({ intervention }) => intervention),
    km: bilan.km,
    minutes: bilan.trajet_minutes,
    retard_minutes: bilan.retard_minutes,
  };
}
