/** Between 4, of time that grows with the amount, and 16, of time that grows with its square. */
const LINEAR = 9;
const GOES = 60;

/**
 * Whether the time that some work takes grows with the amount of it, and not with its square, whatever the machine: by how
 * many times longer four times as much takes. The shortest of several goes each, since others work on the machine too: as
 * many as it takes to see that it does.
 * @param work does its work once on an input that is `times` times as large as the smallest.
 */
export function growsWithAmount(work: (times: 1 | 4) => unknown): boolean {
  const shortest = { 1: Number.POSITIVE_INFINITY, 4: Number.POSITIVE_INFINITY };
  for (let go = 0; go < GOES; go++) {
    for (const times of [1, 4] as const) {
      const begin = performance.now();
      work(times);
      shortest[times] = Math.min(shortest[times], performance.now() - begin);
    }
    if (go > 1 && shortest[4] / shortest[1] < LINEAR) return true;
  }
  return false;
}
