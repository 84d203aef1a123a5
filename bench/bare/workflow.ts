import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type * as activities from './activities';
import { MOVE_UPDATE, MOVES } from './protocol';

const { write } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });

/**
 * The life of an intervention with everything of ours left out: the same number of updates, each with a validator and
 * one local activity, and a timer that is armed anew after each. What the engine alone costs.
 */
export async function bareLife(): Promise<void> {
  let state: { move: number; deadline: number } | null = null;
  let changes = 0;
  const believe = (next: { move: number; deadline: number }) => {
    state = next;
    changes += 1;
  };

  setHandler(
    defineUpdate<number, [number]>(MOVE_UPDATE),
    async (move) => {
      await condition(() => state !== null);
      believe(await write(move));
      return move;
    },
    {
      validator: (move) => {
        if (state !== null && move !== state.move + 1) throw ApplicationFailure.nonRetryable('not now');
      },
    },
  );

  believe(await write(0));
  for (;;) {
    const seen = changes;
    const { move, deadline } = state as unknown as { move: number; deadline: number };
    const changed = await condition(() => changes !== seen, Math.max(1, deadline - Date.now()));
    if (!changed && move === MOVES) break;
  }
  await condition(allHandlersFinished);
}
