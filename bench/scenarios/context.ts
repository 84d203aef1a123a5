import type { ApiClient } from '../api-client';
import type { Floor } from '../floor';
import type { Options } from '../options';
import type { Report } from '../report';
import type { BenchSystem } from '../system';

/** What a scenario works with. */
export interface ScenarioContext {
  system: BenchSystem;
  floor: Floor;
  options: Options;
  report: Report;
  /** On behalf of an administrator. */
  client: ApiClient;
}
