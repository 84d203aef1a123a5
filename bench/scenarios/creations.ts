import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '../api-client';
import { costed } from '../cost';
import { drive } from '../drive';
import { GOALS } from '../goals';
import { type Load, runLoad } from '../load';
import { between, measurementOf } from '../measurement';
import { EQUIPEMENTS, FIRST_ID } from '../rows';
import { untilSettled } from '../settle';
import { sideBySide, WARM_UP } from '../side-by-side';
import type { BenchSystem } from '../system';
import type { ScenarioContext } from './context';

/** Connections of the burst. */
const BURST_CONNECTIONS = 100;
const SINGLE_CREATIONS = 30;
/** For each creation of the burst it is read for so long beside it, in seconds: until all of their workflows run. */
const READING = 1 / 20;
/** In which a process that makes a load has started, in milliseconds. */
const BOOT = 2_000;
/** Of the reads that go on beside the burst: what a full office asks for, not what the machine can give. */
const READS_BESIDE = { connections: 10, rate: 100 };

/** One connection and twenty beside the bare insert, and the burst, with what becomes of their workflows. */
export async function benchCreate(context: ScenarioContext): Promise<void> {
  await benchSingle(context);
  for (const connections of [1, 20]) await compare(context, connections);
  await benchBurst(context);
}

/** An intervention like many others, of an equipment chosen by the index. */
function newIntervention(index: number) {
  return {
    titre: 'Réparation fuite hydraulique',
    description: 'Fuite détectée au niveau du circuit principal',
    type_intervention: 'corrective',
    priorite: 'normale',
    equipement_id: FIRST_ID + (index % EQUIPEMENTS),
  };
}

export function createIntervention(client: ApiClient, index: number): Promise<{ id: number }> {
  return client.send<{ id: number }>('POST', '/interventions', newIntervention(index));
}

/** From sending a creation to its workflow being under way: it has read its row and set its timers. */
async function benchSingle({ system, client, report }: ScenarioContext): Promise<void> {
  const latencies: number[] = [];
  for (let index = 0; index < SINGLE_CREATIONS; index++) {
    const start = performance.now();
    const { id } = await createIntervention(client, index);
    while (!(await isRunning(system, id))) await sleep(2);
    latencies.push(performance.now() - start);
    await sleep(50);
  }
  const { p50, p95 } = measurementOf([{ latencies, seconds: 1, failures: {} }]);
  report.fact('a single creation to its workflow running: p50', `${p50.toFixed(0)} ms`);
  report.reach(GOALS.start, p95);
}

/** Ours with the start of each workflow, which is part of what a creation costs, though nobody waits for it. */
async function compare(context: ScenarioContext, connections: number): Promise<void> {
  const { system, client, options, report } = context;
  const bare = await context.floor.requests();
  const bareClient = new ApiClient(bare.url, client.token);
  const run = (to: ApiClient) => (seconds: number) =>
    drive(connections, seconds, (index) => createIntervention(to, index * 37));
  for (const to of [client, bareClient]) await run(to)(WARM_UP);
  await untilWorkDone(system);
  const compared = await sideBySide(
    options.seconds,
    { processes: system.processes, run: run(client), settle: () => untilWorkDone(system) },
    { processes: bare.processes, run: run(bareClient), settle: () => untilSettled(bare.processes) },
  );
  bareClient.close();
  report.load('create', connections, compared.ours, compared.floor);
  if (connections === 20) report.reach(GOALS.create, compared.ours.perSecond / compared.floor.perSecond);
}

/**
 * Many creations at once; reads go on from before the burst until the last workflow runs. They are made by one process, and are
 * looked at once it and the one of the creations have started: that takes the processors what a burst of creations does.
 */
async function benchBurst(context: ScenarioContext): Promise<void> {
  const { system, report, options } = context;
  const { connections } = READS_BESIDE;
  const calm = await costed(system.processes, () => readBeside(context, 2 * options.seconds));
  report.load('read one, 100 a second', connections, calm);

  const reading = readBeside(context, options.burst * READING);
  await sleep(BOOT);
  const burst = await createMany(context, options.burst);
  await untilAllRun(system);
  const started = Date.now();
  const answered = burst.begun + burst.seconds * 1_000;
  const reads = await reading;
  // What the reads cost cannot be told from what the creations cost.
  const during = { ...measurementOf([between(reads, burst.begun, answered)]), cost: null };
  const after = { ...measurementOf([between(reads, answered, started)]), cost: null };
  report.load(`create: burst of ${options.burst}`, BURST_CONNECTIONS, {
    ...measurementOf([burst]),
    cost: null,
  });
  report.load('read one, 100 a second, during the burst', connections, during);
  report.load('read one, 100 a second, while its workflows start', connections, after);
  report.reach(GOALS.burst, Math.max(during.p95, after.count === 0 ? 0 : after.p95) / calm.p95);
  report.reach(GOALS.started, (started - burst.begun) / 1_000);
}

function createMany({ system, client }: ScenarioContext, amount: number) {
  const load: Load = {
    url: system.apiUrl,
    token: client.token!,
    connections: BURST_CONNECTIONS,
    seconds: 60,
    amount,
    requests: Array.from({ length: 50 }, (_, index) => ({
      method: 'POST',
      path: '/interventions',
      body: JSON.stringify(newIntervention(index * 37)),
    })),
  };
  return runLoad(load);
}

function readBeside({ system, client }: ScenarioContext, seconds: number) {
  const load: Load = {
    url: system.apiUrl,
    token: client.token!,
    ...READS_BESIDE,
    seconds,
    requests: Array.from({ length: 200 }, (_, index) => ({
      method: 'GET',
      path: `/interventions/${1 + index * 3}`,
    })),
  };
  return runLoad(load);
}

/** Waits until the workflow of every open intervention has been seen to run. */
export async function untilAllRun(system: BenchSystem): Promise<void> {
  for (;;) {
    const { rows } = await system.db.query<{ missing: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM interventions WHERE NOT workflow_demarre) AS missing',
    );
    if (!rows[0]!.missing) return;
    await sleep(100);
  }
}

/** Waits for everything that was answered before it was done: workflows, mails, reports. */
export async function untilWorkDone(system: BenchSystem): Promise<void> {
  await untilAllRun(system);
  await untilSettled(system.processes);
}

async function isRunning(system: BenchSystem, id: number): Promise<boolean> {
  const { rows } = await system.db.query<{ workflow_demarre: boolean }>(
    'SELECT workflow_demarre FROM interventions WHERE id = $1',
    [id],
  );
  return rows[0]!.workflow_demarre;
}
