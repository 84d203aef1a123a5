import { proxyLocalActivities, setCurrentDetails } from '@temporalio/workflow';
import type { PreventifActivities } from '../activities/preventif';

/**
 * However long the database is away, this is done once it is back: longer waits are timers of the engine. What is not done here
 * the rows tell the reconciler, so that it is given up after a day rather than tried for ever.
 */
const { decideEcheances, accorderHoraire } = proxyLocalActivities<PreventifActivities>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1 day',
  localRetryThreshold: '5s',
  retry: { initialInterval: '500ms', maximumInterval: '1m' },
});

/** Interventions that are named to whoever looks at it, at most: the last ones. */
const SHOWN = 100;

/**
 * What a plan has due, in some seconds: its rows decide, this only says that it is time (docs/decisions/037).
 * @returns what it has created, for whoever looks at it.
 */
export async function echeancePreventif(planId: number): Promise<{ interventions: number[] }> {
  let created: number[] = [];
  for (let more = true; more; ) {
    const decided = await decideEcheances.executeWithOptions({ summary: 'décision sur les dates échues' }, [
      planId,
      Date.now(),
    ]);
    created = [...created, ...decided.created].slice(-SHOWN);
    more = decided.more;
    setCurrentDetails(
      created.length === 0
        ? `Plan préventif ${planId} : aucune intervention créée`
        : `Plan préventif ${planId} : interventions ${created.join(', ')}`,
    );
  }
  await accorderHoraire.executeWithOptions({ summary: 'horaire du plan mis à jour' }, [planId]);
  return { interventions: created };
}
