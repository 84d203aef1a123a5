import type { RunningProcess } from '../tools/lib/processes';
import { type Measurement, measurementOf, type Sample } from './measurement';
import { processorTime } from './proc';

/** Of what a measurement costs, who pays how much. */
export const GROUPS = ['api', 'postgres', 'engine', 'worker', 'other'] as const;
export type Group = (typeof GROUPS)[number];

/** Milliseconds of processor time. */
export type Costs = Record<Group, number>;

/**
 * Those whose time counts, with their descendants. The mail catcher is not among them, for in earnest it is somebody
 * else's server; nor is what makes the load.
 */
export type Processes = Record<Group, RunningProcess>;

/** A measurement with what each success cost, which other programs on the machine change little. */
export interface Costed extends Measurement {
  /** Null where it cannot be told from what something else cost at the same time. */
  cost: Costs | null;
}

/** A sample, and what all of it cost. */
export interface CostedSample extends Sample {
  costs: Costs;
}

/** @param settle waits for what the work leaves to be done after it is answered, which is part of what it costs. */
export async function costedSample(
  processes: Processes,
  run: () => Promise<Sample>,
  settle: () => Promise<void> = async () => {},
): Promise<CostedSample> {
  const before = usedBy(processes);
  const sample = await run();
  await settle();
  const after = usedBy(processes);
  return { ...sample, costs: eachGroup((group) => after[group] - before[group]) };
}

export function costedOf(samples: readonly CostedSample[]): Costed {
  const measurement = measurementOf(samples);
  const total = (group: Group) => samples.reduce((sum, { costs }) => sum + costs[group], 0);
  return { ...measurement, cost: eachGroup((group) => total(group) / measurement.count) };
}

/** One sample, measured and counted. */
export async function costed(
  processes: Processes,
  run: () => Promise<Sample>,
  settle?: () => Promise<void>,
): Promise<Costed> {
  return costedOf([await costedSample(processes, run, settle)]);
}

export function sumOf(costs: Costs): number {
  return GROUPS.reduce((sum, group) => sum + costs[group], 0);
}

/** The processor time that each group has used until now. */
export function usedBy(processes: Processes): Costs {
  return eachGroup((group) => processorTime(processes[group].pid));
}

function eachGroup(value: (group: Group) => number): Costs {
  return Object.fromEntries(GROUPS.map((group) => [group, value(group)])) as Costs;
}
