import { type ScheduleHandle, ScheduleOverlapPolicy } from '@temporalio/client';
import { eventually } from './eventually';

/** How long a round that was asked for may take to begin, in milliseconds, before it counts as dropped. */
const DROPPED_AFTER = 3_000;

/**
 * Has the engine begin one more round of a schedule that a worker serves. Asking once is not enough: the engine names a round
 * by the second, and drops one that is asked for in the second in which another began.
 */
export async function anotherRound(schedule: ScheduleHandle): Promise<void> {
  const begun = async () => {
    const { info } = await schedule.describe();
    return info.recentActions.flatMap(({ action }) =>
      action.type === 'startWorkflow' ? action.workflow.workflowId : [],
    );
  };
  const before = new Set(await begun());
  let nextAsk = 0;
  await eventually(
    async () => {
      if (Date.now() >= nextAsk) {
        // A round that still runs only delays this one.
        await schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
        nextAsk = Date.now() + DROPPED_AFTER;
      }
      return begun();
    },
    (rounds) => rounds.some((round) => !before.has(round)),
  );
}
