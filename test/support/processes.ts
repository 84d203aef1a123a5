import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import type { DataSource } from 'typeorm';
import { createTokenService } from '../../src/auth/tokens';
import { loadConfig } from '../../src/config';
import type { User } from '../../src/db/identite/users';
import { createObjectStore } from '../../src/storage/objects';
import { compiledRoot } from '../../tools/lib/paths';
import { randomFreePort } from '../../tools/lib/ports';
import { launch, type RunningProcess, untilReady } from '../../tools/lib/processes';
import { throwawayFolder } from '../../tools/lib/throwaway-folder';
import { testEnvironment } from './api';
import { type Client, createClient } from './client';
import { createTestDatabase } from './database';
import { eventually } from './eventually';
import { signIn } from './factories';
import { createNamespace } from './namespace';
import { openPostOffice, type PostOffice } from './post-office';
import { anotherRound } from './rounds';

/**
 * Régie as it runs in earnest: the compiled worker and API, each a process that can be killed, on a database,
 * a namespace and a mail server of the test's own.
 */
export interface ProcessSystem {
  db: DataSource;
  /** With rights that the system itself does not have. */
  owner: DataSource;
  temporal: TemporalClient;
  postOffice: PostOffice;
  /** Message-IDs that may come a second time: they had come when a worker was killed that had not marked them. */
  excused: string[];
  /** Where the API answers, at its usual port. */
  baseUrl: string;
  /** Starts a process and waits until it is ready. It may be stopped or killed, and is stopped at the end at the latest. */
  startWorker(overrides?: Record<string, string>): Promise<RunningProcess>;
  startApi(overrides?: Record<string, string>): Promise<RunningProcess>;
  /**
   * Kills a worker with a SIGKILL. Nobody can know of a mail that it was sending whether it had come: what came is
   * excused for coming again.
   */
  killWorker(worker: RunningProcess): Promise<void>;
  /** Requests to the API on behalf of somebody; at another port than usual when it is given. */
  as(user: User, port?: string): Promise<Client>;
  /**
   * Has the reconciler run, as soon as nothing is so young that it would leave it to the API; its schedule
   * would take up to a minute.
   */
  reconcile(): Promise<void>;
  /** @throws when a process has ended that nobody killed, or badly when it was stopped. */
  close(): Promise<void>;
}

export interface OwnServers {
  postgresUrl?: string;
  /** With the namespace `default`. */
  temporalAddress?: string;
}

export async function prepareSystem({
  postgresUrl,
  temporalAddress,
}: OwnServers = {}): Promise<ProcessSystem> {
  const folder = await throwawayFolder();
  const postOffice = await openPostOffice();
  const database = await createTestDatabase(postgresUrl);
  const env = testEnvironment(database.url, {
    PORT: String(await randomFreePort()),
    SMTP_URL: postOffice.url,
    TEMPORAL_NAMESPACE: temporalAddress === undefined ? await createNamespace() : 'default',
    WEB_CONCURRENCY: '1',
    LOG_LEVEL: 'info',
    ...(temporalAddress === undefined ? {} : { TEMPORAL_ADDRESS: temporalAddress }),
  });
  const config = loadConfig(env);
  await createObjectStore(config.s3).ensureBucket();
  const connection = Connection.lazy({
    address: config.temporal.address,
    channelArgs: { 'grpc.max_reconnect_backoff_ms': 500 },
  });
  const temporal = new TemporalClient({ connection, namespace: config.temporal.namespace });
  const started: RunningProcess[] = [];
  let launches = 0;
  /** Of processes that nobody killed or stopped. */
  const deaths: string[] = [];
  const stopped = new Set<RunningProcess>();
  const excused: string[] = [];
  let closing = false;

  const start = async (noun: 'worker' | 'api', ready: string, overrides: Record<string, string> = {}) => {
    const logFile = join(folder.path, `${noun}-${launches++}.log`);
    const running = await launch({
      name: noun,
      command: process.execPath,
      args: [join(compiledRoot, 'src', noun, 'main.js')],
      env: { ...env, ...overrides },
      logFile,
    });
    const stoppable = {
      ...running,
      stop: () => {
        stopped.add(stoppable);
        return running.stop();
      },
    };
    started.push(stoppable);
    void running.exited.then((reason) => {
      if (reason === 'SIGKILL' || (stopped.has(stoppable) && reason === 'code 0') || closing) return;
      deaths.push(`${noun} ended (${reason}):\n${readFileSync(logFile, 'utf8').slice(-4_000)}`);
    });
    await untilReady(running, logFile, async () => readFileSync(logFile, 'utf8').includes(ready));
    return stoppable;
  };

  return {
    db: database.db,
    owner: database.owner,
    temporal,
    postOffice,
    excused,
    baseUrl: `http://127.0.0.1:${env.PORT}`,
    startWorker: (overrides) => start('worker', 'worker ready', overrides),
    startApi: (overrides) => start('api', 'API ready', overrides),
    killWorker: async (worker) => {
      await kill9(worker);
      const unmarked: { message_id: string }[] = await database.db.query(
        `SELECT message_id FROM messages WHERE statut <> 'envoye'`,
      );
      const ids = unmarked.map(({ message_id }) => message_id);
      excused.push(...ids.filter((id) => postOffice.received.includes(id)));
    },
    as: async (user, port = env.PORT) => {
      const token = await signIn(database.db, createTokenService(config.jwt), user);
      return createClient(`http://127.0.0.1:${port}`, token);
    },
    reconcile: async () => {
      const young = `SELECT id FROM interventions
        WHERE NOT workflow_demarre AND date_creation > now() - interval '6 seconds'`;
      await eventually(
        () => database.db.query(young),
        (rows: unknown[]) => rows.length === 0,
      );
      await anotherRound(temporal.schedule.getHandle(`reconciliation-${config.temporal.taskQueue}`));
    },
    close: async () => {
      closing = true;
      await closeAll(
        () => Promise.all(started.map((running) => running.stop())),
        () => connection.close(),
        postOffice.close,
        database.drop,
        folder.remove,
      );
      if (deaths.length > 0) throw new Error(deaths.join('\n'));
    },
  };
}

/** Closes one after the other, also when one of them cannot be. @throws the first failure. */
export async function closeAll(...closers: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** `kill -9`; resolves when the process is gone. */
export async function kill9(running: RunningProcess): Promise<void> {
  running.kill();
  await running.exited;
}
