import type { ApiClient } from '../api-client';
import type { Options } from '../options';
import type { Report } from '../report';
import type { BenchSystem } from '../system';

/** What a scenario works with. */
export interface ScenarioContext {
  system: BenchSystem;
  options: Options;
  report: Report;
  /** On behalf of an administrator. */
  client: ApiClient;
}

/** Of the table's columns. */
export const CONNECTIONS = [1, 20, 100] as const;
