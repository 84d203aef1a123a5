import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { DocumentActivities, Relecture } from '../activities/documents';

/** Whatever fails is tried again until it can be done: that the store is away for a night is no reason to leave the rest unread. */
const RETRY = { initialInterval: '1s', maximumInterval: '5m' } as const;

const { checkDocuments, tellAnomalies } = proxyActivities<DocumentActivities>({
  startToCloseTimeout: '6h',
  heartbeatTimeout: '30s',
  retry: RETRY,
});
const { rotateKeys } = proxyActivities<DocumentActivities>({
  startToCloseTimeout: '12h',
  heartbeatTimeout: '20s',
  retry: RETRY,
});

/** Pages of documents of one run; the history of a run stays short however many there are. */
const PAGES = 200;

/**
 * Run by a schedule: reads every document again and tells administrators of what does not fit. How far it has come goes from page
 * to page, and from run to run.
 */
export async function relectureDocuments(begun?: Relecture): Promise<Relecture> {
  let relecture = begun ?? { debut: workflowInfo().startTime.toISOString(), apres: 0, verifies: 0 };
  for (let page = 0; page < PAGES; page++) {
    const done = await checkDocuments(relecture);
    relecture = done.relecture;
    setCurrentDetails(`${relecture.verifies} documents relus`);
    if (done.fini) {
      const nombre = await tellAnomalies(relecture);
      setCurrentDetails(`${relecture.verifies} documents relus, ${nombre} altérés`);
      return relecture;
    }
  }
  return continueAsNew<typeof relectureDocuments>(relecture);
}

/** Seals the keys of documents with another key of the ring. What is left its rows say. */
export async function rotationCles(rotationId: number): Promise<void> {
  const done = await rotateKeys(rotationId);
  setCurrentDetails(done === null ? 'Interrompue' : `${done.traites} clés sur ${done.total}`);
}
