import { setTimeout as sleep } from 'node:timers/promises';
import { type Processes, sumOf, usedBy } from './cost';

/** Milliseconds of one look. */
const LOOK = 250;
/** Looks in a row at which nothing much is done. */
const CALM_LOOKS = 2;
/** Of one processor: what servers that wait for work use by waiting. */
const CALM_SHARE = 0.15;
const PATIENCE = 60_000;

/** Waits until the processes have done what was left to do behind the answers: mails, reports, starts. */
export async function untilSettled(processes: Processes): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (let calm = 0; calm < CALM_LOOKS && Date.now() < end; ) {
    const [before, start] = [sumOf(usedBy(processes)), performance.now()];
    await sleep(LOOK);
    const share = (sumOf(usedBy(processes)) - before) / (performance.now() - start);
    calm = share <= CALM_SHARE ? calm + 1 : 0;
  }
}
