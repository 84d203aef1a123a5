import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/webhooks';
import { LIVRAISON_SIGNAL, webhooksTaskQueue } from './protocol';

const livraisonDue = defineSignal(LIVRAISON_SIGNAL);

const OPTIONS = {
  startToCloseTimeout: '15m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const;

/** Keeps one worker handing events on to webhooks at all times: when it dies, the next one takes over. */
export async function distributionWebhooks(): Promise<void> {
  const taskQueue = webhooksTaskQueue(workflowInfo().taskQueue);
  const { distributeEvenements } = proxyActivities<WebhookActivities>({ ...OPTIONS, taskQueue });
  while (!workflowInfo().continueAsNewSuggested) await distributeEvenements();
  await continueAsNew<typeof distributionWebhooks>();
}

/**
 * Sends what a webhook is to be told, for as long as there is any: one round after the other, and between them the wait for
 * the next try. What is to be sent, and when, its rows say; the engine knows the id of the webhook alone.
 */
export async function webhook(webhookId: number): Promise<void> {
  const taskQueue = webhooksTaskQueue(workflowInfo().taskQueue);
  const { sendLivraisons } = proxyActivities<WebhookActivities>({
    ...OPTIONS,
    taskQueue,
    summary: 'livraisons',
  });
  let called = false;
  setHandler(livraisonDue, () => {
    called = true;
  });
  for (;;) {
    called = false;
    const next = await sendLivraisons(webhookId);
    if (next === null && !called) return;
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof webhook>(webhookId);
    if (next === null || called) continue;
    setCurrentDetails(`Prochain essai : ${new Date(next).toISOString()}`);
    await condition(() => called, Math.max(1, next - Date.now()), { summary: 'prochain essai' });
  }
}
