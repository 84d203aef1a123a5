import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { refuseInTransaction } from '../db/transaction';
import type { SealedOrdre } from '../domain/interventions/ordres';
import type { Snapshot } from '../domain/interventions/snapshot';
import {
  APPLICATION_WORKFLOW,
  applicationStart,
  BRIS_DE_GLACE_WORKFLOW,
  brisDeGlaceWake,
  CONSULTATION_WORKFLOW,
  consultationWake,
  ECHEANCE_PREVENTIF_WORKFLOW,
  EXAMEN_WORKFLOW,
  EXPORT_DOSSIER_WORKFLOW,
  echeancePreventifStart,
  examenWake,
  exportDossierRemis,
  exportDossierStart,
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  LIEN_UTILISE_SIGNAL,
  lienMotDePasseStart,
  lienMotDePasseWorkflowId,
  newInterventionStart,
  PROPOSITION_WORKFLOW,
  propositionStart,
  RAPPORT_WORKFLOW,
  RENDEZ_VOUS_WORKFLOW,
  ROTATION_CLES_WORKFLOW,
  rapportStart,
  rendezVousWake,
  rotationClesStart,
  WEBHOOK_WORKFLOW,
  webhookWake,
} from '../workflows/protocol';
import { BackgroundQueue } from './background-queue';
import { executeOrdre } from './ordres';

/** What the API asks of the workflow engine; never inside a transaction. */
export interface Engine {
  /**
   * Starts the workflow of an intervention in the background; the reconciler mends what fails.
   * @param situation how it stands, where its row has just been written.
   */
  startInBackground(interventionId: number, situation?: Snapshot): void;
  /** The same for several whose rows have just been written. */
  startAllInBackground(created: readonly { id: number; situation: Snapshot }[]): void;
  /** The same for a link by which somebody chooses a password. */
  startLinkInBackground(lienId: string): void;
  /** Has its workflow look at its row again, since something else follows from it; the reconciler mends what fails. */
  wakeInBackground(interventionId: number): void;
  /** The same for several. */
  wakeAllInBackground(interventionIds: readonly number[]): void;
  /** Has a proposal computed; the reconciler mends what fails. */
  startPropositionInBackground(propositionId: number): void;
  /** Has it applied; the reconciler mends what fails. */
  startApplicationInBackground(propositionId: number): void;
  /** Ends its computing; a search that is not told finds out within seconds. */
  cancelPropositionInBackground(propositionId: number): void;
  /** Has a report made that somebody asked for; the reconciler mends what fails. */
  startRapportInBackground(rapportId: number): void;
  /**
   * Has what is due of a preventive plan decided, and its schedule made what the row says, also when there is no row any more;
   * the reconciler mends what fails.
   */
  followPlanInBackground(planId: number): void;
  /** Has what a webhook is to be told sent; the reconciler mends what fails. */
  wakeWebhookInBackground(webhookId: number): void;
  /** Has what happens around an appointment by itself follow what its row says now; the reconciler mends what fails. */
  followRendezVousInBackground(rendezVousId: number): void;
  /** Has a copy of a record made; the reconciler mends what fails. */
  startExportInBackground(cabinetId: number, exportId: number): void;
  /** Tells its workflow that whoever asked for it has it; the reconciler mends what fails. */
  tellExportRemis(cabinetId: number, exportId: number): void;
  /** Has what follows from a break-glass by itself follow what its row says now; the reconciler mends what fails. */
  followBrisDeGlaceInBackground(bris: { id: number; cabinet_id: number }): void;
  /** Has its author told of a draft that is not signed; the reconciler mends what fails. */
  followConsultationInBackground(cabinetId: number, consultationId: number): void;
  /** Has what happens around an examen by itself follow what its row says now; the reconciler mends what fails. */
  followExamenInBackground(examenId: number): void;
  /** Has the keys of documents sealed anew; the reconciler mends what fails. */
  startRotationInBackground(rotationId: number): void;
  /** Tells its workflow that it has served; one that is not told finds out when the link's time is over. */
  tellLinkUsed(lienId: string): void;
  /**
   * Has an order carried out by the workflow of its intervention, starting that workflow if need be.
   * @returns the number of the event it became.
   * @throws {RegieError} what a rule says against it, or `SERVICE_INDISPONIBLE`
   */
  execute(interventionId: number, ordre: SealedOrdre): Promise<number>;
  /** How the workflow stands, as Temporal names it (`RUNNING`, …), or null when it cannot be known. */
  workflowStatus(interventionId: number): Promise<string | null>;
  /** Whether the engine answers. */
  check(): Promise<boolean>;
  close(): Promise<void>;
}

