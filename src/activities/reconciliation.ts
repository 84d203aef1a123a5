import { Context } from '@temporalio/activity';
import { forgottenRotations } from '../services/documents/cles';
import { forgottenWebhooks } from '../services/echanges/envoi';
import { interventionsToSettle } from '../services/interventions/cycle/depart';
import { deriveAfterChanges } from '../services/interventions/cycle/derivation';
import { interventionsToTell } from '../services/interventions/cycle/pieces';
import { interventionsWithForgottenRapport } from '../services/interventions/rapports';
import { tellOfContrats } from '../services/parc/avis-contrats';
import { recountVisites } from '../services/parc/visites';
import { forgottenRapports } from '../services/pilotage/rapports';
import { forgottenPropositions } from '../services/planification/propositions';
import { markOutdatedPlans } from '../services/preventif/horaires';
import { closeRefusals } from '../services/refus';
import { attenduesARevoir, revoirAttente } from '../services/rendez-vous/offres';
import { forgottenRendezVous } from '../services/rendez-vous/suivi';
import {
  countOpenInterventions,
  interventionsWithoutWorkflow,
  linksWithoutWorkflow,
  openInterventionsAfter,
  type Slice,
  withoutOpen,
} from '../services/systeme/reconciliation';
import {
  APPLICATION_WORKFLOW,
  applicationStart,
  INTERVENTION_WORKFLOW,
  interventionIdOf,
  interventionStart,
  interventionWake,
  interventionWorkflowId,
  LIEN_MOT_DE_PASSE_WORKFLOW,
  lienMotDePasseStart,
  PROPOSITION_WORKFLOW,
  propositionStart,
  RAPPORT_WORKFLOW,
  RENDEZ_VOUS_WORKFLOW,
  ROTATION_CLES_WORKFLOW,
  rapportStart,
  rendezVousWake,
  rotationClesStart,
  SYNCHRONISER_SIGNAL,
  WEBHOOK_WORKFLOW,
  webhookWake,
} from '../workflows/protocol';
import { reconcilePractices } from './cabinets-reconciliation';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';
import { reconcilePlans } from './preventif-reconciliation';
import { goOn, PAGE, Starter } from './starter';

export interface ReconciliationActivities {
  /**
   * Makes the engine match the database: starts the workflow of every open intervention that has none, be it that its
   * start was lost or that the engine lost its storage, of every link that was never sent, of every proposal that is to be
   * computed or applied and that nobody is at, of every rotation of keys that nobody is at, and of every report that is due and that nobody makes; wakes those whose
   * technicien has left or is back, those whose parts have come, and those whose deadlines follow from a calendar that has
   * changed; has workflows of what is over look at their row again, which ends them; keeps the schedules of preventive plans
   * equal to their rows, and decides on what they have not. Counts visits under contracts anew where these have changed, and tells
   * whose end is near. Wakes webhooks that have long had something to send, appointments of which something is due, and what is
   * due in practices (`cabinets-reconciliation.ts`). Offers those who wait what has become free. And writes down how often
   * callers were refused in the minutes that are over.
   */
  reconcile(): Promise<{ started: number }>;
}

/** Open interventions compared with the engine in one round; more of them take several rounds in turn. */
const COMPARED = 2_000;
/** Workflows asked after in one question. */
const NAMED = 100;
/** Where many run, naming all of them to find those that should not is done every so many minutes alone. */
const STRAY_MINUTES = 10;
const MINUTE = 60_000;
/** What a webhook was to be told so many seconds ago nobody sends. */
const OVERDUE = 20;
/**
 * After so long what is left is left to the next round: the engine gives up one that takes five minutes, and what is most
 * urgent comes first in each.
 */
