import { debutsPossibles } from './modele';
import { contient, reunir } from './plages';
import type { Plage, Travail } from './probleme';

/** Where work fits that is not left to the search: for a crew at once, or in more than one stretch. */

export interface Ouverture {
  /** Working time of all who are needed, whether free or not: the stretches that long work fills one after the other. */
  ouvert: readonly Plage[];
  /** What of it is free. */
  libre: readonly Plage[];
}

/**
 * Every way to place a visit, by its beginning.
 * @param longue whether it is longer than any stretch: then it begins anywhere in one and fills what follows, without leaving
 * any out, for whoever starts it stays at it.
 */
export function* placesPossibles(
  travail: Travail,
  { ouvert, libre }: Ouverture,
  pas: number,
  longue: boolean,
): Generator<Plage[]> {
  if (!longue) {
    for (const [de, a] of debutsPossibles(libre, travail, pas)) {
      for (let debut = de; debut <= a; debut += pas) yield [[debut, debut + travail.duree]];
    }
    return;
  }
  const fenetres = travail.fenetres === null ? null : reunir(travail.fenetres);
  for (const [de, a] of ouvert) {
    const premier = Math.ceil(Math.max(de, travail.au_plus_tot ?? de) / pas) * pas;
    for (let debut = premier; debut < a; debut += pas) {
      const segments = remplir(ouvert, debut, travail.duree);
      // Later beginnings end later still.
      if (segments === null) return;
      if (!segments.every((segment) => contient(libre, segment))) continue;
      if (fenetres !== null && !contient(fenetres, [debut, segments.at(-1)![1]])) continue;
      yield segments;
    }
  }
}

/** The stretches that work fills which begins in one of them at a moment; null when they do not suffice, or none is open then. */
export function remplir(ouvert: readonly Plage[], debut: number, duree: number): Plage[] | null {
  const segments: Plage[] = [];
  let reste = duree;
  for (const [de, a] of ouvert) {
    if (a <= debut) continue;
    if (segments.length === 0 && de > debut) return null;
    const depuis = Math.max(de, debut);
    const jusqua = Math.min(a, depuis + reste);
    segments.push([depuis, jusqua]);
    reste -= jusqua - depuis;
    if (reste === 0) return segments;
  }
  return null;
}
