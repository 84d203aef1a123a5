import { jourDuMoment, type Modele, parUrgence, peutFaire, tempsValide } from './modele';
import { type Ouverture, placesPossibles, remplir } from './places';
import { croiser } from './plages';
import type { Arret, Plan } from './plan';
import type { Plage } from './probleme';

/**
 * What the search does not move. Locked visits stand where they stand. Crews, and work that is longer than anybody's
 * stretches, are placed before everything else, in the order of their urgency, at the time and with the leader that are best
 * at that point; then they stay, because moving one of them would move the days of several people at once.
 */

export interface VisiteFixe {
  /** Index of the work. */
  travail: number;
  /** Id of whoever leads. */
  technicien: number;
  segments: Plage[];
  verrouille: boolean;
}

export interface Fixes {
  visites: VisiteFixe[];
  /** Work that found no time. */
  absents: number[];
}

export function placerFixes(plan: Plan): Fixes {
  const { modele } = plan;
  const fixes: Fixes = { visites: [], absents: [] };
  modele.travaux.forEach((travail, j) => {
    if (travail.verrouille === null) return;
    const { technicien: id, debut, segments: connus } = travail.verrouille;
    const technicien = modele.techniciens.findIndex((un) => un.id === id);
    const segments = connus ?? segmentsDe(modele, technicien, j, debut);
    plan.fixer(membresDe(modele, technicien, j).flatMap((membre) => arretsDe(modele, membre, j, segments)));
    fixes.visites.push({ travail: j, technicien: id, segments: [...segments], verrouille: true });
  });
  const autres = [...modele.travaux.keys()].filter(
    (j) => modele.libre[j] === 0 && modele.travaux[j]!.verrouille === null,
  );
  for (const travail of parUrgence(modele, autres)) {
    const visite = placer(plan, travail);
    if (visite !== null) fixes.visites.push(visite);
    else {
      fixes.absents.push(travail);
      plan.poidsAbsentsFixes += modele.poidsAbsent[travail]!;
    }
  }
  return fixes;
}

/** What work begun at a moment fills: one stretch, or several where it is longer than any of this technicien. */
export function segmentsDe(modele: Modele, technicien: number, travail: number, debut: number): Plage[] {
  const { duree, calendrier } = modele.travaux[travail]!;
  const un = modele.techniciens[technicien];
  const remplis =
    un !== undefined && duree > un.plus_long_travail
      ? remplir(modele.temps[technicien]!.ouvert[calendrier] ?? [], debut, duree)
      : null;
  return remplis ?? [[debut, debut + duree]];
}

/** Whoever is there when this technicien leads, by index, the leader first; nobody twice, and nobody who is not known. */
export function membresDe({ techniciens, travaux }: Modele, meneur: number, travail: number): number[] {
  const autres = travaux[travail]!.equipe.map((id) => techniciens.findIndex((un) => un.id === id));
  return [...new Set([meneur, ...autres])].filter((membre) => membre >= 0);
}

/** The time in which all of a crew work, and in which all of them are free, at the site of the work. */
export function ouvertureCommune(
  { temps, travaux }: Modele,
  membres: readonly number[],
  travail: number,
): Ouverture {
  const { calendrier } = travaux[travail]!;
  const commune = (plages: (membre: number) => readonly Plage[]) =>
    membres.map(plages).reduce((unes, autres) => croiser(unes, autres));
  return {
    ouvert: commune((membre) => temps[membre]!.ouvert[calendrier] ?? []),
    libre: commune((membre) => temps[membre]!.libre[calendrier] ?? []),
  };
}

/** Whether work goes on in the next stretch for one of them. */
export function estLongue(
  { techniciens, duree }: Modele,
  membres: readonly number[],
  travail: number,
): boolean {
  return membres.some((membre) => duree[travail]! > techniciens[membre]!.plus_long_travail);
}

interface Choix {
  visite: VisiteFixe;
  arrets: Arret[];
  /** What is compared, in this order. */
  cout: [retard: number, trajet: number, charge: number, change: number, debut: number, technicien: number];
}

/**
 * Fixes work where it costs least: lateness, travel, load of who leads, change of the present plan, then the earliest.
 * Of each leader the first time on each day is looked at, and the time of today.
 * @returns null where there is none.
 */
