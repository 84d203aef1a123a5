import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';

/** A namespace that no other test file uses. */
export async function createNamespace(address = process.env.TEST_TEMPORAL_ADDRESS!): Promise<string> {
  const namespace = `test-${randomBytes(6).toString('hex')}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
  } finally {
    await connection.close();
  }
  return namespace;
}
