import { parentPort } from 'node:worker_threads';
import { yieldToRequests } from './priority.cjs';

/**
 * The life of a thread whose tasks are asked for one after the other by a `TaskThread`. What a task throws ends the
 * thread: whoever asked is told, and the next task finds a new one.
 */
export function serve<Task, Result>(perform: (task: Task) => Result | Promise<Result>): void {
  yieldToRequests();
  parentPort!.on('message', async (task: Task) => parentPort!.postMessage(await perform(task)));
}
