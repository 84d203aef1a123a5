import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities, createRapportActivities } from '../activities';
import type { ActivityContext } from '../activities/context';
import { createSecrets } from '../auth/secrets';
import type { Config } from '../config';
import { createDataSource } from '../db/data-source';
import { createMailRenderer } from '../mail/renderer';
import { createMailTransport } from '../mail/transport';
import { createRapportRenderer } from '../pdf/renderer';
import { createObjectStore } from '../storage/objects';
import { rapportsTaskQueue } from '../workflows/protocol';
import { workflowSource } from './bundle';
import { setUpEngine } from './engine-setup';

/** How often the engine is given again what it needs, in milliseconds. */
const SET_UP_INTERVAL = 15_000;
const SHUTDOWN = { shutdownGraceTime: '2s', shutdownForceTime: '8s' } as const;
/** An engine that is back is found within this; gRPC's own waits grow to two minutes. Milliseconds. */
const MAX_RECONNECT_DELAY = 2_000;

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects when it failed. */
  finished: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Connects to everything and works until stopped.
 * @param workflows their code, when it is not where the build leaves it.
 * @throws when the engine or the database cannot be reached at start.
 */
export async function startWorker(
  config: Config,
  logger: Logger,
  workflows = workflowSource(),
): Promise<RunningWorker> {
  const { address, namespace, taskQueue } = config.temporal;
  const db = await createDataSource({
    url: config.databaseUrl,
    applicationName: 'regie-worker',
    poolSize: 15,
  }).initialize();
  const store = createObjectStore(config.s3);
  await store.ensureBucket();
  const mail = createMailTransport(config.mail);
  const connection = await Connection.connect({
    address,
    channelArgs: { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_DELAY },
  });
  const client = new Client({ connection, namespace });
  const native = await NativeConnection.connect({ address });
  const rapports = createRapportRenderer();
  const mails = createMailRenderer();
  const context: ActivityContext = {
    db,
    store,
    mail,
    rapports,
    mails,
    secrets: createSecrets(config.dataKeys),
    client,
    taskQueue,
    databaseUrl: config.databaseUrl,
    publicUrl: config.publicUrl,
    timeZone: config.timeZone,
    logger,
  };
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    ...workflows,
    activities: createActivities(context),
    // Each cached workflow holds memory; beyond this they are replayed when something happens to them.
    maxCachedWorkflows: 300,
    maxConcurrentWorkflowTaskExecutions: 20,
    maxConcurrentLocalActivityExecutions: 12,
    maxConcurrentActivityTaskExecutions: 8,
    ...SHUTDOWN,
  });
  // Each with places of its own: reports that take long, however many they are, hold nothing else.
  const reporter = await Worker.create({
    connection: native,
    namespace,
    taskQueue: rapportsTaskQueue(taskQueue),
    activities: createRapportActivities(context),
    // One is made while another is being stored.
    maxConcurrentActivityTaskExecutions: 2,
    ...SHUTDOWN,
  });
  const workers = [worker, reporter];
  const stopAll = () => {
    for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown();
  };

  await setUpEngine(client, taskQueue);
  const upkeep = setInterval(() => {
    setUpEngine(client, taskQueue).catch((err) => logger.warn({ err }, 'the engine could not be set up'));
  }, SET_UP_INTERVAL);

  // One does not go on without the other.
  const runs = workers.map((each) => each.run().finally(stopAll));
  const finished = Promise.allSettled(runs).then(async (outcomes) => {
    clearInterval(upkeep);
    mail.close();
    rapports.close();
    mails.close();
    await connection.close();
    await native.close();
    await db.destroy();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  });
  return {
    finished,
    stop: async () => {
      stopAll();
      await finished;
    },
  };
}
