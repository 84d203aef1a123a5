import { Context } from '@temporalio/activity';
import { attentesARevoir, revoirAttentes } from '../services/cabinet/attente-offres';
import { tellBilans } from '../services/cabinet/bilans';
import { brisOublies } from '../services/cabinet/bris-suivi';
import { brouillonsOublies } from '../services/cabinet/consultations-suivi';
import { demandesOubliees } from '../services/cabinet/demandes-droits';
import { forgottenExamens } from '../services/cabinet/examens-suivi';
import { forgottenExports } from '../services/cabinet/exports';
import { purgesEnCours } from '../services/cabinet/purges';
import {
  BRIS_DE_GLACE_WORKFLOW,
  brisDeGlaceWake,
  CONSULTATION_WORKFLOW,
  consultationWake,
  DEMANDE_DROITS_WORKFLOW,
  demandeDroitsWake,
  EXAMEN_WORKFLOW,
  EXPORT_DOSSIER_WORKFLOW,
  examenWake,
  exportDossierRemis,
  PURGE_WORKFLOW,
  purgeStart,
  RENDEZ_VOUS_WORKFLOW,
  rendezVousWake,
} from '../workflows/protocol';
import type { ActivityContext } from './context';
import { PAGE, type Starter } from './starter';

/** What the minute's round does for practices, over connections of their own: they may fail while all others work. */

/**
 * Wakes or starts the workflow of every row of practices of which something is due and that nobody is at, and tells those who
 * run them of the week. What cannot be seen of one kind keeps nothing else from being done.
 */
export async function reconcilePractices(
  {
    db,
    medical,
    client,
    taskQueue,
    logger,
  }: Pick<ActivityContext, 'db' | 'medical' | 'client' | 'taskQueue' | 'logger'>,
  start: Starter,
  now: Date,
): Promise<void> {
  const { workflow } = client;
  const kinds: Record<string, () => Promise<unknown>> = {
    // Each copy is told that nobody is at it any more, so that it does what its row says.
    exports: () =>
      start.eachRow(
        0,
        (after) => forgottenExports(medical, after, PAGE),
        ({ cabinet_id, id }) =>
          workflow.signalWithStart(EXPORT_DOSSIER_WORKFLOW, exportDossierRemis(cabinet_id, id, taskQueue)),
      ),
    'records opened with a reason': () =>
      start.eachRow(
        0,
        (after) => brisOublies(medical, after, PAGE),
        (one) => workflow.signalWithStart(BRIS_DE_GLACE_WORKFLOW, brisDeGlaceWake(one, taskQueue)),
      ),
    'digests of accesses': () => tellBilans({ medical, db }, now),
    purges: () =>
      start.eachRow(
        0,
        (after) => purgesEnCours(medical, now, after, PAGE),
        (one) => workflow.start(PURGE_WORKFLOW, purgeStart(one, taskQueue)),
      ),
    'requests of rights': () =>
      start.eachRow(
        0,
        (after) => demandesOubliees(medical, now, after, PAGE),
        (one) => workflow.signalWithStart(DEMANDE_DROITS_WORKFLOW, demandeDroitsWake(one, taskQueue)),
      ),
    'waiting lists': () =>
      start.eachRow(
        0,
        (after) => attentesARevoir(medical, after, PAGE),
        async (cabinet) => {
          for (const id of await revoirAttentes(medical, cabinet, now))
            await workflow.signalWithStart(RENDEZ_VOUS_WORKFLOW, rendezVousWake(id, taskQueue));
        },
      ),
    drafts: () =>
      start.eachRow(
        0,
        (after) => brouillonsOublies(medical, after, PAGE),
        ({ cabinet_id, id }) =>
          workflow.signalWithStart(CONSULTATION_WORKFLOW, consultationWake(cabinet_id, id, taskQueue)),
      ),
    examens: () =>
      start.each(
        0,
        (after) => forgottenExamens(medical, after, PAGE),
        (id) => workflow.signalWithStart(EXAMEN_WORKFLOW, examenWake(id, taskQueue)),
      ),
  };
  for (const [kind, look] of Object.entries(kinds)) {
    try {
      await look();
    } catch (err) {
      Context.current().cancellationSignal.throwIfAborted();
      logger.warn({ err, kind }, 'practices not looked at; tried again in a minute');
    }
  }
}
