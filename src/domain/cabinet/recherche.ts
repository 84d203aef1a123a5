/**
 * How a desk finds somebody by what it heard: without accents, in any order of names, as far as a word was typed, and with a
 * small error. The database proposes by what words have in common; what is meant is decided here.
 */

/** The words of a name as they are compared. */
export function motsDuNom(texte: string): string[] {
  const plain = texte
    .normalize('NFKD')
    .toLowerCase()
    // Accents, and in Arabic the signs of vowels.
    .replace(/\p{M}|ـ/gu, '')
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/ß/g, 'ss')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه');
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/** What stands for somebody in a search: each word of each name, and names of several words as one too. */
export function texteDeRecherche(...noms: readonly (string | null)[]): string {
  const words = noms.flatMap((nom) => {
    const mots = nom === null ? [] : motsDuNom(nom);
    return mots.length > 1 ? [...mots, mots.join('')] : mots;
  });
  return [...new Set(words)].join(' ');
}

/** Errors that a word of this length may hold and still be meant. */
function tolerance(length: number): number {
  return length <= 3 ? 0 : length <= 6 ? 1 : 2;
}

/**
 * How far what was typed is from somebody: 0 for words that are all there, more for each that is only begun or wrong; null
 * when one of them is not meant at all.
 */
export function ecart(tapes: readonly string[], recherche: string): number | null {
  const known = recherche.split(' ');
  let sum = 0;
  for (const word of tapes) {
    const best = Math.min(...known.map((other) => distanceOf(word, other)));
    if (best === Number.POSITIVE_INFINITY) return null;
    sum += best;
  }
  return sum;
}

function distanceOf(typed: string, known: string): number {
  if (typed === known) return 0;
  if (known.startsWith(typed)) return 0.5;
  const errors = errorsBetween(typed, known);
  return errors <= tolerance(typed.length) ? errors : Number.POSITIVE_INFINITY;
}

/** Letters to add, leave out, change, or two neighbours to swap (optimal string alignment). */
export function errorsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, changed);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
