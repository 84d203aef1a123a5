import {
  allHandlersFinished,
  condition,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type * as activities from './activities';
import { MOVE_UPDATE } from './protocol';

const { move } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });

const HOUR = 3_600_000;

/**
 * The life of an intervention with everything of ours left out: moves by update, each with one local activity, and a
 * timer that is armed anew after each. What the engine alone costs.
 * @param row of its own, which each move changes.
 */
export async function bareLife(row: number): Promise<void> {
  let moves = 0;
  let deadline = Date.now() + HOUR;
  setHandler(defineUpdate<number>(MOVE_UPDATE), async () => {
    deadline = await move(row);
    moves += 1;
    return moves;
  });

  let moved = true;
  while (moved) {
    const seen = moves;
    moved = await condition(() => moves !== seen, Math.max(1, deadline - Date.now()));
  }
  await condition(allHandlersFinished);
}
