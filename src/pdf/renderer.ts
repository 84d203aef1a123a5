import { createRenderer, type Renderer } from '../threads/renderer';
import type { Commande } from './render';

export type RapportRenderer = Renderer<Commande, Uint8Array>;

/**
 * Makes reports in a thread. The worst that the limits allow (`domain/limites.ts`) were made with 48 MB, and within a
 * second, of which most went into reading the fonts, once a thread.
 */
export function createRapportRenderer(): RapportRenderer {
  return createRenderer({ file: 'pdf/thread.js', maxWaiting: 20, timeLimit: 20_000, maxHeap: 80 });
}
