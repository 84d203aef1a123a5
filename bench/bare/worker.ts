import { NativeConnection, Worker } from '@temporalio/worker';
import { WORKER_SETTINGS } from '../../src/worker/settings';
import * as activities from './activities';
import { BARE_TASK_QUEUE } from './protocol';

/** The process that runs the bare workflow: it holds and does as much at a time as our worker, and is the SDK's own otherwise. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const worker = await Worker.create({
    connection,
    taskQueue: BARE_TASK_QUEUE,
    workflowsPath: require.resolve('./workflow'),
    activities,
    ...WORKER_SETTINGS,
  });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
