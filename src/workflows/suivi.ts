import {
  condition,
  continueAsNew,
  type SignalDefinition,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

/** What a workflow that follows a row does again and again: look, say what it waits for, wait until then or until the row changes. */

/**
 * However long the database or a store is away, what is due is done once they are back: longer waits are timers of the engine.
 * What is not done here the rows tell the reconciler, so that it is given up after a day rather than tried for ever.
 */
export const UNTIL_DONE = {
  scheduleToCloseTimeout: '1 day',
  localRetryThreshold: '5s',
  retry: { initialInterval: '200ms', maximumInterval: '30s' },
} as const;

/** What was found: what operators read of it, and what comes next, if anything does. */
export interface Regard {
  details: string;
  /** `date` in milliseconds; null for nothing but a change. Itself null when nothing comes any more. */
  attente: { date: number | null; summary: string } | null;
}

/**
 * Follows a row until nothing comes of it any more. The row says each time what is due, this only that it is time; whoever changes
 * the row says so by the signal, and starts a workflow that had ended again.
 * @param ids the arguments of the workflow itself, with which it goes on in a history of its own once this one is long
 * @param look does what is due by now, and says what it left
 */
export async function suivre(
  change: SignalDefinition,
  ids: readonly number[],
  look: () => Promise<Regard>,
): Promise<void> {
  let changed = false;
  setHandler(change, () => {
    changed = true;
  });
  for (;;) {
    changed = false;
    const { details, attente } = await look();
    if (attente === null && changed) continue;
    setCurrentDetails(details);
    if (attente === null) return;
    if (workflowInfo().continueAsNewSuggested && !changed) return continueAsNew(...ids);
    const { date, summary } = attente;
    if (date === null) await condition(() => changed);
    else await condition(() => changed, Math.max(1, date - Date.now()), { summary });
  }
}
