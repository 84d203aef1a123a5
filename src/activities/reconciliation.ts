import { Context } from '@temporalio/activity';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import { sweepOrphanObjects } from '../services/documents';
import {
  countOpenInterventions,
  interventionsWithoutWorkflow,
  openInterventionsAfter,
  removeExpired,
} from '../services/reconciliation';
import { INTERVENTION_WORKFLOW, interventionWorkflowId } from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface ReconciliationActivities {
  /**
   * Starts the workflow of every open intervention that has none: those whose start was lost, and, after the
   * engine lost its storage, all of them.
   */
  reconcile(): Promise<{ started: number }>;
}

/** Starts under way at once: the engine is shared with the people who wait for answers. */
const CONCURRENCY = 8;
const BATCH = 500;
/** Objects without a row may still belong to an upload under way; after this long they do not, in milliseconds. */
const ORPHAN_AGE = 24 * 3_600_000;

export function reconciliationActivities(context: ActivityContext): ReconciliationActivities {
  const { db, client, taskQueue, logger } = context;

  const start = async (ids: readonly number[]) => {
    for (let at = 0; at < ids.length; at += CONCURRENCY) {
      Context.current().heartbeat();
      await Promise.all(ids.slice(at, at + CONCURRENCY).map(startOne));
    }
    return ids.length;
  };
  const startOne = (id: number) =>
    client.workflow.start(INTERVENTION_WORKFLOW, {
      workflowId: interventionWorkflowId(id),
      taskQueue,
      args: [id],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      staticSummary: `Intervention ${id}`,
    });

  const startNeverStarted = async () => {
    let started = 0;
    for (;;) {
      const ids = (await interventionsWithoutWorkflow(db, BATCH)).map(({ id }) => id);
      started += await start(ids);
      if (ids.length < BATCH) return started;
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
    let started = 0;
    for (let after = 0; ; ) {
      const page = await openInterventionsAfter(db, after, BATCH);
      started += await start(page.map(({ id }) => id).filter((id) => !alive.has(interventionWorkflowId(id))));
      if (page.length < BATCH) return started;
      after = page.at(-1)!.id;
    }
  };

  return withoutSecrets(logger, {
    reconcile: async () => {
      const started = (await startNeverStarted()) + (await restartLost());
      if (started > 0) logger.info({ started }, 'workflows started from their rows');
      await removeExpired(db);
      await sweepOrphanObjects(db, context.store, new Date(Date.now() - ORPHAN_AGE));
      return { started };
    },
  });
}
