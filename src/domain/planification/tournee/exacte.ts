import { JAMAIS } from '../semaine/modele';
import { arrivee, debutDepuis, type Plan } from '../semaine/plan';
import type { Cout } from '../semaine/probleme';

/**
 * The best order of a day, exactly: dynamic programming over which stops are done and which was the last, after M. Held and
 * R. M. Karp (1962), with several labels for each because windows make time and cost two things: to be done earlier for
 * more travel may pay off later. A label that is neither earlier nor cheaper than another of the same state is dropped.
 */

/** So many minutes of travel never outweigh a minute of lateness. */
const POIDS_RETARD = 2 ** 20;

/** Labels, by number. */
interface Etiquettes {
  /** When the last stop is done. */
  fin: number[];
  cout: number[];
  /** Position of the last stop among the nodes. */
  dernier: number[];
  /** The label that it was made from, -1 for the first stop. */
  depuis: number[];
}

/**
 * @param noeuds what has to be done on the tournée, at most 20: work of the model, and fixed stops of the plan.
 * @param connu what some order costs that does all of them, where one is known: what must become dearer is not gone on with.
 * @returns the nodes in the best order: least lateness by weight, then least travel, then done first; among equals those that
 * come first in `noeuds` go first. Null when there is no order in which all of them can be done in time.
 */
export function ordreExact(
  plan: Plan,
  tournee: number,
  noeuds: readonly number[],
  connu: Pick<Cout, 'retard' | 'trajet'> | null,
): number[] | null {
  const n = noeuds.length;
  if (n === 0) return [];
  const { modele, duree, lieu, fixe, echeance, poids } = plan;
  const base = modele.base[(tournee / modele.jours) | 0]!;
  const minutes = (de: number, vers: number) =>
    de < 0 || vers < 0 ? 0 : modele.minutes[de * modele.lieux + vers]!;
  const etiquettes: Etiquettes = { fin: [], cout: [], dernier: [], depuis: [] };
  const { fin, cout, dernier, depuis } = etiquettes;
  /** Labels by state, `fait × n + dernier`. */
  const etats = new Array<number[] | undefined>(n << n);

  const borne = connu === null ? Number.POSITIVE_INFINITY : POIDS_RETARD * connu.retard + connu.trajet;
  const encore = trajetRestant(noeuds, (de, vers) =>
    minutes(de < 0 ? base : lieu[de]!, vers < 0 ? base : lieu[vers]!),
  );

  /** Does the stop at position `k` next, with `pret` the moment somebody is there, and `dejaPaye` the cost so far. */
  const aller = (fait: number, k: number, pret: number, dejaPaye: number, parent: number) => {
    const noeud = noeuds[k]!;
    const fixeA = fixe[noeud]!;
    const debut = fixeA < 0 ? debutDepuis(modele, noeud, tournee, pret) : pret <= fixeA ? fixeA : JAMAIS;
    if (debut === JAMAIS) return;
    const fini = debut + duree[noeud]!;
    const retard = Math.max(0, fini - echeance[noeud]!) * poids[noeud]!;
    const total = dejaPaye + POIDS_RETARD * retard;
    if (total + encore[fait | (1 << k)]! > borne) return;
    const etat = (fait | (1 << k)) * n + k;
    const autres = etats[etat];
    if (autres === undefined) etats[etat] = [fin.length];
    else {
      if (autres.some((autre) => fin[autre]! <= fini && cout[autre]! <= total)) return;
      const gardes = autres.filter((autre) => fin[autre]! < fini || cout[autre]! < total);
      gardes.push(fin.length);
      etats[etat] = gardes;
    }
    fin.push(fini);
    cout.push(total);
    dernier.push(k);
    depuis.push(parent);
  };

  for (let k = 0; k < n; k++) aller(0, k, 0, minutes(base, lieu[noeuds[k]!]!), -1);
  const tous = (1 << n) - 1;
  for (let fait = 1; fait < tous; fait++) {
    for (let l = 0; l < n; l++) {
      const labels = etats[fait * n + l];
      if (labels === undefined) continue;
      const ici = lieu[noeuds[l]!]!;
      for (let k = 0; k < n; k++) {
        if ((fait & (1 << k)) !== 0) continue;
        const trajet = minutes(ici, lieu[noeuds[k]!]!);
        for (const label of labels) {
          aller(fait, k, arrivee(modele, tournee, fin[label]!, trajet), cout[label]! + trajet, label);
        }
      }
    }
  }

  let meilleure = -1;
  let moindre = Number.POSITIVE_INFINITY;
  for (let l = 0; l < n; l++) {
    for (const label of etats[tous * n + l] ?? []) {
      const total = cout[label]! + minutes(lieu[noeuds[l]!]!, base);
      if (total > moindre || (total === moindre && fin[label]! >= fin[meilleure]!)) continue;
      meilleure = label;
      moindre = total;
    }
  }
  if (meilleure < 0) return null;
  const ordre: number[] = [];
  for (let label = meilleure; label >= 0; label = depuis[label]!) ordre.push(noeuds[dernier[label]!]!);
  return ordre.reverse();
}

/**
 * For each set of stops that are done the least travel that is still to come: the shortest way to each of the others, and
 * the shortest way home.
 * @param minutes between nodes; -1 is the base.
 */
function trajetRestant(noeuds: readonly number[], minutes: (de: number, vers: number) => number): Int32Array {
  const n = noeuds.length;
  const vers = noeuds.map((noeud) =>
    [-1, ...noeuds].reduce(
      (moins, de) => (de === noeud ? moins : Math.min(moins, minutes(de, noeud))),
      JAMAIS,
    ),
  );
  const retour = noeuds.reduce((moins, noeud) => Math.min(moins, minutes(noeud, -1)), JAMAIS);
  const encore = new Int32Array(1 << n);
  encore[(1 << n) - 1] = retour;
  for (let fait = (1 << n) - 2; fait >= 0; fait--) {
    const premier = 31 - Math.clz32(~fait & (fait + 1));
    encore[fait] = encore[fait | (1 << premier)]! + vers[premier]!;
  }
  return encore;
}
