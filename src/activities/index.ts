import type { ActivityContext } from './context';
import {
  type InterventionActivities,
  interventionActivities,
  type RapportActivities,
  rapportActivities,
} from './interventions';
import { type LienMotDePasseActivities, lienMotDePasseActivities } from './liens-mot-de-passe';
import { type MessageActivities, messageActivities } from './messages';
import { type NettoyageActivities, nettoyageActivities } from './nettoyage';
import { type ReconciliationActivities, reconciliationActivities } from './reconciliation';

export type Activities = InterventionActivities &
  LienMotDePasseActivities &
  MessageActivities &
  NettoyageActivities &
  RapportActivities &
  ReconciliationActivities;

/** Everything workflows may do to the world. */
export function createActivities(context: ActivityContext): Activities {
  return {
    ...interventionActivities(context),
    ...lienMotDePasseActivities(context),
    ...messageActivities(context),
    ...nettoyageActivities(context),
    ...reconciliationActivities(context),
    // Of workflows that waited for one when 0.1.0 was replaced; they go on only once it is done.
    ...rapportActivities(context),
  };
}

/** The making of reports alone, for a task queue of its own. */
export function createRapportActivities(context: ActivityContext): RapportActivities {
  return rapportActivities(context);
}
