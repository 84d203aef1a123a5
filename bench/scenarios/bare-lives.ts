import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { compiledRoot } from '../../tools/lib/paths';
import { launch } from '../../tools/lib/processes';
import { BARE_TASK_QUEUE, BARE_WORKFLOW, MOVE_UPDATE, MOVES } from '../bare/protocol';
import { type Costed, costed } from '../cost';
import { drive } from '../drive';
import { benchFolder } from '../system';
import { CONNECTIONS, type ScenarioContext } from './context';

/** The same life as a workflow without our code, in a worker process of its own on the same engine. */
export async function benchBareLife({ system, options, report }: ScenarioContext): Promise<Costed[]> {
  const worker = await launch({
    name: 'The bare worker',
    command: process.execPath,
    args: [join(compiledRoot, 'bench', 'bare', 'worker.js')],
    env: system.env,
    logFile: join(benchFolder, 'bare-worker.log'),
  });
  const connection = await Connection.connect({ address: system.env.TEMPORAL_ADDRESS });
  try {
    const client = new Client({ connection });
    await live(client); // waits until the worker has started
    const measurements: Costed[] = [];
    for (const connections of CONNECTIONS) {
      const measured = await costed([...system.processes, worker], () =>
        drive(connections, options.seconds, () => live(client)),
      );
      report.load('the bare workflow', connections, measured);
      measurements.push(measured);
    }
    return measurements;
  } finally {
    await connection.close();
    await worker.stop();
  }
}

async function live(client: Client): Promise<void> {
  const handle = await client.workflow.start(BARE_WORKFLOW, {
    taskQueue: BARE_TASK_QUEUE,
    workflowId: `bare-${randomUUID()}`,
  });
  for (let move = 1; move <= MOVES; move++) await handle.executeUpdate(MOVE_UPDATE, { args: [move] });
}
