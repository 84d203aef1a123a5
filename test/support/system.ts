import './runtime';
import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { pino } from 'pino';
import { type RunningWorker, startWorker } from '../../src/worker/worker';
import { startTestApi, type TestApi } from './api';

export { eventually } from './eventually';

/** The whole of Régie in this process: API and worker, on a database and a namespace of their own. */
export interface TestSystem extends TestApi {
  worker: RunningWorker;
}

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

export async function startTestSystem(overrides: Record<string, string> = {}): Promise<TestSystem> {
  const namespace = overrides.TEMPORAL_NAMESPACE ?? (await createNamespace());
  const api = await startTestApi({ ...overrides, TEMPORAL_NAMESPACE: namespace });
  const worker = await startWorker(api.config, pino({ level: api.config.logLevel }));
  return {
    ...api,
    worker,
    close: async () => {
      await worker.stop();
      await api.close();
    },
  };
}
