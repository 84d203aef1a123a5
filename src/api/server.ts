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
import { createDataSource, type DatabaseOptions, openConnections } from '../db/data-source';
import { createEngine } from '../engine/engine';
import { createOutgoing } from '../net/outgoing';
import { createRenduEcrits } from '../services/cabinet/documents-signes';
import { markStarted } from '../services/interventions/cycle/started';
import { createDebits } from '../services/systeme/debits';
import { createObjectStore } from '../storage/objects';
import { createApp } from './app';
import { shareMetrics } from './cluster-metrics';
import type { AppContext } from './context';
import { createProbes } from './health/probes';
import { CONNECTION_TIMEOUTS } from './http/connections';
import { drainable } from './http/draining';
import { answerUnreadable } from './http/unreadable';
import { createMetrics } from './metrics';
import { changesUnderWay, createPlaces } from './places';
import { createPlanner } from './planning/tournees';
import { acceptSockets, wantsSocket } from './sockets';
import { createSuivi } from './suivi';

/** How long requests in flight are given to end when the server stops, in milliseconds. */
const DRAIN_PERIOD = 10_000;

/** A whole request, body included, in milliseconds; a larger file has more. */
const REQUEST_TIMEOUT = 300_000;
/** The slowest upload that is waited for, in bytes a millisecond: a little over a megabit a second. */
const SLOWEST = 175;

/**
 * Connections of a process for what writes, and as many for what reads. Eight processes and two workers stay below the
 * hundred that PostgreSQL gives unless told otherwise.
 */
const POOL_SIZE = 5;
/** And for what is medical, which few do at once. */
const MEDICAL_POOL_SIZE = 2;

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
  const connect = async (applicationName: string, options: Partial<DatabaseOptions> = {}) => {
    const { databaseUrl: url } = config;
    const source = await createDataSource({
      url,
      applicationName,
      poolSize: POOL_SIZE,
      ...options,
    }).initialize();
    await openConnections(source);
    return source;
  };
  const db = await connect('regie-api', {
    genericPlans: true,
    regroupementMinutes: config.regroupementMinutes,
    timeZone: config.timeZone,
  });
  const reads = await connect('regie-api-reads');
  // Opened when somebody works in a practice; that it can be is known at once.
  const medical = await createDataSource({
    url: config.databaseMedicalUrl,
    applicationName: 'regie-api-medical',
    poolSize: MEDICAL_POOL_SIZE,
    medical: true,
  }).initialize();
  const debits = config.rateLimits
    ? createDebits(db, (err) => logger.warn({ err }, 'limits of callers not shared'))
    : null;
  const store = createObjectStore(config.s3);
  const places = createPlaces();
  const planner = createPlanner(config, logger);
  const documents = createRenduEcrits();
  const engine = createEngine(config.temporal, logger, {
    processes: config.webConcurrency,
    peopleWait: () => changesUnderWay(places),
    started: (ids) => markStarted(db, ids),
  });
  const outgoing = createOutgoing(config.outgoing);
  const metrics = createMetrics(places);
  if (cluster.isWorker) shareMetrics(metrics.registry);
  const app: AppContext = {
    config,
    db,
    reads,
    medical,
    places,
    suivi: createSuivi({
      db,
      medical,
      databaseUrl: config.databaseUrl,
      rulesFor: () => app.rulesFor,
      secondFacteurRoles: config.secondFacteurRoles,
      logger,
      now: Date.now,
      counted: (followers) => metrics.followers.set(followers),
    }),
    engine,
    store,
    ...planner,
    documents,
    outgoing,
    tokens: createTokenService(config.jwt),
    secrets: createSecrets(config.dataKeys),
    passwords: createPasswords(config),
    logger,
    rulesFor,
    debits,
    probes: createProbes({ config, db, reads, engine, store }),
    metrics,
    clock: () => new Date(),
  };
  const server = createServer(
    {
      ...CONNECTION_TIMEOUTS,
      requestTimeout: Math.max(REQUEST_TIMEOUT, Math.ceil(config.documents.maxOctets / SLOWEST)),
      shouldUpgradeCallback: wantsSocket,
    },
    createApp(app).callback(),
  );
  answerUnreadable(server);
  const sockets = acceptSockets(server, app);
  const drain = drainable(server, DRAIN_PERIOD);
  server.listen(config.port);
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      // Those who follow are told at once: what is idle is closed next.
      const followersLeft = sockets.close();
      await drain();
      await followersLeft;
      debits?.close();
      planner.tournees.end();
      documents.close();
      outgoing.close();
      await engine.close();
      await Promise.all([db.destroy(), reads.destroy(), medical.destroy()]);
    },
  };
}
