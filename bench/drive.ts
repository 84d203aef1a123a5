import type { Sample } from './measurement';

/**
 * Does something again and again, so many at a time, and measures how long each takes. What has begun when the time is
 * up is finished and counted, with the time it took.
 *
 * @param task is given a number of its own, from 0 on; false says that there is nothing left to do.
 */
export async function drive(
  connections: number,
  seconds: number,
  task: (index: number) => Promise<unknown>,
): Promise<Sample> {
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  const connection = async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      try {
        if ((await task(next++)) === false) return;
        latencies.push(performance.now() - begun);
      } catch (error) {
        const { message } = error as Error;
        failures[message] = (failures[message] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return { latencies, seconds: (performance.now() - start) / 1000, failures };
}
