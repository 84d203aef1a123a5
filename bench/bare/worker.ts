import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';
import { BARE_TASK_QUEUE } from './protocol';

/** The process that runs the bare workflow, with the settings of our worker (src/worker/worker.ts). */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_TASK_QUEUE,
    workflowsPath: require.resolve('./workflow'),
    activities,
    maxCachedWorkflows: 500,
    maxConcurrentWorkflowTaskExecutions: 20,
    maxConcurrentLocalActivityExecutions: 12,
    maxConcurrentActivityTaskExecutions: 8,
  });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
