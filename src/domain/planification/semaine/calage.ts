import { arrivee, debutDepuis, debutJusqua, depart, type Plan, peutDebuter } from './plan';

/**
 * When each visit of a plan begins: as early as it can, but at the time that it has in the present plan where the same
 * person can still keep it without anything being later than it has to be.
 * @returns the beginning of each node.
 */
export function caler(plan: Plan): Int32Array {
  const { modele, tot, duree, lieu, fixe } = plan;
  const { minutes, lieux } = modele;
  const debut = Int32Array.from(tot);
  plan.tournees.forEach((noeuds, t) => {
    const technicien = modele.techniciens[(t / modele.jours) | 0]!.id;
    const tard = tardSansRetard(plan, t);
    let pret = 0;
    noeuds.forEach((noeud, i) => {
      if (fixe[noeud]! < 0) {
        debut[noeud] = debutDepuis(modele, noeud, t, pret);
        const { actuel } = modele.travaux[noeud]!;
        if (actuel !== null && actuel.technicien === technicien) {
          const voulu = actuel.debut;
          const permis = voulu > debut[noeud]! && voulu <= tard[i]!;
          if (permis && peutDebuter(modele, noeud, t, voulu)) debut[noeud] = voulu;
        }
      }
      const suivant = noeuds[i + 1];
      if (suivant === undefined) return;
      const vers = minutes[lieu[noeud]! * lieux + lieu[suivant]!]!;
      pret = arrivee(modele, t, debut[noeud]! + duree[noeud]!, vers);
    });
  });
  return debut;
}

/** How late each can begin without anything on the tournée being later after its deadline. */
function tardSansRetard({ modele, tournees, tot, duree, lieu, fixe, echeance }: Plan, t: number): number[] {
  const noeuds = tournees[t]!;
  const tard = new Array<number>(noeuds.length);
  for (let i = noeuds.length - 1; i >= 0; i--) {
    const noeud = noeuds[i]!;
    const aTemps = echeance[noeud]! - duree[noeud]!;
    let borne = Math.max(aTemps, tot[noeud]!);
    const suivant = noeuds[i + 1];
    if (suivant !== undefined) {
      const vers = modele.minutes[lieu[noeud]! * modele.lieux + lieu[suivant]!]!;
      borne = Math.min(borne, depart(modele, t, tard[i + 1]!, vers) - duree[noeud]!);
    }
    tard[i] = fixe[noeud]! >= 0 ? fixe[noeud]! : debutJusqua(modele, noeud, t, borne);
  }
  return tard;
}
