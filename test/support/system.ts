import './runtime';
import { pino } from 'pino';
import { type RunningWorker, startWorker } from '../../src/worker/worker';
import { startTestApi, type TestApi } from './api';
import { createNamespace } from './namespace';
import { workflowsUnderTest } from './workflow-bundle';

export { eventually } from './eventually';

/** The whole of Régie in this process: API and worker, on a database and a namespace of their own. */
export interface TestSystem extends TestApi {
  worker: RunningWorker;
}

export async function startTestSystem(overrides: Record<string, string> = {}): Promise<TestSystem> {
  const namespace = overrides.TEMPORAL_NAMESPACE ?? (await createNamespace());
  const api = await startTestApi({ ...overrides, TEMPORAL_NAMESPACE: namespace });
  const worker = await startWorker(api.config, pino({ level: api.config.logLevel }), workflowsUnderTest());
  return {
    ...api,
    worker,
    close: async () => {
      await worker.stop();
      await api.close();
    },
  };
}
