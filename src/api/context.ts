import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Passwords } from '../auth/passwords';
import type { RulesFor } from '../auth/permissions';
import type { Secrets } from '../auth/secrets';
import type { TokenService } from '../auth/tokens';
import type { Config } from '../config';
import type { Engine } from '../engine/engine';
import type { Debits } from '../services/systeme/debits';
import type { ObjectStore } from '../storage/objects';
import type { Probes } from './health/probes';
import type { Metrics } from './metrics';

/** What the API is built from; made once in `main.ts` and in the tests. */
export interface AppContext {
  config: Config;
  db: DataSource;
  engine: Engine;
  store: ObjectStore;
  tokens: TokenService;
  secrets: Secrets;
  passwords: Passwords;
  logger: Logger;
  /** The table of permissions. */
  rulesFor: RulesFor;
  /** Null when callers are not limited in general. */
  debits: Debits | null;
  /** What is asked of everything that Régie depends on, by whoever asks how it is. */
  probes: Probes;
  metrics: Metrics;
  clock: () => Date;
}
