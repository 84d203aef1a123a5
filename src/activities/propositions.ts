import { Context } from '@temporalio/activity';
import type { Bilan, Progression } from '../domain/planification/semaine/probleme';
import { executeOrdre } from '../engine/ordres';
import { applyProposition } from '../services/interventions/application';
import type { LignesApplication } from '../services/planification/propositions';
import {
  closeRecherche,
  noteProgression,
  noteResult,
  prepareRecherche,
  type Trouvee,
} from '../services/planification/recherches';
import { runInChild } from '../threads/child';
import type { TacheSemaine } from '../threads/semaine';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

/** What the workflow of a proposal may do in its own task. */
export interface PropositionActivities {
  /** Gives up what could not be computed, or what somebody ended. */
  closeRecherche(propositionId: number, motif: 'demande' | 'echec'): Promise<void>;
}

/** What takes longer, on a task queue of its own. */
export interface SearchActivities {
  /**
   * Searches for the plan that a proposal asks for, in a process of its own, and writes it down.
   * @returns figures of it; null when nobody waits for it any more.
   */
  search(
    propositionId: number,
  ): Promise<Pick<Bilan, 'affectees' | 'non_affectees' | 'trajet_minutes'> | null>;
}

export interface ApplicationActivities {
  /** Carries a proposal out line by line, as far as it has not been. @returns what became of the lines. */
  applyProposition(propositionId: number): Promise<LignesApplication>;
}

/** A search is given up after so long, in milliseconds, and may hold so much, in megabytes. */
const TIME_LIMIT = 5 * 60_000;
const MAX_HEAP = 512;
const SECOND = 1_000;

export function propositionActivities({
  db,
  logger,
}: Pick<ActivityContext, 'db' | 'logger'>): PropositionActivities {
  return withoutSecrets(logger, {
    closeRecherche: (id, motif) => closeRecherche(db, id, motif, new Date()),
  });
}

export function searchActivities(
  context: Pick<ActivityContext, 'db' | 'trajets' | 'timeZone' | 'logger'>,
): SearchActivities {
  const { db, logger } = context;
  return withoutSecrets(logger, {
    search: async (id) => {
      const activity = Context.current();
      const ended = new AbortController();
      const signal = AbortSignal.any([activity.cancellationSignal, ended.signal]);
      let progression: Progression | null = null;
      // Every second both are told: the engine, and whoever looks at the row; which says whether anybody still waits.
      const pulse = setInterval(() => {
        activity.heartbeat(heartbeatOf(progression));
        noteProgression(db, id, progression).then(
          (isWanted) => isWanted || ended.abort(new NotWanted()),
          (err) => logger.warn({ err, propositionId: id }, 'progress not written down; a second later it is'),
        );
      }, SECOND);
      try {
        const recherche = await prepareRecherche(context, id, new Date());
        if (recherche === null) return null;
        const { probleme, actuel } = recherche;
        const trouvee = await runInChild<TacheSemaine, Progression, Trouvee>({
          file: 'threads/semaine.js',
          task: { probleme, actuel },
          timeLimit: TIME_LIMIT,
          maxHeap: MAX_HEAP,
          signal,
          onProgress: (come) => {
            progression = come;
          },
        });
        await noteResult(db, id, recherche, trouvee, new Date());
        const { affectees, non_affectees, trajet_minutes } = trouvee.proposition.bilan;
        logger.info({ propositionId: id, affectees, non_affectees }, 'plan computed');
        return { affectees, non_affectees, trajet_minutes };
      } catch (error) {
        if (error instanceof NotWanted) return null;
        throw error;
      } finally {
        clearInterval(pulse);
      }
    },
  });
}

/** Nobody waits for what is being computed. */
class NotWanted extends Error {
  override name = 'NotWanted';
}

function heartbeatOf(progression: Progression | null) {
  if (progression === null) return {};
  const { iteration, cout, non_affectees } = progression;
  return { iteration, cout, non_affectees };
}

export function applicationActivities({
  db,
  secrets,
  client,
  taskQueue,
  logger,
}: Pick<ActivityContext, 'db' | 'secrets' | 'client' | 'taskQueue' | 'logger'>): ApplicationActivities {
  return withoutSecrets(logger, {
    applyProposition: async (id) => {
      const activity = Context.current();
      // An order may take its time; until it has an answer this goes on.
      const pulse = setInterval(() => activity.heartbeat(), SECOND);
      try {
        const lignes = await applyProposition(
          {
            db,
            secrets,
            execute: (interventionId, ordre) => executeOrdre(client, taskQueue, interventionId, ordre),
            goOn: () => activity.cancellationSignal.throwIfAborted(),
            clock: () => new Date(),
          },
          id,
        );
        logger.info({ propositionId: id, ...lignes }, 'proposal applied');
        return lignes;
      } catch (error) {
        // To the engine a refusal is for good; what could not be carried out now can be in a moment.
        throw error instanceof Error && error.name === 'RegieError'
          ? new Error(error.message, { cause: error })
          : error;
      } finally {
        clearInterval(pulse);
      }
    },
  });
}
