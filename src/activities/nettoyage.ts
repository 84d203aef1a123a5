import { writeCheckpoint } from '../services/audit/checkpoints';
import { sweepOrphanObjects } from '../services/documents/documents';
import { removeExpired } from '../services/systeme/nettoyage';
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
      // What cannot be done keeps nothing else from being done: that the store is away does not let tables fill.
      const outcomes = await Promise.allSettled([
        writeCheckpoint(db, store, secrets, new Date()).then((written) =>
          logger.info(written, 'audit checkpoint'),
        ),
        removeExpired(db),
        sweepOrphanObjects(db, store, new Date(Date.now() - ORPHAN_AGE)),
      ]);
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      if (failures.length > 0) throw new AggregateError(failures, 'clean-up incomplete');
    },
  });
}
