import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { InterventionActivities, RapportActivities } from '../activities/interventions';
import { isClosed } from '../domain/interventions/interventions';
import type { SealedOrdre } from '../domain/interventions/ordres';
import type { Snapshot } from '../domain/interventions/snapshot';
import { LastingAlarm, renewedAlarm } from './alarm';
import { type InterventionStart, ORDRE_UPDATE, rapportsTaskQueue, SYNCHRONISER_SIGNAL } from './protocol';
import { describeEcheance, describeOrdre, showSituation } from './situation-display';

const ordreUpdate = defineUpdate<number, [SealedOrdre]>(ORDRE_UPDATE);
const synchroniserSignal = defineSignal(SYNCHRONISER_SIGNAL);

/** Somebody waits for the answer: better refused in time than done after they were told that it failed. */
const { applyDemande } = proxyLocalActivities<InterventionActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '8s',
  retry: { initialInterval: '100ms', maximumInterval: '1s' },
});

/**
 * Nobody waits: however long the database is away, this is done once it is back. Longer waits are timers of the engine:
 * between two tries an intervention that cannot be read holds none of the worker's places.
 */
const { adoptIntervention, escalateIntervention } = proxyLocalActivities<InterventionActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
  localRetryThreshold: '5s',
  summary: 'lecture de la situation',
});

/** How often it is tried is counted beside the row, and so is when to give up (`services/interventions/rapports.ts`). */
const rapportRetries = { initialInterval: '1s', maximumInterval: '15m' } as const;

/** 0.1.0 waited for the report before it did anything else. */
const BESIDE = 'rapport-beside';

/** Whether a rule said no, so that nothing has been done; otherwise nobody knows. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.nonRetryable === true;
}

/**
 * The life of one intervention. It holds the deadlines: whatever nobody did in time is told level by level.
 * Everything that is known of the intervention comes from PostgreSQL, and every change is written there in one
 * transaction before this workflow believes it; so it can be started anew from the row at any time.
 *
 * @param start what 0.2.0 and before did not give; how things stand, if whoever starts it has just written the row.
 */
export async function intervention(interventionId: number, start?: InterventionStart): Promise<void> {
  const life: { situation: Snapshot | null; changes: number } = { situation: null, changes: 0 };
  const alarm = start === undefined ? renewedAlarm : new LastingAlarm();
  /** Reports that are being made, for as long as it takes; deadlines and orders go on meanwhile. */
  const underWay = new Set<string>();
  /** Reports that this run is done with; a snapshot taken before may still ask for them. */
  const settled = new Set<string>();
  const { fileRapport } = proxyActivities<RapportActivities>({
    taskQueue: rapportsTaskQueue(workflowInfo().taskQueue),
    // At worst it waits for the one before it, is made and stored; a worker that died meanwhile is missed after this.
    startToCloseTimeout: '90s',
    retry: rapportRetries,
    summary: 'rapport PDF',
  });

  /** Answers may come back in another order than they were asked for: the higher number is the newer state. */
  const believe = (snapshot: Snapshot | null) => {
    if (snapshot === null || snapshot.numeroEvenement < (life.situation?.numeroEvenement ?? 0)) return;
    life.situation = snapshot;
    life.changes += 1;
    showSituation(snapshot);
  };
  const reread = async () => believe(await adoptIntervention(interventionId));
  const isOver = () => life.situation === null || isClosed(life.situation, Date.now());

  /** The report that nobody is making yet. */
  const dueRapport = () => {
    const cle = life.situation?.rapportAttendu ?? null;
    return cle === null || underWay.has(cle) || settled.has(cle) ? null : cle;
  };
  const makeRapport = async (cle: string): Promise<void> => {
    underWay.add(cle);
    try {
      const issue = await fileRapport(interventionId, cle);
      if (issue === 'abandonne') await reread();
      else settled.add(cle);
    } catch (error) {
      // Not again unless somebody says so: its row tells the reconciler of it.
      log.warn('report not filed', { error: String(error) });
      settled.add(cle);
    } finally {
      underWay.delete(cle);
    }
  };

  setHandler(ordreUpdate, async (ordre) => {
    await condition(() => life.situation !== null);
    const summary = describeOrdre(ordre);
    try {
      const snapshot = await applyDemande.executeWithOptions({ summary }, [
        interventionId,
        ordre,
        Date.now(),
      ]);
      believe(snapshot);
      return snapshot.numeroEvenement;
    } catch (error) {
      // The database may have been lost between the commit and its answer: what was done is what the row says.
      if (start !== undefined && !isRefusal(error)) void reread();
      throw error;
    }
  });
  setHandler(synchroniserSignal, async () => {
    await reread();
    settled.clear();
  });

  if (start?.situation) believe(start.situation);
  else await reread();
  for (;;) {
    const seen = life.changes;
    const due = dueRapport();
    const beside = due !== null && (start !== undefined || patched(BESIDE));
    if (beside) void makeRapport(due);
    if (isOver()) {
      // 0.1.0 ended at once.
      if (due !== null && !beside) break;
      await condition(() => underWay.size === 0);
      if (dueRapport() === null) break;
      continue;
    }
    if (due !== null && !beside) await makeRapport(due);
    const next = life.situation?.echeances[0];
    const changed = await alarm.until(next?.date, () => life.changes !== seen, describeEcheance(next));
    if (!changed && next !== undefined && (start === undefined || next.date <= Date.now())) {
      const summary = describeEcheance(next);
      believe(
        await escalateIntervention.executeWithOptions({ summary }, [interventionId, next.cle, Date.now()]),
      );
    }
    // What is being made would be made twice; it takes a day at most.
    if (workflowInfo().continueAsNewSuggested && underWay.size === 0) {
      await condition(allHandlersFinished);
      if (underWay.size === 0) {
        await continueAsNew<typeof intervention>(interventionId, { situation: life.situation });
      }
    }
  }
  await condition(allHandlersFinished);
}
