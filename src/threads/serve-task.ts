import { setImmediate as breathe } from 'node:timers/promises';
import type { FromChild } from './child';
import { yieldToRequests } from './priority.cjs';

/** Whoever started this process is looked for this often, in milliseconds: so long it goes on at most when they have gone. */
const LOOK_UP = 50;
/** How often it is said how far a task has come, in milliseconds. */
const TOLD_EVERY = 1_000;

/** A task that is done step by step. */
export interface Steps<Progress, Result> {
  /** Takes a few more steps, for some milliseconds. */
  advance(): void;
  readonly done: boolean;
  readonly progress: Progress;
  result(): Result;
}

/**
 * The life of a process that `runInChild` starts: one task, step by step, and between the steps a look at whether anybody
 * still waits for it.
 */
export function serveTask<Task, Progress, Result>(begin: (task: Task) => Steps<Progress, Result>): void {
  yieldToRequests();
  const tell = (message: FromChild<Progress, Result>) => void process.send?.(message);
  // Whoever is told what it came to ends it: by itself it might be gone before that has been read.
  process.once('disconnect', () => process.exit(0));
  process.once('message', async (task: Task) => {
    try {
      const steps = begin(task);
      let told = performance.now();
      while (!steps.done) {
        const until = performance.now() + LOOK_UP;
        while (!steps.done && performance.now() < until) steps.advance();
        if (performance.now() - told >= TOLD_EVERY) {
          told = performance.now();
          tell({ progress: steps.progress });
        }
        await breathe();
      }
      tell({ result: steps.result() });
    } catch (error) {
      tell({ failure: error instanceof Error ? error.message : String(error) });
    }
  });
}
