import type { RunningProcess } from '../tools/lib/processes';
import type { Measurement } from './measurement';
import { processorTime } from './proc';

/** A measurement with what it cost, which other programs on the machine change little. */
export interface Costed extends Measurement {
  /** Milliseconds of processor time for each success, over all processes of the system. */
  cost: number;
}

/** @param processes whose time counts, with their descendants; what makes the load is not among them. */
export async function costed(
  processes: readonly RunningProcess[],
  run: () => Promise<Measurement>,
): Promise<Costed> {
  const used = () => processes.reduce((sum, { pid }) => sum + processorTime(pid), 0);
  const before = used();
  const measurement = await run();
  return { ...measurement, cost: (used() - before) / measurement.count };
}
