import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../src/api/app';
import type { AppContext } from '../../src/api/context';
import { createProbes } from '../../src/api/health/probes';
import { CONNECTION_TIMEOUTS } from '../../src/api/http/connections';
import { createMetrics } from '../../src/api/metrics';
import { createPlaces } from '../../src/api/places';
import { createPlanner } from '../../src/api/planning/tournees';
import { acceptSockets, wantsSocket } from '../../src/api/sockets';
import { createSuivi } from '../../src/api/suivi';
import { createPasswords } from '../../src/auth/passwords';
import { rulesFor } from '../../src/auth/permissions';
import { createSecrets } from '../../src/auth/secrets';
import { createTokenService } from '../../src/auth/tokens';
import { type Config, loadConfig } from '../../src/config';
import { createDataSource } from '../../src/db/data-source';
import type { User } from '../../src/db/identite/users';
import type { Role } from '../../src/domain/roles';
import { createEngine } from '../../src/engine/engine';
import { createOutgoing } from '../../src/net/outgoing';
import { createRenduEcrits } from '../../src/services/cabinet/documents-signes';
import { markStarted } from '../../src/services/interventions/cycle/started';
import { createDebits } from '../../src/services/systeme/debits';
import { createObjectStore } from '../../src/storage/objects';
import { type Client, createClient } from './client';
import { createTestDatabase, medicalUrlOf, type TestDatabase } from './database';
import { makeTechnicien, makeUser, signIn } from './factories';
import { RETOURS_SECRET } from './returned-mails';

/** The API in this process, on a database of its own and on the real servers that the test command started. */
export interface TestApi {
  app: AppContext;
  config: Config;
  db: TestDatabase['db'];
  database: TestDatabase;
  baseUrl: string;
  /** Requests without a token. */
  anonymous: Client;
  /** Requests on behalf of somebody. */
  as(user: User): Promise<Client>;
  /** A new person of this role, and requests on their behalf. */
  newPerson(
    role: Role,
    given?: Partial<User> & { sites?: number[] },
  ): Promise<{ user: User; client: Client }>;
  close(): Promise<void>;
}

/** A bucket for each database: whoever sweeps objects that no row of theirs names takes nobody else's. */
function bucketOf(databaseUrl: string): string {
  return `regie-${new URL(databaseUrl).pathname.replace(/[^a-z0-9]+/g, '-').slice(1)}`;
}

/** The environment of a test: the servers of the test command, and whatever it wants different. */
export function testEnvironment(databaseUrl: string, overrides: Record<string, string> = {}) {
  const { env } = process;
  return {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATABASE_MEDICAL_URL: medicalUrlOf(databaseUrl),
    TEMPORAL_ADDRESS: env.TEST_TEMPORAL_ADDRESS,
    S3_ENDPOINT: env.TEST_S3_ENDPOINT,
    S3_ACCESS_KEY: env.TEST_S3_ACCESS_KEY,
    S3_SECRET_KEY: env.TEST_S3_SECRET_KEY,
    S3_BUCKET: bucketOf(databaseUrl),
    SMTP_URL: env.TEST_SMTP_URL,
    JWT_SECRET: 'a secret of thirty-two bytes or more',
    DOCUMENT_KEYS: `test:${Buffer.alloc(32, 'k').toString('base64')}`,
    RETOURS_SECRET,
    // One person of a test asks for more than people do.
    RATE_LIMITS: 'off',
    // What a test waits for leaves at once, each by itself.
    REGROUPEMENT_MINUTES: '0',
    LOG_LEVEL: env.TEST_LOG_LEVEL ?? 'silent',
    ...overrides,
  };
}

/** The configuration that follows from it. */
export function testConfig(databaseUrl: string, overrides: Record<string, string> = {}): Config {
  return loadConfig(testEnvironment(databaseUrl, overrides));
}

export async function startTestApi(overrides: Record<string, string> = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const config = testConfig(database.url, overrides);
  const store = createObjectStore(config.s3);
  // A test that names an endpoint of its own wants to see what happens without a store.
  if (overrides.S3_ENDPOINT === undefined) await store.ensureBucket();
  const reads = await createDataSource({ url: database.url, applicationName: 'test-reads' }).initialize();
  const medical = await createDataSource({
    url: config.databaseMedicalUrl,
    applicationName: 'test-medical',
    medical: true,
  }).initialize();
  const engine = createEngine(config.temporal, pino({ level: config.logLevel }), {
    started: (ids) => markStarted(database.db, ids),
  });
  const debits = config.rateLimits
    ? createDebits(database.db, (error) => {
        throw error;
      })
    : null;
  const places = createPlaces();
  const planner = createPlanner(config, pino({ level: config.logLevel }));
  const documents = createRenduEcrits();
  const outgoing = createOutgoing(config.outgoing);
  const app: AppContext = {
    config,
    db: database.db,
    reads,
    medical,
    places,
    suivi: createSuivi({
      db: database.db,
      medical,
      databaseUrl: database.url,
      rulesFor: () => app.rulesFor,
      secondFacteurRoles: config.secondFacteurRoles,
      logger: pino({ level: config.logLevel }),
      now: Date.now,
      counted: () => {},
    }),
    engine,
    store,
    ...planner,
    documents,
    outgoing,
    tokens: createTokenService(config.jwt),
    secrets: createSecrets(config.dataKeys),
    passwords: createPasswords(config),
    logger: pino({ level: config.logLevel }),
    rulesFor,
    debits,
    probes: createProbes({ config, db: database.db, reads, engine, store }),
    metrics: createMetrics(places),
    clock: () => new Date(),
  };
  const server: Server = createServer(
    { ...CONNECTION_TIMEOUTS, shouldUpgradeCallback: wantsSocket },
    createApp(app).callback(),
  );
  const sockets = acceptSockets(server, app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = async (user: User) => createClient(baseUrl, await signIn(database.db, app.tokens, user));
  return {
    app,
    config,
    db: database.db,
    database,
    baseUrl,
    anonymous: createClient(baseUrl),
    as,
    newPerson: async (role, given = {}) => {
      const user =
        role === 'technicien'
          ? (await makeTechnicien(database.db, {}, given)).user
          : await makeUser(database.db, { ...given, role });
      return { user, client: await as(user) };
    },
    close: async () => {
      await sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      debits?.close();
      planner.tournees.end();
      documents.close();
      outgoing.close();
      await engine.close();
      if (reads.isInitialized) await reads.destroy();
      if (medical.isInitialized) await medical.destroy();
      await database.drop();
    },
  };
}
