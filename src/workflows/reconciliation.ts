import { proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/reconciliation';

const { reconcile } = proxyActivities<ReconciliationActivities>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 3 },
});

/** Run by a schedule: makes the engine match the database again after a crash, an outage or a loss. */
export async function reconciliation(): Promise<void> {
  await reconcile();
}
