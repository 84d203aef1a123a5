import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { RunningProcess } from '../../tools/lib/processes';
import type { ApiClient } from '../api-client';
import { type CostedSample, costedOf, costedSample, sumOf, usedBy } from '../cost';
import { drive } from '../drive';
import { begin, renewed } from '../hostile/crowd';
import { measurementOf, type Sample } from '../measurement';
import { processorTime, residentBytes } from '../proc';
import { FIRST_ID, PIECES } from '../rows';
import type { BenchSystem } from '../system';
import type { FarmContext } from './farm';

/** Orders under way at once. */
const CONNECTIONS = 20;
/** Enough that none is asked for two orders at once, and that a run moves none hundreds of times. */
const INTERVENTIONS = 80;
const REST_SECONDS = 10;
const WARM_UP = 5;
/** Measurements with one worker, and with two. */
const TURNS = 3;
const MEGABYTE = 2 ** 20;

interface Work {
  client: () => Promise<ApiClient>;
  /** Nobody is about to move them. */
  free: number[];
  /** Those that wait for a part. */
  waiting: Set<number>;
}

/**
 * Orders with one worker and with two; what each process takes for an order, and when there is nothing to do; and what
 * people notice of a worker that is added, stopped or killed while they work.
 */
export async function benchMachines(context: FarmContext): Promise<void> {
  const { system, report, options } = context;
  const on = system.engine.kind === 'postgres' ? 'Temporal on PostgreSQL' : 'development server';
  const work = await prepare(system);
  await ordersWith(context, work, [system.worker], CONNECTIONS, WARM_UP); // nothing is compiled yet, and nothing cached

  report.load(`order, 1 worker, ${on}`, 1, costedOf([await ordersWith(context, work, [system.worker], 1)]));
  report.fact(`${on}: share of a processor at rest, 1 worker`, await atRest(system, [system.worker]));

  // By turns, since other things change the machine from one minute to the next.
  const [withOne, withTwo]: [CostedSample[], CostedSample[]] = [[], []];
  let second: RunningProcess | undefined;
  for (let turn = 0; turn < TURNS; turn++) {
    await second?.stop();
    withOne.push(await ordersWith(context, work, [system.worker], CONNECTIONS));
    second = await system.addWorker();
    await untilPolled(system, 2);
    await ordersWith(context, work, [system.worker, second], CONNECTIONS, WARM_UP);
    withTwo.push(await ordersWith(context, work, [system.worker, second], CONNECTIONS));
  }
  const [one, two] = [costedOf(withOne), costedOf(withTwo)];
  report.load(`order, 1 worker, ${on}`, CONNECTIONS, one);
  report.load(`order, 2 workers, ${on}`, CONNECTIONS, two);
  report.fact(`${on}: orders a second, 2 workers ÷ 1`, (two.perSecond / one.perSecond).toFixed(2));
  report.fact(
    `${on}: processor time of an order, 2 workers ÷ 1`,
    (sumOf(two.cost!) / sumOf(one.cost!)).toFixed(2),
  );
  const both = [system.worker, second!];
  report.fact(
    `${on}: PostgreSQL's part of an order that is the engine's`,
    await engineShare(context, work, both),
  );
  report.fact(`${on}: share of a processor at rest, 2 workers`, await atRest(system, both));
  const [, held] = await Promise.all([
    ordersWith(context, work, both, CONNECTIONS),
    sleep((options.seconds / 2) * 1_000).then(() => connections(system)),
  ]);
  report.fact(`${on}: connections to PostgreSQL at work, 2 workers`, held);
  report.fact(`${on}: resident memory`, memory(system, both));
  await comeAndGo(context, work, both, on);
}

/** One line for each thing that happens to workers, while the same people go on asking. */
async function comeAndGo(
  context: FarmContext,
  work: Work,
  [first, second]: RunningProcess[],
  on: string,
): Promise<void> {
  const { system, report } = context;
  let third: RunningProcess | undefined;
  const events: [what: string, happens: () => Promise<unknown>][] = [
    ['a worker is stopped', () => second!.stop()],
    [
      'a worker is added',
      async () => {
        third = await system.addWorker();
      },
    ],
    [
      'a worker is killed',
      async () => {
        third!.kill();
        await third!.exited;
      },
    ],
    ['one worker is left', async () => {}],
  ];
  for (const [what, happens] of events) {
    const [sample] = await Promise.all([ordersWith(context, work, [first!], CONNECTIONS), happens()]);
    // Whose processor time it was cannot be told while they come and go.
    report.load(`order, while ${what}, ${on}`, CONNECTIONS, { ...measurementOf([sample]), cost: null });
  }
}

async function prepare(system: BenchSystem): Promise<Work> {
  const client = renewed(() => system.signIn());
  const free: number[] = [];
  await drive(CONNECTIONS, Number.POSITIVE_INFINITY, async (index) => {
    if (index >= INTERVENTIONS) return false;
    free.push(await begin(await client(), index));
    return true;
  });
  return { client, free, waiting: new Set() };
}

