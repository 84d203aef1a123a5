/** What was measured of many requests of a kind. */
export interface Measurement {
  /** Answered with a success. */
  count: number;
  perSecond: number;
  /** Milliseconds below which this share of the answers came. */
  p50: number;
  p95: number;
  p99: number;
  /** How often something else than a success came, by what it was. */
  failures: Record<string, number>;
}

/**
 * @param latencies of the successes, in milliseconds.
 * @param seconds during which they came.
 */
export function measurementOf(
  latencies: readonly number[],
  seconds: number,
  failures: Record<string, number>,
): Measurement {
  const sorted = Float64Array.from(latencies).sort();
  const below = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return {
    count: sorted.length,
    perSecond: sorted.length / seconds,
    p50: below(0.5),
    p95: below(0.95),
    p99: below(0.99),
    failures,
  };
}
