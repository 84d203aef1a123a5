import { createRapportRenderer, type RapportRenderer } from '../../pdf/renderer';

/** Makes the documents that practices sign, in a thread of a process of the API: who signs waits for it. */
export type RenduEcrits = RapportRenderer;

export function createRenduEcrits(): RenduEcrits {
  return createRapportRenderer();
}
