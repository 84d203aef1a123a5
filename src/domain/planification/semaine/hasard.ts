/** Chance that is the same each time: numbers from a seed, and a seed from the input. */

export interface Hasard {
  /** In [0, 1). */
  suivant(): number;
  /** A whole number from 0 to `fin`, that one excluded. */
  entier(fin: number): number;
}

/** Mulberry32 (T. Ettinger, 2017): 32 bits of state, fast, good enough to vary a search. */
export function creerHasard(graine: number): Hasard {
  let etat = graine >>> 0;
  const suivant = () => {
    etat = (etat + 0x6d2b79f5) >>> 0;
    let melange = Math.imul(etat ^ (etat >>> 15), etat | 1);
    melange ^= melange + Math.imul(melange ^ (melange >>> 7), melange | 61);
    return ((melange ^ (melange >>> 14)) >>> 0) / 2 ** 32;
  };
  return { suivant, entier: (fin) => Math.floor(suivant() * fin) };
}

/** FNV-1a over whole numbers, byte by byte: the same numbers in the same order give the same seed, others hardly ever. */
export function graineDe(listes: readonly ArrayLike<number>[]): number {
  let graine = 0x811c9dc5;
  const melanger = (valeur: number) => {
    for (let decalage = 0; decalage < 32; decalage += 8) {
      graine = Math.imul(graine ^ ((valeur >>> decalage) & 0xff), 0x01000193);
    }
  };
  for (const liste of listes) {
    melanger(liste.length);
    for (let i = 0; i < liste.length; i++) melanger(liste[i]!);
  }
  return graine >>> 0;
}
