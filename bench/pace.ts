import { setTimeout as sleep } from 'node:timers/promises';
import type { TimedSample } from './measurement';

/**
 * Does something at an even pace, from several connections in turn. Each time is counted from the moment at which it was
 * due: a slow answer delays those behind it, and is not hidden by having kept them from being asked for.
 *
 * @param rate of all connections together, a second.
 */
export async function pace(
  connections: number,
  rate: number,
  seconds: number,
  task: (connection: number, index: number) => Promise<unknown>,
): Promise<TimedSample> {
  const latencies: number[] = [];
  const dues: number[] = [];
  const failures: Record<string, number> = {};
  const begun = Date.now();
  const start = performance.now();
  const connection = async (number: number) => {
    for (let index = number; index < rate * seconds; index += connections) {
      const due = start + (index / rate) * 1000;
      await sleep(Math.max(0, due - performance.now()));
      try {
        await task(number, index);
        latencies.push(performance.now() - due);
        dues.push(due - start);
      } catch (error) {
        const { message } = error as Error;
        failures[message] = (failures[message] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => connection(number)));
  return { latencies, dues, begun, seconds: (performance.now() - start) / 1000, failures };
}
