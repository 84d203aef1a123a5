/** Stretches of time, `[from, to)` in milliseconds since the epoch; lists of them are in order and do not overlap. */
export type Intervalle = readonly [from: number, to: number];

/** In order, with what overlaps or touches made one. */
export function union(intervalles: Iterable<Intervalle>): Intervalle[] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...intervalles].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (from < to) joined.push([from, to]);
  }
  return joined;
}

/** What lies in both. */
export function intersection(a: readonly Intervalle[], b: readonly Intervalle[]): Intervalle[] {
  const common: Intervalle[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i]!, b[j]!];
    const [from, to] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
    if (from < to) common.push([from, to]);
    if (one[1] < other[1]) i++;
    else j++;
  }
  return common;
}

/** Whether one of them holds the whole of a stretch. */
export function covers(intervalles: readonly Intervalle[], from: number, to: number): boolean {
  const at = firstEndingAfter(intervalles, from);
  return at < intervalles.length && intervalles[at]![0] <= from && intervalles[at]![1] >= to;
}

/** Whether none of them overlaps a stretch. */
export function isClear(intervalles: readonly Intervalle[], from: number, to: number): boolean {
  const at = firstEndingAfter(intervalles, from);
  return at === intervalles.length || intervalles[at]![0] >= to;
}

/** The place of the first that is not over at an instant; their number where all are. */
function firstEndingAfter(intervalles: readonly Intervalle[], instant: number): number {
  let [low, high] = [0, intervalles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervalles[middle]![1] > instant) high = middle;
    else low = middle + 1;
  }
  return low;
}
