import { proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { EtablissementActivities } from '../activities/rapports';
import { rapportsTaskQueue } from './protocol';

/** Makes a report that somebody asked for. How often it is tried, and when to give up, its row says. */
export async function rapport(rapportId: number): Promise<void> {
  const { etablirRapport } = proxyActivities<EtablissementActivities>({
    taskQueue: rapportsTaskQueue(workflowInfo().taskQueue),
    // At worst it waits for the one before it, is made and stored; a worker that died meanwhile is missed after this.
    startToCloseTimeout: '90s',
    retry: { initialInterval: '1s', maximumInterval: '15m' },
    summary: 'rapport PDF',
  });
  const issue = await etablirRapport(rapportId);
  setCurrentDetails(issue === 'pret' ? 'Classé' : 'Abandonné');
}
