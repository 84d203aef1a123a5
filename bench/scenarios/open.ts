import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { INTERVENTION_WORKFLOW } from '../../src/workflows/protocol';
import { step } from '../../tools/lib/progress';
import { usedBy } from '../cost';
import { atMost } from '../goals';
import { renewed } from '../hostile/crowd';
import { runLoad } from '../load';
import { type Measurement, measurementOf } from '../measurement';
import { residentBytes } from '../proc';
import type { BenchSystem } from '../system';
import type { FarmContext } from './farm';
import { insertOpen } from './rebuild';

/** What a full office reads, whatever else goes on. */
const READS = { connections: 10, rate: 100 };
const MEGABYTE = 2 ** 20;
const KILOBYTE = 2 ** 10;
/** Two rounds of the reconciler that find nothing to do. */
const REST_SECONDS = 120;
/** To count a hundred thousand takes the engine some of the time that it needs for others. Milliseconds. */
const COUNTED_EVERY = 2_000;
const RUNNING = `WorkflowType = '${INTERVENTION_WORKFLOW}' AND ExecutionStatus = 'Running'`;

const goals = {
  development: atMost('reads while the engine is rebuilt ÷ quiet (p95), development server', 3),
  postgres: atMost('reads while the engine is rebuilt ÷ quiet (p95), Temporal on PostgreSQL', 3),
};
export const OPEN_GOALS = Object.values(goals);

/**
 * What so many open interventions take of the engine, with nothing going on; and how long it takes to have their workflows
 * again after its storage was lost, and what people notice of that who read at a fixed rate.
 */
export async function benchOpen(context: FarmContext): Promise<void> {
  const { system, options, report } = context;
  const many = `${options.open.toLocaleString('en')} open, ${system.engine.kind === 'postgres' ? 'Temporal on PostgreSQL' : 'development server'}`;
  const temporal = await connect(system);
  try {
    const empty = await system.engine.bytes();
    await insertOpen({ system }, options.open);
    const before = usedBy(system.processes);
    const started = await step('Waiting for all to be started', () => untilAll(temporal, options.open));
    const after = usedBy(system.processes);
    report.fact(`${many}: started for the first time`, `in ${started.toFixed(0)} s`);
    const each = (of: 'engine' | 'worker' | 'postgres') =>
      `${((after[of] - before[of]) / options.open).toFixed(1)} ms`;
    report.fact(
      `${many}: processor time of a start`,
      `engine ${each('engine')}, worker ${each('worker')}, PostgreSQL ${each('postgres')}`,
    );
    await atRest(context, many);
    const kept = (await system.engine.bytes()) - empty;
    report.fact(
      `${many}: storage of the engine`,
      `${(kept / MEGABYTE).toFixed(0)} MB, ${(kept / KILOBYTE / options.open).toFixed(1)} kB each`,
    );
    await readsOf(context, 3); // nothing is compiled yet, and nothing cached
    const quiet = await readsOf(context);
    report.load(`read one, 100 a second, ${many}`, READS.connections, { ...quiet, cost: null });

    const lost = performance.now();
    await step('Losing the engine', () => system.loseEngine());
    const rounds = await readUntil(context, () => untilAll(temporal, options.open));
    report.fact(
      `${many}: rebuilt after a loss`,
      `in ${((performance.now() - lost) / 1_000).toFixed(0)} s, the engine's own start included`,
    );
    const worst = rounds.reduce((found, round) => (round.p95 > found.p95 ? round : found));
    const sorted = rounds.map(({ p95 }) => p95).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    report.load(`read one, 100 a second, worst round of a rebuild, ${many}`, READS.connections, {
      ...worst,
      cost: null,
    });
    report.fact(`${many}: p95 of reads during a rebuild, middle of the rounds`, `${median.toFixed(1)} ms`);
    report.reach(goals[system.engine.kind], median / quiet.p95);
  } finally {
    await temporal.connection.close();
  }
}

/** What engine, worker and PostgreSQL use while nobody asks for anything. */
async function atRest({ system, report }: FarmContext, many: string): Promise<void> {
  const before = usedBy(system.processes);
  await step('At rest', () => sleep(REST_SECONDS * 1_000));
  const after = usedBy(system.processes);
  const share = (of: 'engine' | 'worker' | 'postgres') =>
    `${((after[of] - before[of]) / (REST_SECONDS * 10)).toFixed(1)} %`;
  report.fact(
    `${many}: share of a processor at rest`,
    `engine ${share('engine')}, worker ${share('worker')}, PostgreSQL ${share('postgres')}`,
  );
  const megabytes = (pid: number) => `${Math.round(residentBytes(pid) / MEGABYTE)} MB`;
  const { engine, worker } = system.processes;
  report.fact(`${many}: resident memory`, `engine ${megabytes(engine.pid)}, worker ${megabytes(worker.pid)}`);
}

async function connect({ env }: BenchSystem): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address: env.TEMPORAL_ADDRESS }) });
}

/** Until the engine knows so many as running. @returns the seconds it took. */
async function untilAll(temporal: Client, count: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    // While the engine is away, or does not know its namespace yet, nothing runs.
    const running = await temporal.workflow.count(RUNNING).then(
      (counted) => counted.count,
      () => 0,
    );
    if (running >= count) return (performance.now() - begun) / 1_000;
    await sleep(COUNTED_EVERY);
  }
}

/** Reads round by round until something has come about. */
async function readUntil(context: FarmContext, event: () => Promise<unknown>): Promise<Measurement[]> {
  let isOver = false;
  const ended = event().then(() => {
    isOver = true;
  });
  const rounds: Measurement[] = [];
  while (!isOver) rounds.push(await readsOf(context));
  await ended;
  return rounds;
}

const clients = new WeakMap<BenchSystem, ReturnType<typeof renewed>>();

export async function readsOf(
  { system, options }: { system: BenchSystem; options: { seconds: number } },
  seconds = options.seconds,
): Promise<Measurement> {
  const client = clients.get(system) ?? renewed(() => system.signIn());
  clients.set(system, client);
  const sample = await runLoad({
    url: system.apiUrl,
    token: (await client()).token!,
    ...READS,
    seconds,
    requests: Array.from({ length: 200 }, (_, index) => ({
      method: 'GET',
      path: `/interventions/${1 + index * 3}`,
    })),
  });
  return measurementOf([sample]);
}
