import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * The SDK gives the server five seconds, in which a JVM may not be up on a machine that has much else to do: beside a whole
 * test run five times were once not enough.
 */
const STARTS = 24;

/**
 * Starts the server, with a client and a worker's connection to it.
 * @param path of its executable (`findTimeSkippingServer`).
 * @param identity by which histories name their writer; the SDK's own unless given.
 * @throws when it is not up after several tries.
 */
export async function startTimeSkipping(
  path: string,
  identity?: string,
  tries = STARTS,
): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
      ...(identity === undefined ? {} : { client: { identity } }),
    });
  } catch (error) {
    if (tries <= 1) throw error;
    return startTimeSkipping(path, identity, tries - 1);
  }
}
