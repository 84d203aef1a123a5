import { Client, Connection } from '@temporalio/client';
import {
  GracefulShutdownPeriodExpiredError,
  IllegalStateError,
  NativeConnection,
  Worker,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import {
  createActivities,
  createApplicationActivities,
  createRapportActivities,
  createSearchActivities,
  createWebhookActivities,
} from '../activities';
import type { ActivityContext } from '../activities/context';
import { maisonReader } from '../activities/maison';
import { createSecrets } from '../auth/secrets';
import type { Config } from '../config';
import { createDataSource } from '../db/data-source';
import { createMailRenderer } from '../mail/renderer';
import { createMailTransport } from '../mail/transport';
import { createOutgoing } from '../net/outgoing';
import { createSmsTransport } from '../net/sms';
import { createRapportRenderer } from '../pdf/renderer';
import { MAX_WEBHOOKS } from '../services/echanges/webhooks';
import { createTrajets } from '../services/planification/trajets';
import { createObjectStore } from '../storage/objects';
import { People } from '../threads/people';
import {
  applicationsTaskQueue,
  propositionsTaskQueue,
  rapportsTaskQueue,
  webhooksTaskQueue,
} from '../workflows/protocol';
import { workflowSource } from './bundle';
import { setUpEngine } from './engine-setup';
import { WORKER_SETTINGS } from './settings';
import { withoutStackTraces } from './stack-traces';

/** How often the engine is given again what it needs, in milliseconds. */
const SET_UP_INTERVAL = 15_000;
/** What is under way is asked to end after the first, and left to whoever works next after the second: Docker waits ten seconds. */
const SHUTDOWN = { shutdownGraceTime: '2s', shutdownForceTime: '8s' } as const;
/** An engine that is back is found within this; gRPC's own waits grow to two minutes. Milliseconds. */
const MAX_RECONNECT_DELAY = 2_000;

/** What is left of an order once its activity is done, in milliseconds: the engine and the API have yet to answer. */
const UNTIL_ANSWERED = 50;

/** Connections to what is medical: little of it is done by itself. */
const MEDICAL_POOL = 3;

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
    genericPlans: true,
    regroupementMinutes: config.regroupementMinutes,
    timeZone: config.timeZone,
  }).initialize();
  const medical = await createDataSource({
    url: config.databaseMedicalUrl,
    applicationName: 'regie-worker-medical',
    poolSize: MEDICAL_POOL,
    medical: true,
  }).initialize();
  const store = createObjectStore(config.s3);
  await store.ensureBucket();
  const mail = createMailTransport(config.mail);
  const sms = createSmsTransport(config.sms);
  const connection = await Connection.connect({
    address,
    channelArgs: { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_DELAY },
  });
  const client = new Client({ connection, namespace });
  const native = await NativeConnection.connect({ address });
  const rapports = createRapportRenderer();
  const mails = createMailRenderer();
  const outgoing = createOutgoing(config.outgoing);
  const context: ActivityContext = {
    db,
    medical,
    store,
    mail,
    rapports,
    mails,
    maison: maisonReader(db, store),
    secrets: createSecrets(config.dataKeys),
    sms,
    smsSegments: config.sms.segments,
    telephonePays: config.telephonePays,
    outgoing,
    pushContact: config.pushContact,
    client,
    people: new People(UNTIL_ANSWERED),
    trajets: createTrajets(config.trajets, (err) =>
      logger.warn({ err }, 'no road service: travel is counted along great circles'),
    ),
    taskQueue,
    databaseUrl: config.databaseUrl,
    publicUrl: config.publicUrl,
    mailFrom: config.mail.from,
    documents: config.documents,
    accesConservationMois: config.accesConservationMois,
    timeZone: config.timeZone,
    logger,
  };
  const worker = await withoutStackTraces(() =>
    Worker.create({
      connection: native,
      namespace,
      taskQueue,
      ...workflows,
      activities: createActivities(context),
      ...WORKER_SETTINGS,
      ...SHUTDOWN,
    }),
  );
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
  const planner = await Worker.create({
    connection: native,
    namespace,
    taskQueue: propositionsTaskQueue(taskQueue),
    activities: createSearchActivities(context),
    // Two searches at once would take twice as long each, and the core that people's orders need.
    maxConcurrentActivityTaskExecutions: 1,
    ...SHUTDOWN,
  });
  const applier = await Worker.create({
    connection: native,
    namespace,
    taskQueue: applicationsTaskQueue(taskQueue),
    activities: createApplicationActivities(context),
    maxConcurrentActivityTaskExecutions: 2,
    ...SHUTDOWN,
  });
  const caller = await Worker.create({
    connection: native,
    namespace,
    taskQueue: webhooksTaskQueue(taskQueue),
    activities: createWebhookActivities(context),
    // A place for each of them, so that none waits for another one, one for whoever hands events on, one for the round of
    // agendas, and some for those that have to be fresh before an appointment is confirmed.
    maxConcurrentActivityTaskExecutions: MAX_WEBHOOKS + 1 + 1 + 8,
    ...SHUTDOWN,
  });
  const workers = [worker, reporter, planner, applier, caller];
  let stopping = false;
  const stopAll = () => {
    stopping = true;
    for (const each of workers) if (each.getState() === 'RUNNING') each.shutdown();
  };

  await setUpEngine(client, taskQueue);
  const upkeep = setInterval(() => {
    setUpEngine(client, taskQueue).catch((err) => logger.warn({ err }, 'the engine could not be set up'));
  }, SET_UP_INTERVAL);

  // One does not go on without the other.
  const runs = workers.map((each) =>
    each
      .run()
      .catch((error: unknown) => {
        if (!(stopping && isLeftUndone(error))) throw error;
        logger.warn(
          { err: error, taskQueue: each.options.taskQueue },
          'stopped before all of its work had ended',
        );
      })
      .finally(stopAll),
  );
  const finished = Promise.allSettled(runs).then(async (outcomes) => {
    clearInterval(upkeep);
    mail.close();
    sms?.close();
    outgoing.close();
    rapports.close();
    mails.close();
    await connection.close();
    await native.close();
    await Promise.all([db.destroy(), medical.destroy()]);
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

/**
 * Whether a worker that was told to stop only says that something was still under way: a mail whose server does not answer, or an
 * answer that the SDK lets go of a moment after it has looked. Whoever works next does it again, as after a crash.
 */
function isLeftUndone(error: unknown): boolean {
  return error instanceof GracefulShutdownPeriodExpiredError || error instanceof IllegalStateError;
}
