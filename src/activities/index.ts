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
  ReconciliationActivities;

/** What workflows may do to the world, beside {@link createRapportActivities}. */
export function createActivities(context: ActivityContext): Activities {
  return {
    ...interventionActivities(context),
    ...lienMotDePasseActivities(context),
    ...messageActivities(context),
    ...nettoyageActivities(context),
    ...reconciliationActivities(context),
  };
}

/** The making of reports, for a task queue of its own. */
export function createRapportActivities(context: ActivityContext): RapportActivities {
  return rapportActivities(context);
}
