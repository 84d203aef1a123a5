import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Passwords } from '../auth/passwords';
import type { RulesFor } from '../auth/permissions';
import type { Secrets } from '../auth/secrets';
import type { TokenService } from '../auth/tokens';
import type { Config } from '../config';
import type { Probleme } from '../domain/planification/semaine/probleme';
import type { ResultatTournee } from '../domain/planification/tournee/tournee';
import type { Engine } from '../engine/engine';
import type { Outgoing } from '../net/outgoing';
import type { RenduEcrits } from '../services/cabinet/documents-signes';
import type { Trajets } from '../services/planification/trajets';
import type { Debits } from '../services/systeme/debits';
import type { ObjectStore } from '../storage/objects';
import type { TaskThread } from '../threads/task-thread';
import type { Probes } from './health/probes';
import type { Metrics } from './metrics';
import type { Places } from './places';
import type { Suivi } from './suivi';

/** What the API is built from; made once in `main.ts` and in the tests. */
export interface AppContext {
  config: Config;
  /** For everything that changes something. */
  db: DataSource;
  /** The same database over connections of its own, so that who reads waits for nobody who writes. */
  reads: DataSource;
  /** And with the rights to what is medical, which the others have not: for routes that say so. */
  medical: DataSource;
  /** Where those wait who change something. */
  places: Places;
  /** Those who follow what happens, over connections of this process. */
  suivi: Suivi;
  engine: Engine;
  store: ObjectStore;
  /** How long travel takes. */
  trajets: Trajets;
  /** Asks about addresses that people give. */
  outgoing: Outgoing;
  /** Makes what practices sign, in a thread. */
  documents: RenduEcrits;
  /** Finds the best way through a day, in a thread. */
  tournees: TaskThread<Probleme, ResultatTournee>;
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
