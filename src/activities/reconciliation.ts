import { Context } from '@temporalio/activity';
import {
  countOpenInterventions,
  interventionsWithoutWorkflow,
  linksWithoutWorkflow,
  openInterventionsAfter,
} from '../services/reconciliation';
import {
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
  SYNCHRONISER_SIGNAL,
} from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface ReconciliationActivities {
  /**
   * Starts the workflow of every open intervention that has none: those whose start was lost, and, after the
   * engine lost its storage, all of them. Likewise of every link that was never sent.
   */
  reconcile(): Promise<{ started: number }>;
}

/** Starts under way at once: the engine is shared with the people who wait for answers. */
const CONCURRENCY = 8;
const BATCH = 500;

export function reconciliationActivities(context: ActivityContext): ReconciliationActivities {
  const { db, client, taskQueue, logger } = context;

  const start = async <Id>(ids: readonly Id[], startOne: (id: Id) => Promise<unknown>) => {
    for (let at = 0; at < ids.length; at += CONCURRENCY) {
      Context.current().heartbeat();
      await Promise.all(ids.slice(at, at + CONCURRENCY).map(startOne));
    }
    return ids.length;
  };
  const startIntervention = (id: number) =>
    client.workflow.start(INTERVENTION_WORKFLOW, interventionStart(id, taskQueue));
  /** One that runs all the same is asked to look at its row again: its deadlines may follow differently by now. */
  const startOrSynchronise = (id: number) =>
    client.workflow.signalWithStart(INTERVENTION_WORKFLOW, {
      ...interventionStart(id, taskQueue),
      signal: SYNCHRONISER_SIGNAL,
    });
  const startLink = (id: string) =>
    client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(id, taskQueue));

  const startAll = async (
    pageAfter: (after: number) => Promise<{ id: number }[]>,
    startOne: (id: number) => Promise<unknown>,
    needed = (_: number) => true,
  ) => {
    let started = 0;
    for (let after = 0; ; ) {
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
    return startAll(
      (after) => openInterventionsAfter(db, after, BATCH),
      startIntervention,
      (id) => !alive.has(interventionWorkflowId(id)),
    );
  };

  return withoutSecrets(logger, {
    reconcile: async () => {
      const neverStarted = await startAll(
        (after) => interventionsWithoutWorkflow(db, after, BATCH),
        startOrSynchronise,
      );
      const links = await linksWithoutWorkflow(db, BATCH);
      const sent = await start(
        links.map(({ id }) => id),
        startLink,
      );
      const started = neverStarted + sent + (await restartLost());
      if (started > 0) logger.info({ started }, 'workflows started from their rows');
      return { started };
    },
  });
}
