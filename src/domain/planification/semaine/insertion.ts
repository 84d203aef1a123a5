import type { Hasard } from './hasard';
import { JAMAIS } from './modele';
import { arrivee, debutDepuis, type Plan } from './plan';

/** So much travel, in minutes, never outweighs a minute of lateness. */
const POIDS_RETARD = 2 ** 20;

/** Below a minute of travel: the share of the balance, and of a change of the present plan below that. */
const PART_EQUILIBRE = 2 ** -2;
const PART_CHANGE = 2 ** -12;

/** Where a piece of work goes best in a plan as it stands: each place it could take is looked at. */
export class Insertion {
  /** Of the best place found last. */
  tournee = -1;
  position = -1;
  cout = 0;
  /** Places to look at until the next one is passed over; chance decides anew each time. */
  private jusquaClin = Number.POSITIVE_INFINITY;
  private readonly echelle: number;

  /**
   * @param clin the probability of passing a place over: so equal beginnings lead to different plans (the "blinks" of SISR);
   * 0 looks at each.
   */
  constructor(
    private readonly plan: Plan,
    private readonly clin = 0,
    private readonly hasard: Hasard | null = null,
  ) {
    const { duree, capacite, techniciens } = plan.modele;
    const travail =
      duree.reduce((total, une) => total + une, 0) +
      techniciens.reduce((total, { charge }) => total + charge, 0);
    // The most that a share of squared load can come to, so that it stays below a minute.
    this.echelle =
      PART_EQUILIBRE /
      Math.max(1, (3 * travail * travail) / capacite.reduce((a, b) => Math.min(a, b), JAMAIS));
    this.tirer();
  }

  /** @returns whether there is a place; `tournee`, `position` and `cout` say which. */
  chercher(travail: number): boolean {
    const { plan } = this;
    const { modele } = plan;
    const { jours, tournees, change, capacite } = modele;
    const duree = plan.duree[travail]!;
    this.tournee = -1;
    this.cout = Number.POSITIVE_INFINITY;
    const candidates = modele.candidates[travail]!;
    for (let c = 0; c < candidates.length; c++) {
      const tournee = candidates[c]!;
      if (plan.reste[tournee]! < duree) continue;
      const technicien = (tournee / jours) | 0;
      const equilibre =
        (this.echelle * (2 * plan.charge[technicien]! + duree) * duree) / capacite[technicien]!;
      const fixe = equilibre + PART_CHANGE * change[travail * tournees + tournee]!;
      this.essayer(travail, tournee, fixe);
    }
    return this.tournee >= 0;
  }

  /** Looks at each position on one tournée. */
  private essayer(travail: number, tournee: number, fixe: number): void {
    const { plan } = this;
    const { modele, tot, tard, duree, lieu } = plan;
    const { minutes, lieux } = modele;
    const noeuds = plan.tournees[tournee]!;
    const n = noeuds.length;
    const ici = lieu[travail]!;
    const base = modele.base[(tournee / modele.jours) | 0]!;
    const dernier = modele.debuts[2 * modele.debutsDe[travail * modele.tournees + tournee + 1]! - 1]!;
    let precedent = -1;
    let depuis = base;
    for (let position = 0; position <= n; position++) {
      const libre = precedent < 0 ? 0 : tot[precedent]! + duree[precedent]!;
      if (libre > dernier) return;
      const suivant = position < n ? noeuds[position]! : -1;
      const vers = suivant < 0 ? base : lieu[suivant]!;
      if (--this.jusquaClin <= 0) {
        this.tirer();
      } else {
        const aller = depuis < 0 ? 0 : minutes[depuis * lieux + ici]!;
        const suite = vers < 0 ? 0 : minutes[ici * lieux + vers]!;
        const direct = n === 0 || depuis < 0 || vers < 0 ? 0 : minutes[depuis * lieux + vers]!;
        const cout = aller + suite - direct + fixe;
        // Lateness only adds to it: most places end here.
        if (cout < this.cout) {
          const pret = precedent < 0 ? 0 : arrivee(modele, tournee, libre, aller);
          const debut = debutDepuis(modele, travail, tournee, pret);
          if (debut === JAMAIS) {
            // Too far from here; not, perhaps, from the next.
          } else if (suivant < 0) this.garder(cout + this.retardDe(travail, debut), tournee, position);
          else {
            const ensuite = arrivee(modele, tournee, debut + duree[travail]!, suite);
            if (ensuite <= tard[suivant]!) {
              const retard = this.retardDe(travail, debut) + this.retardPousse(tournee, position, ensuite);
              this.garder(cout + retard, tournee, position);
            }
          }
        }
      }
      precedent = suivant;
      depuis = vers;
    }
  }

  private garder(cout: number, tournee: number, position: number): void {
    if (cout >= this.cout) return;
    this.cout = cout;
    this.tournee = tournee;
    this.position = position;
  }

  private retardDe(travail: number, debut: number): number {
    const { plan } = this;
    const depasse = debut + plan.duree[travail]! - plan.echeance[travail]!;
    return depasse > 0 ? POIDS_RETARD * depasse * plan.poids[travail]! : 0;
  }

  /** What it costs that the node at this position can only begin from `pret` on, and those behind it with it. */
  private retardPousse(tournee: number, position: number, pret: number): number {
    const { plan } = this;
    const { modele, tot, duree, lieu, fixe, echeance, poids } = plan;
    const { minutes, lieux } = modele;
    const noeuds = plan.tournees[tournee]!;
    let cout = 0;
    let moment = pret;
    for (let i = position; i < noeuds.length; i++) {
      const noeud = noeuds[i]!;
      if (fixe[noeud]! >= 0) break;
      const debut = debutDepuis(modele, noeud, tournee, moment);
      if (debut === tot[noeud]!) break;
      const fin = debut + duree[noeud]!;
      const avant = Math.max(0, tot[noeud]! + duree[noeud]! - echeance[noeud]!);
      cout += (Math.max(0, fin - echeance[noeud]!) - avant) * poids[noeud]!;
      const suivant = noeuds[i + 1];
      if (suivant === undefined) break;
      moment = arrivee(modele, tournee, fin, minutes[lieu[noeud]! * lieux + lieu[suivant]!]!);
    }
    return POIDS_RETARD * cout;
  }

  private tirer(): void {
    if (this.hasard === null || this.clin <= 0) return;
    // How many are looked at before one is not: as if each were drawn for, with one draw.
    this.jusquaClin = 1 + Math.floor(Math.log(1 - this.hasard.suivant()) / Math.log(1 - this.clin));
  }
}

/** Puts each where it goes best, in this order. @returns what goes nowhere. */
export function ajouter(plan: Plan, travaux: readonly number[]): number[] {
  const insertion = new Insertion(plan);
  return travaux.filter((travail) => {
    if (!insertion.chercher(travail)) return true;
    plan.inserer(travail, insertion.tournee, insertion.position);
    return false;
  });
}