export function placer(plan: Plan, travail: number): VisiteFixe | null {
  const { modele } = plan;
  let meilleur: Choix | null = null;
  for (let meneur = 0; meneur < modele.techniciens.length; meneur++) {
    for (const choix of choixDe(plan, travail, meneur)) {
      if (meilleur === null || comparer(choix.cout, meilleur.cout) < 0) meilleur = choix;
    }
  }
  if (meilleur === null) return null;
  plan.fixer(meilleur.arrets);
  return meilleur.visite;
}

function* choixDe(plan: Plan, j: number, meneur: number): Generator<Choix> {
  const { modele } = plan;
  const { probleme, techniciens, tournees, jours } = modele;
  const technicien = techniciens[meneur]!;
  const travail = modele.travaux[j]!;
  if (!peutFaire(technicien, travail) || travail.equipe.includes(technicien.id)) return;
  const membres = membresDe(modele, meneur, j);
  if (membres.length < 1 + new Set(travail.equipe).size) return;
  const longue = estLongue(modele, membres, j);
  // What fits into a stretch and needs nobody else was looked at by the search.
  if (!longue && modele.libre[j] === 1) return;
  const { ouvert, libre } = ouvertureCommune(modele, membres, j);
  const valide = { ouvert, libre: croiser(libre, tempsValide(technicien, travail, probleme.jours)) };
  let jourPlace = -1;
  for (const segments of placesPossibles(travail, valide, probleme.pas, longue)) {
    const debut = segments[0]![0];
    const jour = jourDuMoment(probleme, modele.temps[meneur]!, debut);
    if (jour < 0) continue;
    const present = travail.actuel?.technicien === technicien.id && travail.actuel.debut === debut;
    if (jour === jourPlace && !present) continue;
    const arrets = placerArrets(plan, membres, j, segments);
    if (arrets === null) continue;
    jourPlace = jour;
    const fin = segments.at(-1)![1];
    const retard = Math.max(0, fin - modele.echeance[j]!) * modele.poidsRetard[j]!;
    const charge = plan.charge[meneur]! / modele.capacite[meneur]!;
    const change = modele.change[j * tournees + meneur * jours + jour]!;
    yield {
      visite: { travail: j, technicien: technicien.id, segments, verrouille: false },
      arrets: arrets.arrets,
      cout: [retard, arrets.trajet, charge, present ? -1 : change, debut, technicien.id],
    };
  }
}

function comparer(un: readonly number[], autre: readonly number[]): number {
  for (let i = 0; i < un.length; i++) {
    if (un[i] !== autre[i]) return un[i]! - autre[i]!;
  }
  return 0;
}

/** The stops of everybody where they fit between what is there already; null when somebody has no time, or no day, for it. */
function placerArrets(
  plan: Plan,
  membres: readonly number[],
  travail: number,
  segments: readonly Plage[],
): { arrets: Arret[]; trajet: number } | null {
  const { modele } = plan;
  const arrets: Arret[] = [];
  let trajet = 0;
  for (const membre of membres) {
    const siens = arretsDe(modele, membre, travail, segments);
    if (siens.length < segments.length) return null;
    // What somebody does on one day is one stay, with lunch in between.
    for (const tournee of new Set(siens.map((arret) => arret.tournee))) {
      const duJour = siens.filter((arret) => arret.tournee === tournee);
      const dernier = duJour.at(-1)!;
      const place = plan.placeFixe(
        tournee,
        modele.lieu[travail]!,
        duJour[0]!.debut,
        dernier.debut + dernier.duree,
      );
      if (place === null) return null;
      trajet += place.trajet;
      arrets.push(...duJour.map((arret, i) => ({ ...arret, position: place.position + i })));
    }
  }
  return { arrets, trajet };
}

/** One for each stretch on a day of the period. */
function arretsDe(modele: Modele, membre: number, travail: number, segments: readonly Plage[]): Arret[] {
  return segments.flatMap(([debut, fin], i) => {
    const jour = jourDuMoment(modele.probleme, modele.temps[membre]!, debut);
    if (jour < 0) return [];
    // Lateness is of the work, not of each who is there.
    const dernier =
      i === segments.length - 1 && !modele.travaux[travail]!.equipe.includes(modele.techniciens[membre]!.id);
    const tournee = membre * modele.jours + jour;
    return [{ travail, tournee, debut, duree: fin - debut, dernier, position: null }];
  });
}
