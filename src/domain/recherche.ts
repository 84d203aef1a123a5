/** Words of a search, each of which has to be found; more of them is a fault of the request. */
export const MAX_MOTS = 10;

/**
 * The words of a search, in any order: each once, apart wherever there is a blank of any kind. What holds neither a
 * letter nor a digit is no word: no index could find it.
 */
export function motsOf(recherche: string): string[] {
  const words = recherche.normalize('NFKC').split(/[\s\p{Z}]+/u);
  return [...new Set(words.filter((word) => /[\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}]/u.test(word)))];
}