const SHIFT = 4.75 * MINUTE;
/** What plans take in a round in which little has changed is not taken from interventions. */
const QUIET = 8_000;
/** Comes before every other. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

const RUNNING = `WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`;

/** @param shift after how many milliseconds a round leaves the rest to the next. */
export function reconciliationActivities(
  context: Pick<
    ActivityContext,
    'db' | 'medical' | 'client' | 'people' | 'taskQueue' | 'timeZone' | 'logger'
  >,
  shift = SHIFT,
): ReconciliationActivities {
  const { db, client, taskQueue, timeZone, logger } = context;

  const startIntervention = (id: number) =>
    client.workflow.start(INTERVENTION_WORKFLOW, interventionStart(id, taskQueue));
  /** One that runs all the same is asked to look at its row again: other things may follow from it by now. */
  const wakeIntervention = (id: number) =>
    client.workflow.signalWithStart(INTERVENTION_WORKFLOW, interventionWake(id, taskQueue));
  const startLink = (id: string) =>
    client.workflow.start(LIEN_MOT_DE_PASSE_WORKFLOW, lienMotDePasseStart(id, taskQueue));

  const startProposition = (id: number) =>
    client.workflow.start(PROPOSITION_WORKFLOW, propositionStart(id, taskQueue));
  const startApplication = (id: number) =>
    client.workflow.start(APPLICATION_WORKFLOW, applicationStart(id, taskQueue));

  const wakeWebhook = (id: number) =>
    client.workflow.signalWithStart(WEBHOOK_WORKFLOW, webhookWake(id, taskQueue));
  const wakeRendezVous = (id: number) =>
    client.workflow.signalWithStart(RENDEZ_VOUS_WORKFLOW, rendezVousWake(id, taskQueue));
  const startRapport = (id: number) => client.workflow.start(RAPPORT_WORKFLOW, rapportStart(id, taskQueue));
  const startRotation = (id: number) =>
    client.workflow.start(ROTATION_CLES_WORKFLOW, rotationClesStart(id, taskQueue));

  /** Those of the interventions whose workflow the engine does not know as running. */
  const lostAmong = async (ids: readonly number[]): Promise<number[]> => {
    if (ids.length === 0) return [];
    const names = ids.map((id) => `'${interventionWorkflowId(id)}'`);
    const alive = new Set<string>();
    const query = `${RUNNING} AND WorkflowId IN (${names.join(', ')})`;
    for await (const { workflowId } of client.workflow.list({ query })) alive.add(workflowId);
    goOn();
    return ids.filter((id) => !alive.has(interventionWorkflowId(id)));
  };

  const restartLost = async (start: Starter, slice: Slice): Promise<void> => {
    for (let after = 0; ; ) {
      const page = await openInterventionsAfter(db, after, PAGE, slice);
      const ids = page.map(({ id }) => id);
      for (let at = 0; at < ids.length; at += NAMED) {
        if (start.isOver) return;
        await start.all(await lostAmong(ids.slice(at, at + NAMED)), startIntervention);
      }
      if (page.length < PAGE) return;
      after = ids.at(-1)!;
    }
  };

  const wakeStrays = async (): Promise<void> => {
    let ids: number[] = [];
    const wake = async () => {
      for (const id of await withoutOpen(db, ids)) {
        await client.workflow.getHandle(interventionWorkflowId(id)).signal(SYNCHRONISER_SIGNAL);
        logger.info({ interventionId: id }, 'workflow of what is over told to look again');
      }
      ids = [];
    };
    for await (const { workflowId } of client.workflow.list({ query: RUNNING })) {
      const id = interventionIdOf(workflowId);
      if (id !== null) ids.push(id);
      goOn();
      if (ids.length === PAGE) await wake();
    }
    await wake();
  };

  /**
   * Fewer than there should be: all are looked at. Otherwise a part of them each round, since a workflow that should not
   * run would hide from the count one that should.
   */
  const compare = async (start: Starter, minute: number): Promise<void> => {
    const open = await countOpenInterventions(db);
    const { count: running } = await client.workflow.count(RUNNING);
    const of = Math.max(1, Math.ceil(open / COMPARED));
    const slices = running < open ? of : 1;
    const looked = Array.from({ length: slices }, (_, index) => (minute + index) % of);
    for (const slice of looked) await restartLost(start, { slice, of });
    const due = running <= COMPARED || minute % STRAY_MINUTES === 0;
    if (running > open && due && !start.isOver) await wakeStrays();
  };

  /** Offers those who wait whatever has become free by another way than an appointment that was given up. */
  const offerToWaiting = async (now: Date): Promise<void> => {
    for (const id of await attenduesARevoir(db)) {
      goOn();
      try {
        await db.transaction((tx) => revoirAttente(tx, id, now));
      } catch (err) {
        logger.warn({ err, prestation: id }, 'waiting list not looked at; tried again in a minute');
      }
    }
  };

  return withoutSecrets(logger, {
    reconcile: async () => {
      const now = Date.now();
      await closeRefusals(db, new Date(now));
      await deriveAfterChanges(db, timeZone, new Date(now), (siteId) => markOutdatedPlans(db, siteId));
      await recountVisites(db, timeZone);
      await offerToWaiting(new Date(now));
      await tellOfContrats(db, new Date(now), timeZone);
      const start = new Starter(context);
      start.end = now + shift;
      await start.each<number>(0, (after) => interventionsWithoutWorkflow(db, after, PAGE), wakeIntervention);
      await start.each<string>(NO_UUID, (after) => linksWithoutWorkflow(db, after, PAGE), startLink);
      await start.each<number>(
        0,
        (after) => forgottenPropositions(db, 'recherche', after, PAGE),
        startProposition,
      );
      await start.each<number>(
        0,
        (after) => forgottenPropositions(db, 'application', after, PAGE),
        startApplication,
      );
      await start.each<number>(0, (after) => forgottenRapports(db, after, PAGE), startRapport);
      await start.each<number>(
        0,
        (after) => interventionsWithForgottenRapport(db, after, PAGE),
        wakeIntervention,
      );
      await start.each<number>(0, (after) => forgottenRotations(db, after, PAGE), startRotation);
      // Whose technicien has left or is back, by whatever way.
      await start.each<number>(0, (after) => interventionsToSettle(db, after, PAGE), wakeIntervention);
      // Whose parts have come, or turned out not to be there.
      await start.each<number>(0, (after) => interventionsToTell(db, after, PAGE), wakeIntervention);
      // What webhooks were to be told by now.
      await start.each<number>(0, (after) => forgottenWebhooks(db, OVERDUE, after, PAGE), wakeWebhook);
      // What is due of appointments, or has changed without their workflow being told.
      await start.each<number>(0, (after) => forgottenRendezVous(db, after, PAGE), wakeRendezVous);
      await reconcilePractices(context, start, new Date(now));
      const minute = Math.floor(now / MINUTE);
      // What is left of plans waits for the next round: interventions have their turn in each.
      const plans = new Starter(context);
      plans.end = now + shift / 2;
      const begin = Date.now();
      try {
        await reconcilePlans(context, plans, minute, goOn);
      } catch (err) {
        Context.current().cancellationSignal.throwIfAborted();
        logger.warn({ err }, 'preventive plans not reconciled; tried again in a minute');
      }
      start.end += Math.min(Date.now() - begin, QUIET);
      await compare(start, minute);
      const { started } = start;
      if (started > 0) logger.info({ started }, 'workflows started from their rows');
      return { started };
    },
  });
}
