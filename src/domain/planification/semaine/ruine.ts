import type { Hasard } from './hasard';
import type { Modele } from './modele';
import type { Plan } from './plan';

/**
 * Taking strings of neighbouring visits out of a plan, as "slack induction by string removals" does (J. Christiaens and
 * G. Vanden Berghe, Transportation Science 54(2), 2020, section 5.2): near each other in space, and one after the other on their
 * tournées, so that what is freed can be filled in another way.
 */

/** Visits taken out of a step on average. */
const RETIREES = 10;
/** The longest string. */
const LONGUEUR = 10;
/** How often a string keeps some of its middle, and how much further what is kept may grow each time. */
const PART_COUPEE = 0.5;
const CROISSANCE = 0.01;
/** Neighbours that are known of each; nobody looks further. */
const VOISINS = 400;

export class Ruine {
  private readonly voisins: readonly Int32Array[];
  /** The step in which a tournée was last touched. */
  private readonly touchee: Int32Array;
  private etape = 0;

  /** @param mobiles work that the search decides about. */
  constructor(
    private readonly plan: Plan,
    private readonly mobiles: readonly number[],
    private readonly hasard: Hasard,
  ) {
    this.voisins = voisinsDe(plan.modele, mobiles, hasard);
    this.touchee = new Int32Array(plan.modele.tournees);
  }

  /**
   * @param toucher is told of each tournée before it changes.
   * @returns what was taken out.
   */
  retirer(toucher: (tournee: number) => void): number[] {
    const { plan, hasard, mobiles } = this;
    const retires: number[] = [];
    const etape = ++this.etape;
    const longueur = Math.min(LONGUEUR, this.longueurMoyenne());
    const chaines = Math.floor(1 + hasard.suivant() * ((4 * RETIREES) / (1 + longueur) - 1));
    const voisins = this.voisins[hasard.entier(mobiles.length)]!;
    let faites = 0;
    for (let v = 0; v < voisins.length && faites < chaines; v++) {
      const travail = voisins[v]!;
      const tournee = plan.tourneeDe[travail]!;
      if (tournee < 0 || this.touchee[tournee] === etape) continue;
      this.touchee[tournee] = etape;
      faites++;
      toucher(tournee);
      retires.push(...plan.retirer(tournee, this.chaine(tournee, travail, longueur)));
    }
    return retires;
  }

  /** Of the tournées that hold something, in visits. */
  private longueurMoyenne(): number {
    let places = 0;
    let tournees = 0;
    for (const noeuds of this.plan.tournees) {
      places += noeuds.length;
      if (noeuds.length > 0) tournees++;
    }
    return tournees === 0 ? 1 : places / tournees;
  }

  /** The positions of a string with this work in it, of visits that may move. */
  private chaine(tournee: number, travail: number, longueurMax: number): number[] {
    const { plan, hasard } = this;
    const noeuds = plan.tournees[tournee]!;
    const mobiles: number[] = [];
    let rang = 0;
    for (let position = 0; position < noeuds.length; position++) {
      const noeud = noeuds[position]!;
      if (noeud === travail) rang = mobiles.length;
      if (plan.fixe[noeud]! < 0) mobiles.push(position);
    }
    const n = mobiles.length;
    const longueur = Math.floor(1 + hasard.suivant() * Math.min(n, longueurMax));
    const gardees =
      longueur > 1 && longueur < n && hasard.suivant() < PART_COUPEE ? this.gardees(n - longueur) : 0;
    const etendue = longueur + gardees;
    // Any beginning for which the work lies in the string.
    const premier = Math.max(0, rang - etendue + 1);
    const debut = premier + hasard.entier(Math.min(rang, n - etendue) - premier + 1);
    const chaine = mobiles.slice(debut, debut + etendue);
    if (gardees > 0) chaine.splice(1 + hasard.entier(longueur - 1), gardees);
    return chaine;
  }

  private gardees(max: number): number {
    let gardees = 1;
    while (gardees < max && this.hasard.suivant() < CROISSANCE) gardees++;
    return gardees;
  }
}

/** For each the others by the way to them and back, itself first; those that are as near, in an order of chance. */
function voisinsDe(modele: Modele, mobiles: readonly number[], hasard: Hasard): Int32Array[] {
  const { minutes, lieux, lieu } = modele;
  const rang = new Float64Array(modele.travaux.length);
  for (const travail of mobiles) rang[travail] = hasard.suivant();
  const cle = new Float64Array(modele.travaux.length);
  return mobiles.map((centre) => {
    const ici = lieu[centre]!;
    for (const travail of mobiles) {
      const la = lieu[travail]!;
      cle[travail] = minutes[ici * lieux + la]! + minutes[la * lieux + ici]! + rang[travail]!;
    }
    cle[centre] = -1;
    const ordre = [...mobiles].sort((a, b) => cle[a]! - cle[b]! || a - b);
    return Int32Array.from(ordre.slice(0, VOISINS));
  });
}
