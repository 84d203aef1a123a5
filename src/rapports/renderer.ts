import { createRenderer, type Renderer } from '../threads/renderer';
import type { DonneesRapport } from './render';

export type RapportRenderer = Renderer<DonneesRapport, Uint8Array>;

/**
 * Makes reports in a thread. The longest that the limits allow (`domain/limites.ts`) takes a tenth of this memory and
 * time; the fonts are read once a thread.
 */
export function createRapportRenderer(): RapportRenderer {
  return createRenderer({ file: 'rapports/thread.js', maxWaiting: 20, timeLimit: 20_000, maxHeap: 128 });
}
