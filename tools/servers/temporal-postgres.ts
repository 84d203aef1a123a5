import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { Client } from 'pg';
import { cachedFolder } from '../lib/cache';
import { runCommand } from '../lib/commands';
import { goInstall } from '../lib/go-install';
import { randomFreePort } from '../lib/ports';
import { launch, untilReady } from '../lib/processes';
import { dynamicConfig, type TemporalServer } from './temporal';

/**
 * Temporal as it runs in production, on PostgreSQL, without containers. It takes minutes to build the first time, so only
 * what is about more than one machine asks for it.
 */

export const VERSION = 'v1.31.2';
const MODULE = 'go.temporal.io/server';

/** Each has a version of its own schema, which the tool carries within it. */
const DATABASES = [
  { name: 'temporal', schema: 'postgresql/v12/temporal' },
  { name: 'temporal_visibility', schema: 'postgresql/v12/visibility' },
];
const USER = 'temporal';

/** A number that stays for the life of the databases; the same stands in `docker-compose.yml`. */
export const HISTORY_SHARDS = 16;

/** Connections at most of each of the four services; of the second kind also to the visibility store. */
const CONNECTIONS = { default: 20, visibility: 10 };

/** The one that clients speak to comes first. */
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

export interface TemporalOnPostgresOptions {
  /** Superuser's URL of the PostgreSQL server, in which two databases are made or brought up to date. */
  postgresUrl: string;
  /** Where the configuration goes, with the password in it. */
  folder: string;
  logFile: string;
  port?: number;
  /** Registered at start in addition to `default`. */
  namespace?: string;
}

interface Programs {
  server: string;
  sqlTool: string;
}

/** Starts one process with all four services on 127.0.0.1. */
export async function startTemporalOnPostgres(options: TemporalOnPostgresOptions): Promise<TemporalServer> {
  const { folder, logFile, namespace } = options;
  const programs = await findTemporalOnPostgres();
  const port = options.port ?? (await randomFreePort());
  const address = `127.0.0.1:${port}`;
  const password = randomBytes(24).toString('base64url');
  await prepareDatabases(options.postgresUrl, password, programs.sqlTool);
  const configFile = await writeConfiguration(folder, options.postgresUrl, password, port);

  const server = await launch({
    name: 'Temporal on PostgreSQL',
    command: programs.server,
    args: ['--config-file', configFile, '--allow-no-auth', 'start'],
    logFile,
    stopTimeoutMs: 20_000,
  });
  const namespaces = ['default', ...(namespace ? [namespace] : [])];
  await untilReady(server, logFile, () => isReady(address, namespaces));
  return { ...server, address, port };
}

/** Paths of the server and of the tool that makes its schema, built from source into the cache the first time. */
export async function findTemporalOnPostgres(): Promise<Programs> {
  const folder = await cachedFolder(`temporal-server-${VERSION}`, async (temporary) => {
    for (const [program, source, usualDuration] of [
      ['Temporal (server)', `${MODULE}/cmd/server`, '5 minutes'],
      ['Temporal (schema tool)', `${MODULE}/cmd/tools/sql`, '1 minute'],
    ] as const) {
      await goInstall({ program, source, version: VERSION, usualDuration }, temporary);
    }
  });
  return { server: join(folder, 'server'), sqlTool: join(folder, 'sql') };
}

/** What an engine that has lost its storage finds; the server has to be stopped before. */
export async function dropTemporalDatabases(postgresUrl: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    for (const { name } of DATABASES) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}

/** Makes user and databases where they are missing, and brings the schemas to the version of the server. */
async function prepareDatabases(postgresUrl: string, password: string, sqlTool: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  const isNew = new Set<string>();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [USER]);
    await client.query(`${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${USER} LOGIN PASSWORD '${password}'`);
    for (const { name } of DATABASES) {
      const { rowCount: found } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
      if (found) continue;
      await client.query(`CREATE DATABASE ${name} OWNER ${USER}`);
      isNew.add(name);
    }
  } finally {
    await client.end();
  }
  const { hostname, port } = new URL(postgresUrl);
  for (const { name, schema } of DATABASES) {
    const tool = (...args: string[]) =>
      runCommand(
        sqlTool,
        [
          ...['--plugin', 'postgres12', '--endpoint', hostname, '--port', port],
          ...['--user', USER, '--database', name, ...args],
        ],
        { env: { SQL_PASSWORD: password } },
      );
    if (isNew.has(name)) await tool('setup-schema', '--version', '0.0');
    await tool('update-schema', '--schema-name', schema);
  }
}

/** JSON is YAML as well. @returns the file. */
async function writeConfiguration(
  folder: string,
  postgresUrl: string,
  password: string,
  port: number,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const dynamicFile = join(folder, 'dynamic.yaml');
  const values = Object.entries(dynamicConfig).map(([key, value]) => [key, [{ value }]]);
  await writeFile(dynamicFile, JSON.stringify(Object.fromEntries(values), null, 2));

  const ports = new Set([port]);
  while (ports.size < 2 * SERVICES.length) ports.add(await randomFreePort());
  const free = ports.values();
  const services = SERVICES.map((service) => [
    service,
    { rpc: { grpcPort: free.next().value, membershipPort: free.next().value, bindOnIP: '127.0.0.1' } },
  ]);
  const store = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: new URL(postgresUrl).host,
      connectProtocol: 'tcp',
      user: USER,
      password,
      maxConns,
      maxIdleConns: maxConns,
      maxConnLifetime: '1h',
    },
  });
  const configuration = {
    log: { stdout: true, level: 'error' },
    persistence: {
      numHistoryShards: HISTORY_SHARDS,
      defaultStore: 'default',
      visibilityStore: 'visibility',
      datastores: {
        default: store(DATABASES[0]!.name, CONNECTIONS.default),
        visibility: store(DATABASES[1]!.name, CONNECTIONS.visibility),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${port}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicFile, pollInterval: '10s' },
  };
  const configFile = join(folder, 'temporal.yaml');
  await writeFile(configFile, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  return configFile;
}

/** gRPC's codes. */
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

/**
 * A probe: registers the namespaces, which belong to the databases and outlive the server, and asks the service that
 * starts last. @throws while one of them is not ready.
 */
async function isReady(address: string, namespaces: readonly string[]): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    for (const namespace of namespaces) {
      const retention = { seconds: 86_400 as never };
      await unless(ALREADY_EXISTS, () =>
        connection.workflowService.registerNamespace({
          namespace,
          workflowExecutionRetentionPeriod: retention,
        }),
      );
      await unless(NOT_FOUND, () =>
        connection.workflowService.describeWorkflowExecution({
          namespace,
          execution: { workflowId: 'none' },
        }),
      );
    }
    return true;
  } finally {
    await connection.close();
  }
}

/** @throws unless it succeeds, or fails with this code. */
async function unless(code: number, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isGrpcServiceError(error) || (error as { code?: number }).code !== code) throw error;
  }
}
