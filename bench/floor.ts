import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, Client as EngineClient } from '@temporalio/client';
import { APPLICATION_SETTINGS } from '../src/db/data-source';
import { APPLICATION_ROLE } from '../src/db/roles';
import { compiledRoot } from '../tools/lib/paths';
import { randomFreePort } from '../tools/lib/ports';
import { launch, type RunningProcess } from '../tools/lib/processes';
import { BARE_TABLE, BARE_TASK_QUEUE, BARE_WORKFLOW, MOVE_UPDATE } from './bare/protocol';
import type { Processes } from './cost';
import { type BenchSystem, benchFolder } from './system';

/**
 * The least that can be done for the same, on the same servers: bare servers for requests and for files, a bare worker for moves.
 * Each starts when it is first asked for, and idles while ours is measured.
 */
export class Floor {
  private server: Promise<BareServer> | null = null;
  private streamer: Promise<BareServer> | null = null;
  private worker: Promise<BareWorker> | null = null;

  constructor(private readonly system: BenchSystem) {}

  requests(): Promise<BareServer> {
    this.server ??= startServer(this.system);
    return this.server;
  }

  files(): Promise<BareServer> {
    this.streamer ??= startServer(this.system, 'files');
    return this.streamer;
  }

  moves(): Promise<BareWorker> {
    this.worker ??= startWorker(this.system);
    return this.worker;
  }

  async stop(): Promise<void> {
    await (await this.server)?.stop();
    await (await this.streamer)?.stop();
    await (await this.worker)?.stop();
  }
}

export interface BareServer {
  url: string;
  processes: Processes;
  stop(): Promise<void>;
}

async function startServer(system: BenchSystem, name = 'server'): Promise<BareServer> {
  const port = await randomFreePort();
  const api = await start(system, name, { PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await untilListening(url);
  return { url, processes: { ...system.processes, api }, stop: () => api.stop() };
}

/** It answers nobody who brings no token, but it does answer. */
async function untilListening(url: string): Promise<void> {
  for (;;) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(50);
  }
}

/** A workflow that is only moved. There is no hop over HTTP in it: the driver speaks to the engine. */
export interface BareWorker {
  processes: Processes;
  /** Starts a life. */
  begin(): Promise<BareLife>;
  stop(): Promise<void>;
}

export interface BareLife {
  move(): Promise<unknown>;
}

const ROWS = 50_000;

async function startWorker(system: BenchSystem): Promise<BareWorker> {
  await system.db.query(
    `CREATE TABLE ${BARE_TABLE} (id integer PRIMARY KEY, moves integer NOT NULL DEFAULT 0)`,
  );
  await system.db.query(`INSERT INTO ${BARE_TABLE} (id) SELECT generate_series(0, ${ROWS - 1})`);
  await system.db.query(`VACUUM ANALYZE ${BARE_TABLE}`);
  await system.db.query(`GRANT SELECT, UPDATE ON ${BARE_TABLE} TO ${APPLICATION_ROLE}`);
  const worker = await start(system, 'worker');
  const connection = await Connection.connect({ address: system.env.TEMPORAL_ADDRESS });
  const client = new EngineClient({ connection });
  let begun = 0;
  const begin = async () => {
    const row = begun++ % ROWS;
    const options = { taskQueue: BARE_TASK_QUEUE, workflowId: `bare-${begun}`, args: [row] };
    const handle = await client.workflow.start(BARE_WORKFLOW, options);
    return { move: () => handle.executeUpdate(MOVE_UPDATE) };
  };
  const first = await begin();
  await first.move(); // waits until the worker has started
  return {
    processes: { ...system.processes, worker },
    begin,
    stop: async () => {
      await connection.close();
      await worker.stop();
    },
  };
}

function start(system: BenchSystem, name: string, env: Record<string, string> = {}): Promise<RunningProcess> {
  return launch({
    name: `The bare ${name}`,
    command: process.execPath,
    args: [join(compiledRoot, 'bench', 'bare', `${name}.js`)],
    env: { ...system.env, ...env, PGOPTIONS: APPLICATION_SETTINGS },
    logFile: join(benchFolder, `bare-${name}.log`),
  });
}
