import { type AgendaActivities, agendaActivities } from './agendas';
import { type BrisDeGlaceActivities, brisDeGlaceActivities } from './bris-de-glace';
import { type ConservationActivities, conservationActivities } from './conservation';
import { type ConsultationActivities, consultationActivities } from './consultations';
import type { ActivityContext } from './context';
import { type DocumentActivities, documentActivities } from './documents';
import { type ExamenActivities, examenActivities } from './examens';
import { type ExportActivities, exportActivities } from './exports';
import {
  type InterventionActivities,
  interventionActivities,
  type RapportActivities,
  rapportActivities,
} from './interventions';
import { type LienMotDePasseActivities, lienMotDePasseActivities } from './liens-mot-de-passe';
import { type MessageActivities, messageActivities } from './messages';
import { type NettoyageActivities, nettoyageActivities } from './nettoyage';
import { type PreventifActivities, preventifActivities } from './preventif';
import {
  type ApplicationActivities,
  applicationActivities,
  type PropositionActivities,
  propositionActivities,
  type SearchActivities,
  searchActivities,
} from './propositions';
import { type EtablissementActivities, etablissementActivities } from './rapports';
import { type ReconciliationActivities, reconciliationActivities } from './reconciliation';
import { type RendezVousActivities, rendezVousActivities } from './rendez-vous';
import { type WebhookActivities, webhookActivities } from './webhooks';

export type Activities = BrisDeGlaceActivities &
  ConservationActivities &
  DocumentActivities &
  ExportActivities &
  ExamenActivities &
  InterventionActivities &
  LienMotDePasseActivities &
  ConsultationActivities &
  MessageActivities &
  NettoyageActivities &
  PropositionActivities &
  PreventifActivities &
  RapportActivities &
  ReconciliationActivities &
  RendezVousActivities;

/** Everything workflows may do to the world. */
export function createActivities(context: ActivityContext): Activities {
  return {
    ...brisDeGlaceActivities(context),
    ...conservationActivities(context),
    ...consultationActivities(context),
    ...documentActivities(context),
    ...examenActivities(context),
    ...exportActivities(context),
    ...interventionActivities(context),
    ...lienMotDePasseActivities(context),
    ...messageActivities(context),
    ...nettoyageActivities(context),
    ...propositionActivities(context),
    ...preventifActivities(context),
    ...reconciliationActivities(context),
    ...rendezVousActivities(context),
    // Of workflows that waited for one when 0.1.0 was replaced; they go on only once it is done.
    ...rapportActivities(context),
  };
}

/** The making of reports alone, for a task queue of its own. */
export function createRapportActivities(
  context: ActivityContext,
): RapportActivities & EtablissementActivities {
  return { ...rapportActivities(context), ...etablissementActivities(context) };
}

/** The computing of plans alone, for a task queue of its own. */
export function createSearchActivities(context: ActivityContext): SearchActivities {
  return searchActivities(context);
}

/** The applying of them alone, likewise. */
export function createApplicationActivities(context: ActivityContext): ApplicationActivities {
  return applicationActivities(context);
}

/** Calling webhooks, handing events on to them, and keeping calendars elsewhere: whatever calls out, likewise. */
export function createWebhookActivities(context: ActivityContext): WebhookActivities & AgendaActivities {
  return { ...webhookActivities(context), ...agendaActivities(context) };
}
