import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { InterventionActivities } from '../activities/interventions';
import { type Ordre, refuseOrdre } from '../domain/demandes';
import { isClosed } from '../domain/interventions';
import type { Snapshot } from '../domain/snapshot';
import { ORDRE_UPDATE, SYNCHRONISER_SIGNAL, TRANSITION_INVALIDE } from './protocol';
import { describeEcheance, describeOrdre, showSituation } from './situation-display';

const ordreUpdate = defineUpdate<number, [Ordre]>(ORDRE_UPDATE);
const synchroniserSignal = defineSignal(SYNCHRONISER_SIGNAL);

/** Somebody waits for the answer: better refused in time than done after they were told that it failed. */
const { applyDemande } = proxyLocalActivities<InterventionActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '8s',
  retry: { initialInterval: '100ms', maximumInterval: '1s' },
});

/** Nobody waits: however long the database is away, this is done once it is back. */
const { adoptIntervention, escalateIntervention } = proxyLocalActivities<InterventionActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
  summary: 'lecture de la situation',
});

const { fileRapport } = proxyActivities<InterventionActivities>({
  startToCloseTimeout: '60s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
  summary: 'rapport PDF',
});

/**
 * The life of one intervention. It holds the deadlines: whatever nobody did in time is told level by level.
 * Everything that is known of the intervention comes from PostgreSQL, and every change is written there in one
 * transaction before this workflow believes it; so it can be started anew from the row at any time.
 */
export async function intervention(interventionId: number): Promise<void> {
  const life: { situation: Snapshot | null; changes: number } = { situation: null, changes: 0 };
  /** Reports that this run has filed; a snapshot taken before may still ask for them. */
  const filed = new Set<string>();

  /** Answers may come back in another order than they were asked for: the higher number is the newer state. */
  const believe = (snapshot: Snapshot | null) => {
    if (snapshot === null || snapshot.numeroEvenement < (life.situation?.numeroEvenement ?? 0)) return;
    life.situation = snapshot;
    life.changes += 1;
    showSituation(snapshot);
  };

  setHandler(
    ordreUpdate,
    async (ordre) => {
      await condition(() => life.situation !== null);
      const summary = describeOrdre(ordre);
      const snapshot = await applyDemande.executeWithOptions({ summary }, [ordre.demandeId, Date.now()]);
      believe(snapshot);
      return snapshot.numeroEvenement;
    },
    {
      validator: (ordre) => {
        if (life.situation === null) return;
        const refusal = refuseOrdre(life.situation, ordre, Date.now());
        if (refusal !== null) throw ApplicationFailure.nonRetryable('not now', TRANSITION_INVALIDE);
      },
    },
  );
  setHandler(synchroniserSignal, async () => believe(await adoptIntervention(interventionId)));

  believe(await adoptIntervention(interventionId));
  while (life.situation !== null && !isClosed(life.situation, Date.now())) {
    const seen = life.changes;
    const { rapportAttendu, echeances } = life.situation;
    if (rapportAttendu !== null && !filed.has(rapportAttendu)) {
      await fileRapport(interventionId, rapportAttendu);
      filed.add(rapportAttendu);
    }
    const next = echeances[0];
    const changed = await waitUntil(next?.date, () => life.changes !== seen, describeEcheance(next));
    if (!changed && next !== undefined) {
      const summary = describeEcheance(next);
      believe(
        await escalateIntervention.executeWithOptions({ summary }, [interventionId, next.cle, Date.now()]),
      );
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof intervention>(interventionId);
    }
  }
  await condition(allHandlersFinished);
}

/**
 * Waits for a change, at most until the given instant.
 * @returns false when the instant came first.
 */
async function waitUntil(
  date: number | undefined,
  changed: () => boolean,
  summary: string,
): Promise<boolean> {
  if (date === undefined) {
    await condition(changed);
    return true;
  }
  return condition(changed, Math.max(1, date - Date.now()), { summary });
}
