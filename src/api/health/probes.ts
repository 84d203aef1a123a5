import type { DataSource } from 'typeorm';
import type { Config } from '../../config';
import { type MigrationState, type PoolState, poolState, readMigrations } from '../../db/status';
import type { Engine } from '../../engine/engine';
import { createMailTransport } from '../../mail/transport';
import { type Gauges, readGauges } from '../../services/systeme/gauges';
import type { ObjectStore } from '../../storage/objects';
import { Probe } from './probe';

/** What is asked of everything that Régie depends on. */
export interface Probes {
  database: Probe<{ migrations: MigrationState; latency_ms: number }>;
  engine: Probe<boolean>;
  store: Probe<boolean>;
  mail: Probe<boolean>;
  gauges: Probe<Gauges>;
  /** Connections of this process. */
  pools(): { writes: PoolState; reads: PoolState };
}

/** The probes of one process. */
export function createProbes({
  config,
  db,
  reads,
  engine,
  store,
}: {
  config: Config;
  db: DataSource;
  reads: DataSource;
  engine: Engine;
  store: ObjectStore;
}): Probes {
  return {
    database: new Probe(async () => {
      const start = performance.now();
      const migrations = await readMigrations(reads);
      return { migrations, latency_ms: Math.round((performance.now() - start) * 10) / 10 };
    }),
    engine: new Probe(() => engine.check()),
    store: new Probe(() => store.check().then(() => true)),
    mail: new Probe(async () => {
      const transport = createMailTransport(config.mail);
      try {
        await transport.verify();
        return true;
      } finally {
        transport.close();
      }
    }),
    gauges: new Probe(() => readGauges(reads)),
    pools: () => ({ writes: poolState(db), reads: poolState(reads) }),
  };
}
