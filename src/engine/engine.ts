import { randomUUID } from 'node:crypto';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { refuseInTransaction } from '../db/transaction';
import { type ErrorCode, type ErrorDetails, RegieError, unavailable } from '../domain/errors';
import type { Ordre } from '../domain/interventions/demandes';
import {
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  LIEN_UTILISE_SIGNAL,
  lienMotDePasseStart,
  lienMotDePasseWorkflowId,
  ORDRE_UPDATE,
  SYNCHRONISER_SIGNAL,
} from '../workflows/protocol';
import { BackgroundQueue } from './background-queue';

/** What the API asks of the workflow engine; never inside a transaction. */
export interface Engine {
  /** Starts the workflow of an intervention in the background; the reconciler mends what fails. */
  startInBackground(interventionId: number): void;
  /** The same for a link by which somebody chooses a password. */
  startLinkInBackground(lienId: string): void;
  /** Has its workflow look at its row again, since something else follows from it; the reconciler mends what fails. */
  wakeInBackground(interventionId: number): void;
  /** Tells its workflow that it has served; one that is not told finds out when the link's time is over. */
  tellLinkUsed(lienId: string): void;
  /**
   * Has a demande carried out by the workflow of its intervention, starting that workflow if need be.
   * @returns the number of the event it became.
   * @throws {RegieError} what a rule says against it, or `SERVICE_INDISPONIBLE`
   */
  execute(interventionId: number, ordre: Ordre): Promise<number>;
  /**
   * Tells the workflow that its row may have changed behind its back.
   * @throws {RegieError} `SERVICE_INDISPONIBLE`
   */
  synchronise(interventionId: number): Promise<void>;
  /** How the workflow stands, as Temporal names it (`RUNNING`, …), or null when it cannot be known. */
  workflowStatus(interventionId: number): Promise<string | null>;
  /** Whether the engine answers. */
  check(): Promise<boolean>;
  close(): Promise<void>;
}

/** Longer than a demande stays applicable, so that a caller who is told 503 knows that nothing will happen. */
const EXECUTE_DEADLINE = 11_000;
const READ_DEADLINE = 1_500;
const START_DEADLINE = 10_000;
/** An engine that is back is found within this; gRPC's own waits grow to two minutes. */
const MAX_RECONNECT_DELAY = 2_000;
const START_CONCURRENCY = 4;
/** Workflows started in a second, by all processes together, while a burst is worked off. */
const BURST_STARTS = 45;
/** Starts waiting at most; what does not fit is left to the reconciler. */
const MAX_WAITING_STARTS = 20_000;

/** @param processes that share the work of starting workflows */
export function createEngine(config: Config['temporal'], logger: Logger, processes = 1): Engine {
  const { address, namespace, taskQueue } = config;
  // Lazy: the API serves reads and creations while the engine is away, also at its own start.
  const connection = Connection.lazy({
    address,
    connectTimeout: '2s',
    channelArgs: { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_DELAY },
    interceptors: [
      makeGrpcRetryInterceptor(
        defaultGrpcRetryOptions({ initialIntervalMs: () => 50, maxIntervalMs: () => 300, maxAttempts: 4 }),
      ),
    ],
  });
  const client = new Client({ connection, namespace });
  const starts = new BackgroundQueue({
    concurrency: START_CONCURRENCY,
    capacity: MAX_WAITING_STARTS,
    burstRate: BURST_STARTS / processes,
  });
  const within = <T>(milliseconds: number, run: () => Promise<T>) =>
    connection.withDeadline(Date.now() + milliseconds, run);

  /** Nobody waits for it, and something else makes up for it when it fails. */
  const inBackground = (context: object, failure: string, run: () => Promise<unknown>) => {
    refuseInTransaction('the engine');
    starts.push(async () => {
      try {
        await within(START_DEADLINE, run);
      } catch (err) {
        logger.warn({ err, ...context }, failure);
      }
    });
  };

  const startOptions = (interventionId: number) => interventionStart(interventionId, taskQueue);
  const update = async (interventionId: number, ordre: Ordre): Promise<number> => {
    try {
      return await updateAs(ordre.demandeId, interventionId, ordre);
    } catch (error) {
      const refusal = refusalOf(error);
      const mayPass = refusal === null || refusal.code === 'SERVICE_INDISPONIBLE';
      if (!(error instanceof WorkflowUpdateFailedError) || !mayPass) throw error;
      // Perhaps an earlier try failed, whose end the engine keeps under its id and would tell ever after.
      return updateAs(randomUUID(), interventionId, ordre);
    }
  };
  const updateAs = async (updateId: string, interventionId: number, ordre: Ordre): Promise<number> => {
    const options = { updateId, args: [ordre] as [Ordre] };
    try {
      const handle = client.workflow.getHandle(interventionWorkflowId(interventionId));
      return await handle.executeUpdate<number, [Ordre]>(ORDRE_UPDATE, options);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // Not started yet, or lost with the engine's storage: its row is enough to start it from.
      return client.workflow.executeUpdateWithStart<never, number, [Ordre]>(ORDRE_UPDATE, {
        ...options,
        startWorkflowOperation: new WithStartWorkflowOperation(
          INTERVENTION_WORKFLOW,
          startOptions(interventionId),
        ) as never,
      });
    }
  };

  return {
    startInBackground: (interventionId) =>
      inBackground({ interventionId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(INTERVENTION_WORKFLOW, startOptions(interventionId)),
      ),

    startLinkInBackground: (lienId) =>
      inBackground({ lienId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(lienId, taskQueue)),
      ),

    wakeInBackground: (interventionId) =>
      inBackground({ interventionId }, 'workflow not told; the reconciler will', () =>
        client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(interventionId, taskQueue)),
      ),

    tellLinkUsed: (lienId) =>
      inBackground({ lienId }, 'workflow not told; it will find out', () =>
        client.workflow.getHandle(lienMotDePasseWorkflowId(lienId)).signal(LIEN_UTILISE_SIGNAL),
      ),

    execute: async (interventionId, ordre) => {
      refuseInTransaction('the engine');
      try {
        return await within(EXECUTE_DEADLINE, () => update(interventionId, ordre));
      } catch (error) {
        throw refusalOf(error) ?? unavailable('engine', error);
      }
    },

    synchronise: async (interventionId) => {
      refuseInTransaction('the engine');
      try {
        const handle = client.workflow.getHandle(interventionWorkflowId(interventionId));
        await within(READ_DEADLINE, () => handle.signal(SYNCHRONISER_SIGNAL));
      } catch (error) {
        // One that does not run reads its row anyway when it is started.
        if (!(error instanceof WorkflowNotFoundError)) throw unavailable('engine', error);
      }
    },

    workflowStatus: async (interventionId) => {
      refuseInTransaction('the engine');
      try {
        const handle = client.workflow.getHandle(interventionWorkflowId(interventionId));
        return (await within(READ_DEADLINE, () => handle.describe())).status.name;
      } catch {
        return null;
      }
    },

    check: async () => {
      refuseInTransaction('the engine');
      try {
        await within(READ_DEADLINE, () => connection.workflowService.getSystemInfo({}));
        return true;
      } catch {
        return false;
      }
    },

    close: async () => {
      await starts.drain(2_000);
      await connection.close();
    },
  };
}

/** What the workflow or its activity said against the demande, as the error it was there. */
function refusalOf(error: unknown): RegieError | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.nonRetryable && cause.type) {
      return new RegieError(cause.type as ErrorCode, { ...(cause.details?.[0] as ErrorDetails | undefined) });
    }
  }
  return null;
}