/** People by turns wait for a part and receive it: two orders, each with all that an order does. */
async function ordersWith(
  { system, options }: FarmContext,
  work: Work,
  workers: readonly RunningProcess[],
  connections: number,
  seconds = options.seconds,
): Promise<CostedSample> {
  const others = workers.filter(({ pid }) => pid !== system.worker.pid);
  const used = () => others.reduce((sum, { pid }) => sum + processorTime(pid), 0);
  const before = used();
  const sample = await costedSample(system.processes, () => orders(work, connections, seconds));
  return { ...sample, costs: { ...sample.costs, worker: sample.costs.worker + used() - before } };
}

async function orders(work: Work, connections: number, seconds: number): Promise<Sample> {
  return drive(connections, seconds, async () => {
    const id = work.free.shift()!;
    try {
      await order(work, id);
    } finally {
      work.free.push(id);
    }
  });
}

async function order({ client, waiting }: Work, id: number): Promise<void> {
  const api = await client();
  const path = `/interventions/${id}`;
  try {
    if (waiting.has(id)) {
      const { statut } = await api.send<{ statut: string }>('POST', `${path}/pieces/recues`, {});
      // What came may have been somebody else's first.
      if (statut !== 'attente_pieces') waiting.delete(id);
    } else {
      const pieces = [{ piece_id: FIRST_ID + (id % PIECES), quantite: 1 }];
      await api.send('PUT', `${path}/statut`, { statut: 'attente_pieces', pieces });
      waiting.add(id);
    }
  } catch (error) {
    // Whoever was told 503 looks again.
    const { statut } = await api.send<{ statut: string }>('GET', path);
    if (statut === 'attente_pieces') waiting.add(id);
    else waiting.delete(id);
    throw error;
  }
}

/** What the connections of each database use, for the processes behind them are PostgreSQL's own. */
async function engineShare(
  context: FarmContext,
  work: Work,
  workers: readonly RunningProcess[],
): Promise<string> {
  const { db } = context.system;
  const used = async () => {
    const { rows } = await db.query<{ pid: number; of_engine: boolean }>(
      `SELECT pid, datname LIKE 'temporal%' AS of_engine FROM pg_stat_activity WHERE datname IS NOT NULL`,
    );
    const sum = (ofEngine: boolean) =>
      rows
        .filter(({ of_engine }) => of_engine === ofEngine)
        .reduce((total, { pid }) => total + processorTime(pid), 0);
    return { engine: sum(true), all: sum(true) + sum(false) };
  };
  const before = await used();
  await ordersWith(context, work, workers, CONNECTIONS);
  const after = await used();
  return percent((after.engine - before.engine) / (after.all - before.all));
}

async function atRest({ processes }: BenchSystem, workers: readonly RunningProcess[]): Promise<string> {
  await sleep(5_000); // what the orders left
  const ofWorkers = () => workers.map(({ pid }) => processorTime(pid));
  const [before, workersBefore] = [usedBy(processes), ofWorkers()];
  await sleep(REST_SECONDS * 1_000);
  const [after, workersAfter] = [usedBy(processes), ofWorkers()];
  const share = (milliseconds: number) => percent(milliseconds / (REST_SECONDS * 1_000));
  return [
    `API ${share(after.api - before.api)}`,
    `PostgreSQL ${share(after.postgres - before.postgres)}`,
    `engine ${share(after.engine - before.engine)}`,
    ...workersAfter.map((used, index) => `worker ${share(used - workersBefore[index]!)}`),
  ].join(', ');
}

async function connections({ db }: BenchSystem): Promise<string> {
  const { rows } = await db.query<{ of: string; count: number }>(
    `SELECT CASE WHEN datname = 'regie' THEN coalesce(nullif(application_name, ''), 'others') ELSE datname END AS of,
       count(*)::integer AS count
     FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ of, count }) => `${of} ${count}`).join(', ');
}

function memory({ processes }: BenchSystem, workers: readonly RunningProcess[]): string {
  const megabytes = (pid: number) => `${Math.round(residentBytes(pid) / MEGABYTE)} MB`;
  const ofWorkers = workers.map(({ pid }) => `worker ${megabytes(pid)}`);
  return [`engine ${megabytes(processes.engine.pid)}`, ...ofWorkers].join(', ');
}

/** Until so many workers ask the engine for work. */
async function untilPolled({ env }: BenchSystem, count: number): Promise<void> {
  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS });
  try {
    for (;;) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name: 'regie' },
        taskQueueType: 1, // of workflows
      });
      if (new Set(pollers?.map(({ identity }) => identity)).size >= count) return;
      await sleep(200);
    }
  } finally {
    await connection.close();
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
