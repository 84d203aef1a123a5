import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
  ServiceError,
  WorkflowIdConflictPolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import {
  AGENDAS_WORKFLOW,
  DISTRIBUTION_WEBHOOKS_WORKFLOW,
  MESSAGERIE_WORKFLOW,
  NETTOYAGE_WORKFLOW,
  RECONCILIATION_WORKFLOW,
  RELECTURE_DOCUMENTS_WORKFLOW,
} from '../workflows/protocol';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

const SEARCH_ATTRIBUTE_NAMES = Object.keys(SEARCH_ATTRIBUTES) as (keyof typeof SEARCH_ATTRIBUTES)[];

/** gRPC's codes. */
const INVALID_ARGUMENT = 3;
const ALREADY_EXISTS = 6;
/** Within this every server of the engine has read its namespaces again, which it does every two seconds. Milliseconds. */
const HEARD_BY_ALL = 3_000;
const ASKED_EVERY = 100;
const LONGEST_WAIT = 10_000;
/** What runs by the clock, and how often. */
const SCHEDULES = [
  { workflowType: RECONCILIATION_WORKFLOW, every: '1m' },
  { workflowType: NETTOYAGE_WORKFLOW, every: '1h' },
  { workflowType: AGENDAS_WORKFLOW, every: '1m' },
] as const;
/** Every thirty days, by no calendar; one that the engine was away for is made up for within a week. */
const RELECTURE_SPEC: ScheduleSpec = { intervals: [{ every: '30 days', offset: '1 day' }], jitter: '1h' };
const RELECTURE_CATCH_UP = '7d';

/**
 * Gives the engine what Régie needs of it: search attributes, schedules, the delivery of messages. Done at
 * start and now and then afterwards, since an engine that lost its storage forgot them all.
 */
export async function setUpEngine(client: Client, taskQueue: string): Promise<void> {
  await setUpSearchAttributes(client, taskQueue);
  await client.workflow.start(MESSAGERIE_WORKFLOW, {
    workflowId: messagerieId(taskQueue),
    taskQueue,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: 'Envoi des messages',
  });
  await client.workflow.start(DISTRIBUTION_WEBHOOKS_WORKFLOW, {
    workflowId: `${DISTRIBUTION_WEBHOOKS_WORKFLOW}-${taskQueue}`,
    taskQueue,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    staticSummary: 'Distribution des événements aux webhooks',
  });
  for (const { workflowType, every } of SCHEDULES) {
    const spec = { intervals: [{ every }] };
    await createSchedule(client, taskQueue, workflowType, spec, { catchupWindow: '1m', immediately: true });
  }
  await createSchedule(client, taskQueue, RELECTURE_DOCUMENTS_WORKFLOW, RELECTURE_SPEC, {
    catchupWindow: RELECTURE_CATCH_UP,
    immediately: false,
  });
}

async function createSchedule(
  client: Client,
  taskQueue: string,
  workflowType: string,
  spec: ScheduleSpec,
  { catchupWindow, immediately }: { catchupWindow: '1m' | typeof RELECTURE_CATCH_UP; immediately: boolean },
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: `${workflowType}-${taskQueue}`,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      action: { type: 'startWorkflow', workflowType, taskQueue },
      state: { triggerImmediately: immediately },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

/**
 * Registers what is missing, and waits until the engine takes it: a workflow task that sets an attribute unknown to the
 * server that it comes back to fails, and the SDK lets its ten seconds pass before it tries again.
 */
async function setUpSearchAttributes(client: Client, taskQueue: string): Promise<void> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length > 0) await addSearchAttributes(client, missing);
  else if (await deliversMessages(client, taskQueue)) return;
  // The development server reads them anew each time. Elsewhere each server of the engine remembers them for a while, and
  // only one of them answers here. Another worker may have registered them just now.
  if ((await knowsSearchAttributes(client)) && missing.length > 0) return;
  const end = Date.now() + LONGEST_WAIT;
  while (Date.now() < end && !(await knowsSearchAttributes(client))) await sleep(ASKED_EVERY);
  await sleep(HEARD_BY_ALL);
}

/** Whether the engine was set up before, for which this is the sign: it comes after the attributes. */
async function deliversMessages(client: Client, taskQueue: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(messagerieId(taskQueue)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function knowsSearchAttributes(client: Client): Promise<boolean> {
  try {
    const all = SEARCH_ATTRIBUTE_NAMES.map((name) => `AND ${name} IS NULL`).join(' ');
    await client.workflow.count(`WorkflowId = 'none' ${all}`);
    return true;
  } catch (error) {
    if (hasCode(error, INVALID_ARGUMENT)) return false;
    throw error;
  }
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
    if (!hasCode(error, ALREADY_EXISTS)) throw error;
  }
}

/** Clients wrap some of the engine's errors. */
function hasCode(error: unknown, code: number): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && (cause as { code?: number }).code === code;
}

function messagerieId(taskQueue: string): string {
  return `${MESSAGERIE_WORKFLOW}-${taskQueue}`;
}
