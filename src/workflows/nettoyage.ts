import { proxyActivities } from '@temporalio/workflow';
import type { NettoyageActivities } from '../activities/nettoyage';

const { cleanUp } = proxyActivities<NettoyageActivities>({
  startToCloseTimeout: '30m',
  retry: { maximumAttempts: 3 },
});

/** Run by a schedule: keeps the tables and the store from filling with what nobody needs any more. */
export async function nettoyage(): Promise<void> {
  await cleanUp();
}
