/** What came of many requests of a kind, as they were sent for a while. */
export interface Sample {
  /** Of the successes, in milliseconds. */
  latencies: number[];
  /** During which they came. */
  seconds: number;
  /** How often something else than a success came, by what it was. */
  failures: Record<string, number>;
}

/** One of which it is known when it was made, by a process of its own. */
export interface TimedSample extends Sample {
  /** When it began, in milliseconds since 1970. */
  begun: number;
  /** Of what is sent at a pace: when each of the successes was due, in milliseconds after {@link begun}. */
  dues?: number[];
}

/** Those of a sample at a pace that were due between two instants, in milliseconds since 1970. */
export function between(sample: TimedSample, from: number, to: number): Sample {
  const { begun, dues = [], latencies, failures } = sample;
  const within = (due: number) => begun + due >= from && begun + due < to;
  return {
    latencies: latencies.filter((_, index) => within(dues[index]!)),
    seconds: (to - from) / 1_000,
    failures,
  };
}

/** What there is to say of one sample, or of several together. */
export interface Measurement {
  /** Answered with a success. */
  count: number;
  perSecond: number;
  /** Milliseconds below which this share of the answers came. */
  p50: number;
  p95: number;
  p99: number;
  failures: Record<string, number>;
}

export function measurementOf(samples: readonly Sample[]): Measurement {
  const sorted = Float64Array.from(samples.flatMap(({ latencies }) => latencies)).sort();
  const below = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  const failures: Record<string, number> = {};
  for (const sample of samples) {
    for (const [what, count] of Object.entries(sample.failures)) {
      failures[what] = (failures[what] ?? 0) + count;
    }
  }
  return {
    count: sorted.length,
    perSecond: sorted.length / samples.reduce((sum, { seconds }) => sum + seconds, 0),
    p50: below(0.5),
    p95: below(0.95),
    p99: below(0.99),
    failures,
  };
}
