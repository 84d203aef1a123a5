import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from './identity';

/** A process of ours and the polite way to end it. */
export interface Terminable extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
  /** How long it may take before it is killed, in milliseconds. */
  stopTimeoutMs: number;
  /** Whether its own children have to be asked as well, because it does not pass it on. */
  asksWholeGroup?: boolean;
}

/**
 * Ends a process that leads its own process group: asks it, waits, then kills the whole group.
 * Does nothing when it is gone, even if another process has its number by now.
 */
export async function terminate(target: Terminable): Promise<void> {
  if (isAlive(target)) signal(target.asksWholeGroup ? -target.pid : target.pid, target.stopSignal);
  for (const end = Date.now() + target.stopTimeoutMs; isAlive(target); await sleep(25)) {
    if (Date.now() > end) {
      signal(-target.pid, 'SIGKILL');
      return;
    }
  }
}

/** Sends a signal to a process, or to a group when the number is negative; it may be gone already. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
