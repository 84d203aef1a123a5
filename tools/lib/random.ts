import { creerHasard } from '../../src/domain/planification/semaine/hasard';

/** Numbers that look like chance and are the same each time, for tests by property and for invented data. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const hasard = creerHasard(seed);
  const int = (min: number, max: number) => min + hasard.entier(max - min + 1);
  return { int, pick: (from) => from[int(0, from.length - 1)]! };
}
