import { type MigrationState, readMigrations } from '../../db/status';
import { createMailTransport } from '../../mail/transport';
import { type Gauges, readGauges } from '../../services/systeme/gauges';
import type { AppContext } from '../context';
import { Probe } from './probe';

/** What is asked of everything that Régie depends on. */
export interface Probes {
  database: Probe<{ migrations: MigrationState; latency_ms: number }>;
  engine: Probe<boolean>;
  store: Probe<boolean>;
  mail: Probe<boolean>;
  gauges: Probe<Gauges>;
}

const known = new WeakMap<AppContext, Probes>();

/** The probes of this process. */
export function probesOf(app: AppContext): Probes {
  let probes = known.get(app);
  if (probes === undefined) {
    probes = createProbes(app);
    known.set(app, probes);
  }
  return probes;
}

function createProbes({ config, db, engine, store }: AppContext): Probes {
  return {
    database: new Probe(async () => {
      const start = performance.now();
      const migrations = await readMigrations(db);
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
    gauges: new Probe(() => readGauges(db)),
  };
}
