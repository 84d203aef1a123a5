import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WorkflowIdConflictPolicy,
} from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { MESSAGERIE_WORKFLOW, RECONCILIATION_WORKFLOW, SEARCH_ATTRIBUTES } from '../workflows/protocol';

const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as (keyof typeof SEARCH_ATTRIBUTES)[];

/** gRPC's ALREADY_EXISTS. */
const ALREADY_EXISTS = 6;
/** How often the database is compared with the engine. */
const RECONCILIATION_INTERVAL = '30s';

/**
 * Gives the engine what Régie needs of it: search attributes, the reconciler's schedule, the delivery of
 * messages. Done at start and now and then afterwards, since an engine that lost its storage forgot them all.
 */
export async function setUpEngine(client: Client, taskQueue: string): Promise<void> {
  await setUpSearchAttributes(client);
  await client.workflow.start(MESSAGERIE_WORKFLOW, {
    workflowId: `${MESSAGERIE_WORKFLOW}-${taskQueue}`,
    taskQueue,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: 'Envoi des messages',
  });
  try {
    await client.schedule.create({
      scheduleId: `${RECONCILIATION_WORKFLOW}-${taskQueue}`,
      spec: { intervals: [{ every: RECONCILIATION_INTERVAL }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
      action: { type: 'startWorkflow', workflowType: RECONCILIATION_WORKFLOW, taskQueue },
      state: { triggerImmediately: true },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

async function setUpSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length > 0) await addSearchAttributes(client, missing);
}

/** Registers search attributes; those that somebody registered meanwhile are left as they are. */
export async function addSearchAttributes(client: Client, names = SEARCH_ATTRIBUTE_NAMES): Promise<void> {
  const types = names.map((name) => [name, encodeSearchAttributeIndexedValueType(SEARCH_ATTRIBUTES[name])!]);
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(types),
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || (error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  }
}
