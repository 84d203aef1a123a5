import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ErrorCode, type ErrorDetails, RegieError, unavailable } from '../domain/errors';
import type { SealedOrdre } from '../domain/interventions/ordres';
import {
  INTERVENTION_WORKFLOW,
  interventionStart,
  interventionWorkflowId,
  ORDRE_UPDATE,
} from '../workflows/protocol';

/** Longer than an order may wait to be carried out, so that whoever is told 503 knows that nothing will happen. */
const EXECUTE_DEADLINE = 11_000;

/**
 * Has an order carried out by the workflow of its intervention, starting that workflow if need be.
 * @returns the number of the event it became.
 * @throws {RegieError} what a rule says against it, or `SERVICE_INDISPONIBLE`
 */
export async function executeOrdre(
  client: Client,
  taskQueue: string,
  interventionId: number,
  ordre: SealedOrdre,
): Promise<number> {
  try {
    return await client.connection.withDeadline(Date.now() + EXECUTE_DEADLINE, () =>
      update(client, taskQueue, interventionId, ordre),
    );
  } catch (error) {
    throw refusalOf(error) ?? unavailable('engine', error);
  }
}

async function update(
  client: Client,
  taskQueue: string,
  interventionId: number,
  ordre: SealedOrdre,
): Promise<number> {
  // Sent once more by the connection, it is the same to the engine.
  const options = { updateId: ordre.id, args: [ordre] as [SealedOrdre] };
  try {
    const handle = client.workflow.getHandle(interventionWorkflowId(interventionId));
    return await handle.executeUpdate<number, [SealedOrdre]>(ORDRE_UPDATE, options);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Not started yet, or lost with the engine's storage: its row is enough to start it from.
    return client.workflow.executeUpdateWithStart<never, number, [SealedOrdre]>(ORDRE_UPDATE, {
      ...options,
      startWorkflowOperation: new WithStartWorkflowOperation(
        INTERVENTION_WORKFLOW,
        interventionStart(interventionId, taskQueue),
      ) as never,
    });
  }
}

/** What the activity said against the order, as the error it was there. */
function refusalOf(error: unknown): RegieError | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && cause.nonRetryable && cause.type) {
      return new RegieError(cause.type as ErrorCode, { ...(cause.details?.[0] as ErrorDetails | undefined) });
    }
  }
  return null;
}
