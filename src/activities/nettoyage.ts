import { writeCheckpoint } from '../services/audit/checkpoints';
import { monthsBefore, oublierAcces } from '../services/cabinet/acces-conservation';
import { sweepExports } from '../services/cabinet/export-etablissement';
import { purgeDeleted } from '../services/documents/changements';
import { sweepOrphanObjects } from '../services/documents/documents';
import { renewSeals } from '../services/echanges/webhooks';
import { renewAgendaSeals } from '../services/rendez-vous/agendas-externes';
import { removeExpired } from '../services/systeme/nettoyage';
import type { ActivityContext } from './context';
import { withoutSecrets } from './failures';

export interface NettoyageActivities {
  /**
   * Puts down where the audit stands, and removes rows that have served their time and objects of the store that no
   * row names. Forgets accesses to records that are older than they are kept. Secrets that are not opened by anybody for long pass to the present key.
   */
  cleanUp(): Promise<void>;
}

/** An object without a row may belong to an upload under way; after this long it does not, in milliseconds. */
const ORPHAN_AGE = 24 * 3_600_000;
const DAY = 24 * 3_600_000;

export function nettoyageActivities({
  db,
  medical,
  store,
  secrets,
  documents,
  accesConservationMois,
  logger,
}: ActivityContext): NettoyageActivities {
  return withoutSecrets(logger, {
    cleanUp: async () => {
      // What cannot be done keeps nothing else from being done: that the store is away does not let tables fill.
      const outcomes = await Promise.allSettled([
        writeCheckpoint(db, store, secrets, new Date()).then((written) =>
          logger.info(written, 'audit checkpoint'),
        ),
        removeExpired(db),
        oublierAcces(medical, secrets, monthsBefore(new Date(), accesConservationMois)).then((oubliees) => {
          if (oubliees > 0) logger.info({ oubliees }, 'accesses to records forgotten');
        }),
        purgeDeleted(db, store, new Date(Date.now() - documents.conservationJours * DAY), new Date()),
        renewSeals(db, secrets),
        renewAgendaSeals(db, secrets),
        sweepOrphanObjects(db, store, new Date(Date.now() - ORPHAN_AGE)),
        sweepExports({ medical, store }, new Date(Date.now() - ORPHAN_AGE)),
      ]);
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      if (failures.length > 0) throw new AggregateError(failures, 'clean-up incomplete');
    },
  });
}
