import { setTimeout as sleep } from 'node:timers/promises';
import { costed } from '../cost';
import { drive } from '../drive';
import { type Load, runLoad } from '../load';
import { measurementOf } from '../measurement';
import { EQUIPEMENTS, FIRST_ID } from '../rows';
import type { ScenarioContext } from './context';

/** Connections of the burst. */
const BURST_CONNECTIONS = 100;
/** Creations with 20 connections; each leaves a workflow that has to be started before the next measurement. */
const STEADY_CREATIONS = 1_000;
const SINGLE_CREATIONS = 30;
/** Of the reads that go on beside the burst: what a full office asks for, not what the machine can give. */
const READS_BESIDE = { connections: 10, rate: 100 };

/** One connection, twenty, and the burst, with what becomes of their workflows. */
export async function benchCreate(context: ScenarioContext): Promise<void> {
  const { report, client, options } = context;
  await benchSingle(context);
  const alone = await costed(context.system.processes, () =>
    drive(1, options.seconds, (index) => createIntervention(client, index)),
  );
  report.load('create', 1, alone);
  await untilAllRun(context);
  report.load('create', 20, await create(context, 20, Math.min(STEADY_CREATIONS, options.burst)));
  await untilAllRun(context);
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

export function createIntervention(
  client: ScenarioContext['client'],
  index: number,
): Promise<{ id: number }> {
  return client.send<{ id: number }>('POST', '/interventions', newIntervention(index));
}

/** From sending a creation to its workflow being under way: it has read its row and set its timers. */
async function benchSingle({ system, client, report }: ScenarioContext): Promise<void> {
  const delays: number[] = [];
  for (let index = 0; index < SINGLE_CREATIONS; index++) {
    const start = performance.now();
    const { id } = await createIntervention(client, index);
    while (!(await isRunning(system, id))) await sleep(2);
    delays.push(performance.now() - start);
    await sleep(50);
  }
  const { p50, p95 } = measurementOf(delays, 1, {});
  report.fact(
    'a single create, to its workflow running',
    `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    {
      text: 'within 100 ms',
      met: p95 <= 100,
    },
  );
}

/** Many creations at once; reads go on from before the burst until the last workflow runs. */
async function benchBurst(context: ScenarioContext): Promise<void> {
  const { report, options } = context;
  const calm = await readBeside(context, options.seconds);
  report.load('read one, 100 a second', READS_BESIDE.connections, calm);

  const start = performance.now();
  const creating = create(context, BURST_CONNECTIONS, options.burst);
  const reading = readUntil(context, async () => {
    await creating;
    await untilAllRun(context);
  });
  const burst = await creating;
  report.load(`create: burst of ${options.burst}`, BURST_CONNECTIONS, burst, {
    text: '≥ 500/s',
    met: burst.perSecond >= 500,
  });
  const { measured, finished } = await reading;
  const seconds = (finished - start) / 1000;
  report.load('read one, 100 a second, during the burst', READS_BESIDE.connections, measured, {
    text: 'p95 < 100 ms',
    met: measured.p95 < 100,
  });
  report.fact(`all ${options.burst} workflows of the burst running`, `after ${seconds.toFixed(1)} s`, {
    text: '≤ 60 s',
    met: seconds <= 60,
  });
}

function create({ system, client }: ScenarioContext, connections: number, amount: number) {
  const load: Load = {
    url: system.apiUrl,
    token: client.token!,
    connections,
    seconds: 60,
    amount,
    requests: Array.from({ length: 50 }, (_, index) => ({
      method: 'POST',
      path: '/interventions',
      body: JSON.stringify(newIntervention(index * 37)),
    })),
  };
  return costed(system.processes, () => runLoad(load));
}

/** Reads for a second at a time until something has come about. */
async function readUntil(context: ScenarioContext, event: () => Promise<void>) {
  let finished: number | null = null;
  const ended = (async () => {
    await event();
    finished = performance.now();
  })();
  const rounds = [];
  do rounds.push(await readBeside(context, 2));
  while (finished === null);
  await ended;
  // What the reads cost cannot be told from what the creations cost.
  return { measured: { ...worstOf(rounds), cost: Number.NaN }, finished: finished as number };
}

/** Percentiles of several rounds cannot be added up; the worst round is the honest one to show. */
function worstOf<Round extends { p95: number }>(rounds: Round[]): Round {
  return rounds.reduce((worst, round) => (round.p95 > worst.p95 ? round : worst));
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
  return costed(system.processes, () => runLoad(load));
}

/** Waits until the workflow of every open intervention has been seen to run. */
export async function untilAllRun({ system }: ScenarioContext): Promise<void> {
  for (;;) {
    const { rows } = await system.db.query<{ missing: boolean }>(
      'SELECT EXISTS (SELECT 1 FROM interventions WHERE NOT workflow_demarre) AS missing',
    );
    if (!rows[0]!.missing) return;
    await sleep(100);
  }
}

async function isRunning(system: ScenarioContext['system'], id: number): Promise<boolean> {
  const { rows } = await system.db.query<{ workflow_demarre: boolean }>(
    'SELECT workflow_demarre FROM interventions WHERE id = $1',
    [id],
  );
  return rows[0]!.workflow_demarre;
}
