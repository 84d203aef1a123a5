import type { Plage } from './probleme';

/** Arithmetic on sets of time: lists of stretches in order, without overlap. All functions answer such lists. */

/** In order; what overlaps or touches becomes one stretch, as a night does that is written as two. */
export function reunir(plages: readonly Plage[]): Plage[] {
  const reunies: [number, number][] = [];
  for (const [debut, fin] of [...plages].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (debut >= fin) continue;
    const derniere = reunies.at(-1);
    if (derniere !== undefined && debut <= derniere[1]) derniere[1] = Math.max(derniere[1], fin);
    else reunies.push([debut, fin]);
  }
  return reunies;
}

/** What of `plages` lies in none of `enlevees`, which may come in any order. */
export function enlever(plages: readonly Plage[], enlevees: readonly Plage[]): Plage[] {
  const ordre = reunir(enlevees);
  const reste: Plage[] = [];
  for (const [debut, fin] of plages) {
    let depuis = debut;
    for (const [de, a] of ordre) {
      if (a <= depuis) continue;
      if (de >= fin) break;
      if (de > depuis) reste.push([depuis, de]);
      depuis = a;
    }
    if (depuis < fin) reste.push([depuis, fin]);
  }
  return reste;
}

/** What lies in both. */
export function croiser(unes: readonly Plage[], autres: readonly Plage[]): Plage[] {
  const communes: Plage[] = [];
  for (const [debut, fin] of unes) {
    for (const [de, a] of autres) {
      if (de >= fin) break;
      if (a > debut) communes.push([Math.max(debut, de), Math.min(fin, a)]);
    }
  }
  return communes;
}

/** Whether a stretch lies within one of them. */
export function contient(plages: readonly Plage[], [debut, fin]: Plage): boolean {
  return plages.some(([de, a]) => de <= debut && fin <= a);
}

export function dureeTotale(plages: readonly Plage[]): number {
  return plages.reduce((total, [debut, fin]) => total + (fin - debut), 0);
}
