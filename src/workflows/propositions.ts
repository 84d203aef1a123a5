import {
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ApplicationActivities,
  PropositionActivities,
  SearchActivities,
} from '../activities/propositions';
import { applicationsTaskQueue, propositionsTaskQueue } from './protocol';

/**
 * However the worker dies meanwhile, another begins anew half a minute later: the same problem has the same answer. What
 * fails again and again, as a search that takes more memory than there is, is given up.
 */
const SEARCH = {
  startToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 10 },
} as const;

/** Every line is done for itself, and known to be: this goes on wherever it was left, for as long as it takes. */
const APPLICATION = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
} as const;

const { closeRecherche } = proxyLocalActivities<PropositionActivities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '5s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/** Computes a proposal. What it is, and whether anybody still waits for it, its row says; the engine knows its id alone. */
export async function proposition(propositionId: number): Promise<void> {
  const taskQueue = propositionsTaskQueue(workflowInfo().taskQueue);
  const { search } = proxyActivities<SearchActivities>({ ...SEARCH, taskQueue, summary: 'recherche' });
  try {
    const found = await search(propositionId);
    setCurrentDetails(
      found === null
        ? 'Annulée'
        : `Prête : ${found.affectees} visites, ${found.non_affectees} interventions sans place, ${found.trajet_minutes} min de trajet`,
    );
  } catch (error) {
    const cancelled = isCancellation(error);
    if (!cancelled) log.warn('proposal not computed', { error: String(error) });
    setCurrentDetails(cancelled ? 'Annulée' : 'Abandonnée : le calcul a échoué');
    // Also for somebody who cancels it in the pages of the engine: its row would have it begun again.
    await CancellationScope.nonCancellable(() =>
      closeRecherche.executeWithOptions({ summary: 'abandon' }, [
        propositionId,
        cancelled ? 'demande' : 'echec',
      ]),
    );
    if (cancelled) throw error;
  }
}

/** Carries a proposal out, line by line. */
export async function applicationProposition(propositionId: number): Promise<void> {
  const taskQueue = applicationsTaskQueue(workflowInfo().taskQueue);
  const { applyProposition } = proxyActivities<ApplicationActivities>({
    ...APPLICATION,
    taskQueue,
    summary: 'application',
  });
  const { appliquee, inchangee, modifiee_entretemps, refusee } = await applyProposition(propositionId);
  setCurrentDetails(
    `Appliquée : ${appliquee} visites, ${inchangee} déjà ainsi, ${modifiee_entretemps} modifiées entre-temps, ${refusee} refusées`,
  );
}
