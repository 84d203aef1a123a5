import { comparer, coutDe, scalaire } from './cout';
import { placerFixes } from './fixes';
import { creerHasard, graineDe, type Hasard } from './hasard';
import { ajouter, Insertion } from './insertion';
import { creerModele, type Modele, parUrgence } from './modele';
import { Plan } from './plan';
import type { Cout, Probleme, Progression, Proposition, Recherche } from './probleme';
import { proposer } from './proposition';
import { Ruine } from './ruine';

/**
 * The search for a week: ruin and recreate with strings (SISR, J. Christiaens and G. Vanden Berghe, "Slack Induction by
 * String Removals for Vehicle Routing Problems", Transportation Science 54(2), 2020) under simulated annealing that cools by
 * the step, never by the clock: equal input gives the same plan on any machine, however busy.
 */

/** A place is passed over once in a hundred times. */
const CLIN = 0.01;
/** Temperatures at the beginning and the end, in mean trips between two visits. */
const CHAUD = 2;
const FROID = 0.02;
/** Work without a place that is tried in a step: where much is left out, all of it would make steps ten times as long. */
const ABSENTS = 20;
/** The last share of the steps starts from the best and takes nothing worse: for what weighs less than travel. */
const POLISSAGE = 0.05;

export interface OptionsRecherche {
  /** Steps in all; 0 keeps what a first insertion finds. */
  iterations: number;
}

/** Enough for a good plan: for 500 visits of 30 people about 12 seconds of a core of 2024, for less work less. */
export function iterationsParDefaut({ travaux }: Probleme): number {
  return Math.min(300_000, 2_000 + 600 * travaux.length);
}

export function creerRecherche(probleme: Probleme, options: OptionsRecherche): Recherche {
  return new RechercheSisr(creerModele(probleme), options.iterations);
}

class RechercheSisr implements Recherche {
  private readonly plan: Plan;
  private readonly hasard: Hasard;
  private readonly insertion: Insertion;
  private readonly ruine: Ruine;
  private readonly ordres: Ordres;
  private readonly bornes: { desequilibre: number; ecart: number };
  private readonly refroidissement: number;
  private readonly polissage: number;
  private temperature: number;
  private iteration = 0;
  private absents: number[];
  private cout: Cout;
  private meilleur: { cout: Cout; tournees: number[][]; absents: number[] };
  /** What the tournées were like that a step has changed, by number. */
  private readonly avant = new Map<number, number[]>();

  constructor(
    private readonly modele: Modele,
    private readonly iterations: number,
  ) {
    this.hasard = creerHasard(graine(modele));
    this.plan = new Plan(modele);
    placerFixes(this.plan);
    const mobiles = [...modele.libre.keys()].filter((travail) => modele.libre[travail] === 1);
    this.absents = premierPlan(this.plan, mobiles);
    this.insertion = new Insertion(this.plan, CLIN, this.hasard);
    this.ruine = new Ruine(this.plan, mobiles, this.hasard);
    this.ordres = new Ordres(modele, this.hasard);
    this.cout = coutDe(this.plan, this.absents);
    this.bornes = { desequilibre: 1 + 4 * this.cout.desequilibre, ecart: mobiles.length };
    this.meilleur = this.photographier();
    const trajetMoyen = Math.max(1, trajetMoyenDe(modele, mobiles));
    this.temperature = CHAUD * trajetMoyen;
    this.polissage = Math.floor(this.total * (1 - POLISSAGE));
    this.refroidissement = (FROID / CHAUD) ** (1 / Math.max(1, this.polissage));
  }

  /** Nothing is to be searched where nothing may move. */
  private get total(): number {
    return this.modele.libre.includes(1) ? this.iterations : 0;
  }

  get terminee(): boolean {
    return this.iteration >= this.total;
  }

  get progression(): Progression {
    return {
      iteration: this.iteration,
      total: this.total,
      cout: this.meilleur.cout,
      non_affectees: this.meilleur.absents.length,
    };
  }

