import type { ActivityContext } from './context';
import { type InterventionActivities, interventionActivities } from './interventions';
import { type MessageActivities, messageActivities } from './messages';
import { type ReconciliationActivities, reconciliationActivities } from './reconciliation';

export type Activities = InterventionActivities & MessageActivities & ReconciliationActivities;

/** Everything workflows may do to the world. */
export function createActivities(context: ActivityContext): Activities {
  return {
    ...interventionActivities(context),
    ...messageActivities(context),
    ...reconciliationActivities(context),
  };
}
