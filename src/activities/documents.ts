import { Context } from '@temporalio/activity';
import { type Avancement, rotatePage } from '../services/documents/cles';
import { checkPage, type Relecture, tellAnomalies } from '../services/documents/integrite';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export type { Relecture };

export interface DocumentActivities {
  /**
   * Reads the next documents again. One that begins anew goes on behind the last document of which it had told.
   * @returns how far it has come, and whether there is nothing left.
   */
  checkDocuments(relecture: Relecture): Promise<{ relecture: Relecture; fini: boolean }>;
  /** Tells administrators of what did not fit. @returns how many documents that were. */
  tellAnomalies(relecture: Relecture): Promise<number>;
  /** Seals the keys of documents with the first one of the ring, until none is left. @returns null when somebody else has ended it. */
  rotateKeys(rotationId: number): Promise<Avancement | null>;
}

export function documentActivities({
  db,
  store,
  secrets,
  logger,
}: Pick<ActivityContext, 'db' | 'store' | 'secrets' | 'logger'>): DocumentActivities {
  /** @throws {CancelledFailure} when this should not go on. */
  const goOn = (details: unknown) => {
    const activity = Context.current();
    activity.heartbeat(details);
    activity.cancellationSignal.throwIfAborted();
  };

  return withoutSecrets(logger, {
    checkDocuments: async (given) => {
      const told = Context.current().info.heartbeatDetails as Relecture | undefined;
      const begin = told !== undefined && told.apres > given.apres ? told : given;
      return checkPage(db, store, secrets, begin, goOn);
    },

    tellAnomalies: async (relecture) => {
      const nombre = await db.transaction((tx) => tellAnomalies(tx, relecture, new Date()));
      if (nombre > 0) logger.error({ nombre }, 'documents in the store are not what was filed');
      return nombre;
    },

    rotateKeys: async (rotationId) => {
      for (let apres = 0; ; ) {
        goOn(null);
        const page = await rotatePage(db, secrets, rotationId, apres, new Date());
        if (page === null) return null;
        if (page.fini) return { traites: page.traites, total: page.total, fini: true };
        apres = page.apres;
      }
    },
  });
}