  avancer(pas: number): Progression {
    const jusqua = Math.min(this.total, this.iteration + pas);
    while (this.iteration < jusqua) this.etape();
    return this.progression;
  }

  proposition(): Proposition {
    const { modele, meilleur } = this;
    const plan = new Plan(modele);
    const fixes = placerFixes(plan);
    plan.remettreTout(meilleur.tournees);
    return proposer(plan, fixes, meilleur.absents, this.iteration);
  }

  private etape(): void {
    if (this.iteration === this.polissage) this.reprendre();
    const { plan, avant } = this;
    const absentsAvant = this.absents;
    avant.clear();
    const retires = this.ruine.retirer((tournee) => this.retenir(tournee));
    const [essayes, absents] = this.choisir(absentsAvant);
    const aPlacer = this.ordres.trier([...essayes, ...retires]);
    for (const travail of aPlacer) {
      if (!this.insertion.chercher(travail)) {
        absents.push(travail);
        continue;
      }
      const { tournee, position } = this.insertion;
      this.retenir(tournee);
      plan.inserer(travail, tournee, position);
    }
    const cout = coutDe(plan, absents);
    if (this.accepte(cout)) {
      this.cout = cout;
      this.absents = absents;
      if (comparer(cout, this.meilleur.cout) < 0) this.meilleur = this.photographier();
    } else {
      for (const [tournee, noeuds] of avant) plan.remettre(tournee, noeuds);
    }
    this.temperature *= this.refroidissement;
    this.iteration++;
  }

  /** Which of the work without a place is tried in a step: what matters most, and some of the rest; and which is not. */
  private choisir(absents: readonly number[]): [essayes: number[], laisses: number[]] {
    if (absents.length <= ABSENTS) return [[...absents], []];
    const { poidsAbsent } = this.modele;
    const rangs = [...absents].sort((a, b) => poidsAbsent[b]! - poidsAbsent[a]! || a - b);
    for (let i = ABSENTS / 2; i < ABSENTS; i++) {
      const autre = i + this.hasard.entier(rangs.length - i);
      [rangs[i], rangs[autre]] = [rangs[autre]!, rangs[i]!];
    }
    return [rangs.slice(0, ABSENTS), rangs.slice(ABSENTS)];
  }

  private accepte(cout: Cout): boolean {
    const absence = cout.non_affectees - this.cout.non_affectees;
    if (absence !== 0) return absence < 0;
    if (this.iteration >= this.polissage) return comparer(cout, this.cout) <= 0;
    const seuil = this.temperature * -Math.log(1 - this.hasard.suivant());
    return scalaire(cout, this.bornes) < scalaire(this.cout, this.bornes) + seuil;
  }

  private retenir(tournee: number): void {
    if (!this.avant.has(tournee)) this.avant.set(tournee, this.plan.tournees[tournee]!.slice());
  }

  private photographier() {
    return {
      cout: this.cout,
      tournees: this.plan.copier(),
      absents: this.absents.slice(),
    };
  }

  /** Goes back to the best plan so far. */
  private reprendre(): void {
    this.plan.remettreTout(this.meilleur.tournees);
    this.absents = this.meilleur.absents.slice();
    this.cout = this.meilleur.cout;
  }
}

/**
 * The plan of today as far as it can stand, and what it leaves out where it goes best; or all of it where it goes best, if
 * that is better. So a proposal is never worse than what of the plan of today keeps the rules.
 * @returns what is left out.
 */
function premierPlan(plan: Plan, mobiles: readonly number[]): number[] {
  const { modele } = plan;
  const vide = plan.copier();
  const ordre = parUrgence(modele, mobiles);
  const sansRien = ajouter(plan, ordre);
  const cout = coutDe(plan, sansRien);
  const tournees = plan.copier();
  plan.remettreTout(vide);
  const absents = ajouter(plan, garderActuel(plan, ordre));
  if (comparer(coutDe(plan, absents), cout) <= 0) return absents;
  plan.remettreTout(tournees);
  return sansRien;
}

