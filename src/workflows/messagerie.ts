import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { MessageActivities } from '../activities/messages';

const { deliverMessages } = proxyActivities<MessageActivities>({
  startToCloseTimeout: '15m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});

/** Keeps one worker delivering the outbox at all times: when it dies, the next one takes over. */
export async function messagerie(): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) await deliverMessages();
  await continueAsNew<typeof messagerie>();
}
