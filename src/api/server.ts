import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createPasswords } from '../auth/passwords';
import { rulesFor } from '../auth/permissions';
import { createSecrets } from '../auth/secrets';
import { createTokenService } from '../auth/tokens';
import type { Config } from '../config';
import { createDataSource } from '../db/data-source';
import { createEngine } from '../engine/engine';
import { createDebits } from '../services/systeme/debits';
import { createObjectStore } from '../storage/objects';
import { createApp } from './app';
import { shareMetrics } from './cluster-metrics';
import type { AppContext } from './context';
import { createProbes } from './health/probes';
import { drainable } from './http/draining';
import { answerUnreadable } from './http/unreadable';
import { createMetrics } from './metrics';

/** How long requests in flight are given to end when the server stops, in milliseconds. */
const DRAIN_PERIOD = 10_000;

const TIMEOUTS = {
  /** A whole request, body included: the largest file at a little over a megabit a second. */
  requestTimeout: 300_000,
  headersTimeout: 10_000,
  /** Longer than the minute for which balancers keep idle connections, so that they close first. */
  keepAliveTimeout: 65_000,
};

export interface RunningServer {
  port: number;
  /** Stops accepting, lets requests in flight end, then leaves the engine and the database. */
  close(): Promise<void>;
}

/**
 * The HTTP server of one process, with everything it needs.
 * @throws when the database cannot be reached or the port is taken.
 */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const db = await createDataSource({
    url: config.databaseUrl,
    applicationName: 'regie-api',
  }).initialize();
  const engine = createEngine(config.temporal, logger, config.webConcurrency);
  const debits = config.rateLimits
    ? createDebits(db, (err) => logger.warn({ err }, 'limits of callers not shared'))
    : null;
  const store = createObjectStore(config.s3);
  const metrics = createMetrics();
  if (cluster.isWorker) shareMetrics(metrics.registry);
  const app: AppContext = {
    config,
    db,
    engine,
    store,
    tokens: createTokenService(config.jwt),
    secrets: createSecrets(config.dataKeys),
    passwords: createPasswords(config),
    logger,
    rulesFor,
    debits,
    probes: createProbes({ config, db, engine, store }),
    metrics,
    clock: () => new Date(),
  };
  const server = createServer(TIMEOUTS, createApp(app).callback());
  answerUnreadable(server);
  const drain = drainable(server, DRAIN_PERIOD);
  server.listen(config.port);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await drain();
      debits?.close();
      await engine.close();
      await db.destroy();
    },
  };
}
