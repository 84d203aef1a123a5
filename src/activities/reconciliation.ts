import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { interventionsWithForgottenRapport } from '../services/interventions/rapports';
import { closeRefusals } from '../services/refus';
import {
  countOpenInterventions,
  interventionsWithoutWorkflow,
  linksWithoutWorkflow,
  openInterventionsAfter,
  type Slice,
  withoutOpen,
} from '../services/systeme/reconciliation';
import {
  INTERVENTION_WORKFLOW,
  interventionIdOf,
  interventionStart,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
  SYNCHRONISER_SIGNAL,
} from '../workflows/protocol';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface ReconciliationActivities {
  /**
   * Makes the engine match the database: starts the workflow of every open intervention that has none, be it that its
   * start was lost or that the engine lost its storage, of every link that was never sent, and of every report that is
   * due and that nobody makes; has workflows of what is over look at their row again, which ends them. And writes down
   * how often callers were refused in the minutes that are over.
   */
  reconcile(): Promise<{ started: number }>;
}

/** Starts under way at once. */
const CONCURRENCY = 8;
/** So many are started without a pause: what a short outage leaves behind. */
const AT_ONCE = 50;
/** After that, time in which nothing is started for each time in which something is: people come first. */
const REST = 2;
const PAGE = 500;
/** Open interventions compared with the engine in one round; more of them take several rounds in turn. */
const COMPARED = 2_000;
/** Workflows asked after in one question. */
const NAMED = 100;
/** Where many run, naming all of them to find those that should not is done every so many minutes alone. */
const STRAY_MINUTES = 10;
const MINUTE = 60_000;
/** Comes before every other. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

const RUNNING = `WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`;

export function reconciliationActivities(context: ActivityContext): ReconciliationActivities {
  const { db, client, taskQueue, logger } = context;

  const startIntervention = (id: number) =>
    client.workflow.start(INTERVENTION_WORKFLOW, interventionStart(id, taskQueue));
  /** One that runs all the same is asked to look at its row again: other things may follow from it by now. */
  const wakeIntervention = (id: number) =>
    client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(id, taskQueue));
  const startLink = (id: string) =>
    client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(id, taskQueue));

  /** Those of the interventions whose workflow the engine does not know as running. */
  const lostAmong = async (ids: readonly number[]): Promise<number[]> => {
    if (ids.length === 0) return [];
    const names = ids.map((id) => `'${interventionWorkflowId(id)}'`);
    const alive = new Set<string>();
    const query = `${RUNNING} AND WorkflowId IN (${names.join(', ')})`;
    for await (const { workflowId } of client.workflow.list({ query })) alive.add(workflowId);
    Context.current().heartbeat();
    return ids.filter((id) => !alive.has(interventionWorkflowId(id)));
  };

  const restartLost = async (start: Starter, slice: Slice): Promise<void> => {
    for (let after = 0; ; ) {
      const page = await openInterventionsAfter(db, after, PAGE, slice);
      const ids = page.map(({ id }) => id);
      for (let at = 0; at < ids.length; at += NAMED) {
        await start.all(await lostAmong(ids.slice(at, at + NAMED)), startIntervention);
      }
      if (page.length < PAGE) return;
      after = ids.at(-1)!;
    }
  };

  const wakeStrays = async (): Promise<void> => {
    let ids: number[] = [];
    const wake = async () => {
      for (const id of await withoutOpen(db, ids)) {
        await client.workflow.getHandle(interventionWorkflowId(id)).signal(SYNCHRONISER_SIGNAL);
        logger.info({ interventionId: id }, 'workflow of what is over told to look again');
      }
      ids = [];
    };
    for await (const { workflowId } of client.workflow.list({ query: RUNNING })) {
      const id = interventionIdOf(workflowId);
      if (id !== null) ids.push(id);
      Context.current().heartbeat();
      if (ids.length === PAGE) await wake();
    }
    await wake();
  };

  /**
   * Fewer than there should be: all are looked at. Otherwise a part of them each round, since a workflow that should not
   * run would hide from the count one that should.
   */
  const compare = async (start: Starter, minute: number): Promise<void> => {
    const open = await countOpenInterventions(db);
    const { count: running } = await client.workflow.count(RUNNING);
    const of = Math.max(1, Math.ceil(open / COMPARED));
    const looked = running < open ? Array.from({ length: of }, (_, slice) => slice) : [minute % of];
    for (const slice of looked) await restartLost(start, { slice, of });
    const due = running <= COMPARED || minute % STRAY_MINUTES === 0;
    if (running > open && due) await wakeStrays();
  };

  return withoutSecrets(logger, {
    reconcile: async () => {
      const now = Date.now();
      await closeRefusals(db, new Date(now));
      const start = new Starter(logger);
      await start.each<number>(0, (after) => interventionsWithoutWorkflow(db, after, PAGE), wakeIntervention);
      await start.each<string>(NO_UUID, (after) => linksWithoutWorkflow(db, after, PAGE), startLink);
      await start.each<number>(
        0,
        (after) => interventionsWithForgottenRapport(db, after, PAGE),
        wakeIntervention,
      );
      await compare(start, Math.floor(now / MINUTE));
      const { started } = start;
      if (started > 0) logger.info({ started }, 'workflows started from their rows');
      return { started };
    },
  });
}

/**
 * Starts workflows a few at a time, and gives way to people when there are many. One that cannot be started keeps none of
 * the others.
 */
class Starter {
  started = 0;

  constructor(private readonly logger: ActivityContext['logger']) {}

  /** All that there are, page by page in the order of their ids. */
  async each<Id>(
    first: Id,
    pageAfter: (after: Id) => Promise<{ id: Id }[]>,
    startOne: (id: Id) => Promise<unknown>,
  ): Promise<void> {
    for (let after = first; ; ) {
      const page = await pageAfter(after);
      await this.all(
        page.map(({ id }) => id),
        startOne,
      );
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }

  async all<Id>(ids: readonly Id[], startOne: (id: Id) => Promise<unknown>): Promise<void> {
    for (let at = 0; at < ids.length; at += CONCURRENCY) {
      Context.current().heartbeat();
      const begin = performance.now();
      const batch = ids.slice(at, at + CONCURRENCY);
      for (const outcome of await Promise.allSettled(batch.map(startOne))) {
        if (outcome.status === 'fulfilled') this.started += 1;
        else this.logger.warn({ err: outcome.reason }, 'workflow not started; tried again in a minute');
      }
      if (this.started > AT_ONCE) await sleep(REST * (performance.now() - begin));
    }
  }
}