/** @returns what cannot stay where it is, or stands nowhere. */
function garderActuel(plan: Plan, mobiles: readonly number[]): number[] {
  const { modele } = plan;
  const parTournee = new Map<number, number[]>();
  const autres: number[] = [];
  for (const travail of mobiles) {
    const tournee = modele.candidates[travail]!.find(
      (une) =>
        modele.travaux[travail]!.actuel !== null && modele.change[travail * modele.tournees + une] === 0,
    );
    if (tournee === undefined) autres.push(travail);
    else parTournee.set(tournee, [...(parTournee.get(tournee) ?? []), travail]);
  }
  const debut = (travail: number) => modele.travaux[travail]!.actuel!.debut;
  for (const [tournee, travaux] of parTournee) {
    for (const travail of travaux.sort((a, b) => debut(a) - debut(b) || a - b)) {
      if (!plan.ajouterEnOrdre(travail, tournee, debut(travail))) autres.push(travail);
    }
  }
  return parUrgence(modele, autres);
}

/** The orders in which what was taken out is put back; chance chooses one each time, and decides among equals. */
class Ordres {
  private readonly cles: readonly Float64Array[];
  private readonly tirage: Float64Array;

  constructor(
    modele: Modele,
    private readonly hasard: Hasard,
  ) {
    const { travaux, duree, echeance, candidates, poidsRetard } = modele;
    const n = travaux.length;
    this.tirage = new Float64Array(n);
    const cles = (cle: (travail: number) => number) =>
      Float64Array.from({ length: n }, (_, travail) => cle(travail));
    const hasardeux = cles(() => 0);
    this.cles = [
      hasardeux,
      hasardeux,
      hasardeux,
      cles((travail) => -duree[travail]!),
      cles((travail) => momentsPossibles(modele, travail)),
      cles((travail) => candidates[travail]!.length),
      cles((travail) => -poidsRetard[travail]!),
      cles((travail) => echeance[travail]!),
    ];
  }

  trier(travaux: number[]): number[] {
    const { tirage, hasard } = this;
    const cle = this.cles[hasard.entier(this.cles.length)]!;
    for (const travail of travaux) tirage[travail] = hasard.suivant();
    return travaux.sort((a, b) => cle[a]! - cle[b]! || tirage[a]! - tirage[b]! || a - b);
  }
}

/** Minutes at which a piece of work may begin, over all days and people: few for narrow windows and rare skills. */
function momentsPossibles({ debuts, debutsDe, tournees }: Modele, travail: number): number {
  let moments = 0;
  for (let k = debutsDe[travail * tournees]!; k < debutsDe[(travail + 1) * tournees]!; k++) {
    moments += 1 + debuts[2 * k + 1]! - debuts[2 * k]!;
  }
  return moments;
}

/** Minutes between the places of two visits, on average over all pairs. */
function trajetMoyenDe({ minutes, lieux, lieu }: Modele, mobiles: readonly number[]): number {
  const visites = new Float64Array(lieux);
  for (const travail of mobiles) visites[lieu[travail]!]! += 1;
  let total = 0;
  for (let de = 0; de < lieux; de++) {
    if (visites[de] === 0) continue;
    for (let vers = 0; vers < lieux; vers++)
      total += visites[de]! * visites[vers]! * minutes[de * lieux + vers]!;
  }
  return mobiles.length === 0 ? 0 : total / (mobiles.length * mobiles.length);
}

/** From everything that the search is given, in the order of ids. */
function graine(modele: Modele): number {
  const { debuts, debutsDe, duree, lieu, echeance, poidsRetard, minutes, base, presence } = modele;
  const ids = [
    ...modele.techniciens.map(({ id }) => id),
    ...modele.travaux.map(({ intervention }) => intervention),
  ];
  return graineDe([ids, debuts, debutsDe, duree, lieu, echeance, poidsRetard, minutes, base, presence]);
}
