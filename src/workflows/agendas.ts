import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AgendaActivities } from '../activities/agendas';
import { webhooksTaskQueue } from './protocol';

/** Run by a schedule: one round of the calendars that people keep elsewhere. */
export async function agendas(): Promise<void> {
  const taskQueue = webhooksTaskQueue(workflowInfo().taskQueue);
  const { rafraichirAgendas } = proxyActivities<AgendaActivities>({
    taskQueue,
    startToCloseTimeout: '5m',
    heartbeatTimeout: '15s',
    retry: { maximumAttempts: 2 },
    summary: 'agendas externes',
  });
  await rafraichirAgendas();
}
