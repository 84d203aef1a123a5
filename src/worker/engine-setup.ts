import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  WorkflowIdConflictPolicy,
} from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import {
  MESSAGERIE_WORKFLOW,
  NETTOYAGE_WORKFLOW,
  RECONCILIATION_WORKFLOW,
  SEARCH_ATTRIBUTES,
} from '../workflows/protocol';

const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as (keyof typeof SEARCH_ATTRIBUTES)[];

/** gRPC's ALREADY_EXISTS. */
const ALREADY_EXISTS = 6;
/** What runs by the clock, and how often. */
const SCHEDULES = [
  { workflowType: RECONCILIATION_WORKFLOW, every: '1m' },
  { workflowType: NETTOYAGE_WORKFLOW, every: '1h' },
] as const;

/**
 * Gives the engine what Régie needs of it: search attributes, schedules, the delivery of messages. Done at
 * start and now and then afterwards, since an engine that lost its storage forgot them all.
 */
export async function setUpEngine(client: Client, taskQueue: string): Promise<void> {
  await setUpSearchAttributes(client);
  await client.workflow.start(MESSAGERIE_WORKFLOW, {
    workflowId: `${MESSAGERIE_WORKFLOW}-${taskQueue}`,
    taskQueue,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: 'Envoi des messages',
  });
  for (const schedule of SCHEDULES) await createSchedule(client, taskQueue, schedule);
}

async function createSchedule(
  client: Client,
  taskQueue: string,
  { workflowType, every }: (typeof SCHEDULES)[number],
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: `${workflowType}-${taskQueue}`,
      spec: { intervals: [{ every }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
      action: { type: 'startWorkflow', workflowType, taskQueue },
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
