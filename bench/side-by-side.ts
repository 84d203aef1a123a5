import { type Costed, type CostedSample, costedOf, costedSample, type Processes } from './cost';
import type { Sample } from './measurement';

/** Of two that are compared, one. */
export interface Side {
  processes: Processes;
  /** Makes its load for so many seconds. */
  run(seconds: number): Promise<Sample>;
  /** Waits for what the load leaves to be done. */
  settle?(): Promise<void>;
}

export interface Compared {
  ours: Costed;
  floor: Costed;
}

/** Seconds of what changes something, before it is measured: it is slow until it is compiled, ours and the floor alike. */
export const WARM_UP = 3;
/** Seconds of a round. */
const ROUND = 1;

/**
 * Measures ours and the floor by turns in short rounds: a machine whose speed varies varies for both.
 * @param seconds for each of the two.
 * @param round of which a round takes so many; what takes long needs long ones.
 */
export async function sideBySide(seconds: number, ours: Side, floor: Side, round = ROUND): Promise<Compared> {
  const samples: Record<keyof Compared, CostedSample[]> = { ours: [], floor: [] };
  for (let spent = 0; spent < seconds; spent += round) {
    for (const [name, side] of [
      ['ours', ours],
      ['floor', floor],
    ] as const) {
      samples[name].push(await costedSample(side.processes, () => side.run(round), side.settle));
    }
  }
  return { ours: costedOf(samples.ours), floor: costedOf(samples.floor) };
}
