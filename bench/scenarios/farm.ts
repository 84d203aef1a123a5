import type { Report } from '../report';
import type { BenchSystem } from '../system';

export interface FarmOptions {
  /** How long each line is measured. */
  seconds: number;
  /** Open interventions. */
  open: number;
  /** Preventive plans. */
  plans: number;
}

/** What a scenario of `npm run farm` works with. */
export interface FarmContext {
  system: BenchSystem;
  options: FarmOptions;
  report: Report;
}