const READ_DEADLINE = 1_500;
const START_DEADLINE = 10_000;
/** An engine that is back is found within this; gRPC's own waits grow to two minutes. */
const MAX_RECONNECT_DELAY = 2_000;
const START_CONCURRENCY = 4;
/** Workflows started in a second, by all processes together, while a burst is worked off. */
const BURST_STARTS = 50;
/** Starts waiting at most; what does not fit is left to the reconciler. */
const MAX_WAITING_STARTS = 20_000;

/** How an engine does what nobody waits for. */
export interface Background {
  /** Processes that share the work of starting workflows; one unless said. */
  processes?: number;
  /** Whether people wait for this process at this moment: starts give way to them. */
  peopleWait?: () => boolean;
  /** Is told whose workflows this process has started, many at a time. */
  started?: (interventionIds: number[]) => Promise<void>;
}

export function createEngine(
  config: Config['temporal'],
  logger: Logger,
  { processes = 1, peopleWait, started }: Background = {},
): Engine {
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
  const starts = new BackgroundQueue<number>({
    concurrency: START_CONCURRENCY,
    capacity: MAX_WAITING_STARTS,
    burstRate: BURST_STARTS / processes,
    ...(peopleWait && { peopleWait }),
    ...(started && {
      report: (ids: number[]) =>
        started(ids).catch((err) =>
          logger.warn({ err, ids }, 'workflows started; the reconciler will say so'),
        ),
    }),
  });
  const within = <T>(milliseconds: number, run: () => Promise<T>) =>
    connection.withDeadline(Date.now() + milliseconds, run);

  /** Nobody waits for it, and something else makes up for it when it fails. What it comes to is reported. */
  const inBackground = (context: object, failure: string, run: () => Promise<unknown>, outcome?: number) => {
    refuseInTransaction('the engine');
    starts.push(async () => {
      try {
        await within(START_DEADLINE, run);
        return outcome;
      } catch (err) {
        logger.warn({ err, ...context }, failure);
        return undefined;
      }
    });
  };

  const startOptions = (interventionId: number) => interventionStart(interventionId, taskQueue);

  const start = async (interventionId: number, situation?: Snapshot): Promise<void> => {
    try {
      await client.workflow.start(
        INTERVENTION_WORKFLOW,
        situation === undefined
          ? startOptions(interventionId)
          : newInterventionStart(interventionId, taskQueue, situation),
      );
    } catch (error) {
      // Somebody was quicker, and it is over already.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };

  const wake = (interventionId: number): void =>
    inBackground({ interventionId }, 'workflow not told; the reconciler will', () =>
      client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(interventionId, taskQueue)),
    );

  const startLater = (interventionId: number, situation?: Snapshot) =>
    inBackground(
      { interventionId },
      'workflow not started; the reconciler will',
      () => start(interventionId, situation),
      interventionId,
    );

  return {
    startInBackground: startLater,

    startAllInBackground: (created) => {
      for (const { id, situation } of created) startLater(id, situation);
    },

    startLinkInBackground: (lienId) =>
      inBackground({ lienId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(lienId, taskQueue)),
      ),

    wakeInBackground: wake,

    wakeAllInBackground: (interventionIds) => interventionIds.forEach(wake),

    startPropositionInBackground: (propositionId) =>
      inBackground({ propositionId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(PROPOSITION_WORKFLOW, propositionStart(propositionId, taskQueue)),
      ),

    startApplicationInBackground: (propositionId) =>
      inBackground({ propositionId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(APPLICATION_WORKFLOW, applicationStart(propositionId, taskQueue)),
      ),

    cancelPropositionInBackground: (propositionId) =>
      inBackground({ propositionId }, 'search not cancelled; it will find out', () =>
        client.workflow.getHandle(propositionStart(propositionId, taskQueue).workflowId).cancel(),
      ),

    startRapportInBackground: (rapportId) =>
      inBackground({ rapportId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(RAPPORT_WORKFLOW, rapportStart(rapportId, taskQueue)),
      ),

    followPlanInBackground: (planId) =>
      inBackground({ planId }, 'preventive plan not followed; the reconciler will', () =>
        client.workflow.start(ECHEANCE_PREVENTIF_WORKFLOW, {
          ...echeancePreventifStart(planId, taskQueue),
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      ),

    wakeWebhookInBackground: (webhookId) =>
      inBackground({ webhookId }, 'webhook not woken; the reconciler will', () =>
        client.workflow.signalWithStart(WEBHOOK_WORKFLOW, webhookWake(webhookId, taskQueue)),
      ),

    followRendezVousInBackground: (rendezVousId) =>
      inBackground({ rendezVousId }, 'appointment not followed; the reconciler will', () =>
        client.workflow.signalWithStart(RENDEZ_VOUS_WORKFLOW, rendezVousWake(rendezVousId, taskQueue)),
      ),

    startExportInBackground: (cabinetId, exportId) =>
      inBackground({ cabinetId, exportId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(EXPORT_DOSSIER_WORKFLOW, exportDossierStart(cabinetId, exportId, taskQueue)),
      ),

    tellExportRemis: (cabinetId, exportId) =>
      inBackground({ cabinetId, exportId }, 'workflow not told; the reconciler will', () =>
        client.workflow.signalWithStart(
          EXPORT_DOSSIER_WORKFLOW,
          exportDossierRemis(cabinetId, exportId, taskQueue),
        ),
      ),

    followBrisDeGlaceInBackground: ({ id, cabinet_id }) =>
      inBackground({ brisDeGlaceId: id }, 'break-glass not followed; the reconciler will', () =>
        client.workflow.signalWithStart(
          BRIS_DE_GLACE_WORKFLOW,
          brisDeGlaceWake({ id, cabinet_id }, taskQueue),
        ),
      ),

    followConsultationInBackground: (cabinetId, consultationId) =>
      inBackground({ consultationId }, 'consultation not followed; the reconciler will', () =>
        client.workflow.signalWithStart(
          CONSULTATION_WORKFLOW,
          consultationWake(cabinetId, consultationId, taskQueue),
        ),
      ),

    followExamenInBackground: (examenId) =>
      inBackground({ examenId }, 'examen not followed; the reconciler will', () =>
        client.workflow.signalWithStart(EXAMEN_WORKFLOW, examenWake(examenId, taskQueue)),
      ),

    startRotationInBackground: (rotationId) =>
      inBackground({ rotationId }, 'workflow not started; the reconciler will', () =>
        client.workflow.start(ROTATION_CLES_WORKFLOW, rotationClesStart(rotationId, taskQueue)),
      ),

    tellLinkUsed: (lienId) =>
      inBackground({ lienId }, 'workflow not told; it will find out', () =>
        client.workflow.getHandle(lienMotDePasseWorkflowId(lienId)).signal(LIEN_UTILISE_SIGNAL),
      ),

    execute: async (interventionId, ordre) => {
      refuseInTransaction('the engine');
      return executeOrdre(client, taskQueue, interventionId, ordre);
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
