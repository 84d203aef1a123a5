import { Context } from '@temporalio/activity';
import { interventionsWithForgottenRapport } from '../services/rapports';
import {
  countOpenInterventions,
  interventionsWithoutWorkflow,
  linksWithoutWorkflow,
  openInterventionsAfter,
} from '../services/reconciliation';
import {
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
} from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface ReconciliationActivities {
  /**
   * Starts the workflow of every open intervention that has none: those whose start was lost, and, after the
   * engine lost its storage, all of them. Likewise of every link that was never sent, and of every report that is due
   * and that nobody makes. One that cannot be started keeps none of the others.
   */
  reconcile(): Promise<{ started: number }>;
}

/** Starts under way at once: the engine is shared with the people who wait for answers. */
const CONCURRENCY = 8;
const BATCH = 500;
/** Comes before every other. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

export function reconciliationActivities(context: ActivityContext): ReconciliationActivities {
  const { db, client, taskQueue, logger } = context;

  const start = async <Id>(ids: readonly Id[], startOne: (id: Id) => Promise<unknown>) => {
    let started = 0;
    for (let at = 0; at < ids.length; at += CONCURRENCY) {
      Context.current().heartbeat();
      const outcomes = await Promise.allSettled(ids.slice(at, at + CONCURRENCY).map(startOne));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') started += 1;
        else logger.warn({ err: outcome.reason }, 'workflow not started; tried again in a minute');
      }
    }
    return started;
  };
  const startIntervention = (id: number) =>
    client.workflow.start(INTERVENTION_WORKFLOW, interventionStart(id, taskQueue));
  const startLink = (id: string) =>
    client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(id, taskQueue));

  const wake = (id: number) =>
    client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(id, taskQueue));

  const startAll = async <Id>(
    first: Id,
    pageAfter: (after: Id) => Promise<{ id: Id }[]>,
    startOne: (id: Id) => Promise<unknown>,
    needed = (_: Id) => true,
  ) => {
    let started = 0;
    for (let after = first; ; ) {
      const page = await pageAfter(after);
      started += await start(page.map(({ id }) => id).filter(needed), startOne);
      if (page.length < BATCH) return started;
      after = page.at(-1)!.id;
    }
  };

  /** Only when the counts differ: naming every running workflow is the dear way to find the ones that are lost. */
  const restartLost = async () => {
    const running = `WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`;
    const { count } = await client.workflow.count(running);
    if (count >= (await countOpenInterventions(db))) return 0;
    const alive = new Set<string>();
    for await (const { workflowId } of client.workflow.list({ query: running })) {
      alive.add(workflowId);
      Context.current().heartbeat();
    }
    return startAll<number>(
      0,
      (after) => openInterventionsAfter(db, after, BATCH),
      startIntervention,
      (id) => !alive.has(interventionWorkflowId(id)),
    );
  };

  return withoutSecrets(logger, {
    reconcile: async () => {
      const neverStarted = await startAll<number>(
        0,
        (after) => interventionsWithoutWorkflow(db, after, BATCH),
        startIntervention,
      );
      const links = await startAll<string>(
        NO_UUID,
        (after) => linksWithoutWorkflow(db, after, BATCH),
        startLink,
      );
      const rapports = await startAll<number>(
        0,
        (after) => interventionsWithForgottenRapport(db, after, BATCH),
        wake,
      );
      const started = neverStarted + links + rapports + (await restartLost());
      if (started > 0) logger.info({ started }, 'workflows started from their rows');
      return { started };
    },
  });
}
