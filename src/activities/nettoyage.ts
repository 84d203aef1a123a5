import { writeCheckpoint } from '../services/audit-checkpoints';
import { sweepOrphanObjects } from '../services/documents';
import { removeExpired } from '../services/nettoyage';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface NettoyageActivities {
  /**
   * Puts down where the audit stands, and removes rows that have served their time and objects of the store that no
   * row names.
   */
  cleanUp(): Promise<void>;
}

/** An object without a row may belong to an upload under way; after this long it does not, in milliseconds. */
const ORPHAN_AGE = 24 * 3_600_000;

export function nettoyageActivities({ db, store, secrets, logger }: ActivityContext): NettoyageActivities {
  return withoutSecrets(logger, {
    cleanUp: async () => {
      logger.info(await writeCheckpoint(db, store, secrets, new Date()), 'audit checkpoint');
      await removeExpired(db);
      await sweepOrphanObjects(db, store, new Date(Date.now() - ORPHAN_AGE));
    },
  });
}
