import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { step } from '../tools/lib/progress';
import { costed } from './cost';
import { atMost } from './goals';
import { begin, type Crowd, renewed, unleash } from './hostile/crowd';
import { describeMachine, loadNow } from './machine';
import type { Sample } from './measurement';
import { MemoryWatch } from './memory';
import { pace } from './pace';
import { Report } from './report';
import { FIRST_ID, loadInterventions, loadSurroundings, PIECES } from './rows';
import { runProgram } from './run';
import type { BenchSystem } from './system';

/**
 * `npm run soak`: orders of people at work, first in quiet, then beside a crowd that means harm: poisoned reports, hostile
 * comments, texts and names, ten thousand refused orders. The worker may not die of it, nor the others wait.
 */

const usage = 'Usage: npm run soak -- [--minutes 10]';

/** People at work, and orders of all of them together in a second. */
const PEOPLE = 20;
const RATE = 4;
const INTERVENTIONS = 20_000;
const QUIET_SECONDS = 60;
/** How long what the crowd left is waited for, in seconds. */
const AFTERMATH = 300;

const MEGABYTE = 2 ** 20;

const GOALS = {
  orders: atMost('p95 of orders beside the crowd ÷ in quiet', 2),
  failures: atMost('orders that failed beside the crowd', 0, String),
  deaths: atMost('processes that ended', 0, String),
  unsettled: atMost('poisoned reports neither filed nor given up', 0, String),
};

async function main(start: () => Promise<BenchSystem>): Promise<Report> {
  const minutes = readMinutes();
  const loadBefore = loadNow();
  const system = await start();
  const deaths: string[] = [];
  for (const running of [system.worker, system.api]) {
    void running.exited.then((reason) => deaths.push(`${running.name}: ${reason}`));
  }
  await loadSurroundings(system.db);
  await step('Loading interventions', () => loadInterventions(system.db, INTERVENTIONS));
  const machine = await describeMachine(system.db, loadBefore);
  const report = new Report(machine, Object.values(GOALS), (line) => console.log(line));
  const work = await step('Preparing the work', () => prepareWork(system));

  const quietMemory = new MemoryWatch(system.api.pid, system.worker.pid);
  const quiet = await step('In quiet', () => measure(system, work, QUIET_SECONDS));
  quietMemory.stop();
  report.load('orders, in quiet', PEOPLE, quiet);

  const memory = new MemoryWatch(system.api.pid, system.worker.pid);
  const seconds = Math.round(minutes * 60);
  const [crowd, beside] = await step(`Beside the crowd, ${minutes} min`, () =>
    Promise.all([unleash(system, seconds), measure(system, work, seconds)]),
  );
  report.load('orders, beside the crowd', PEOPLE, beside);
  await step('Waiting for what it left', () => aftermath(system, crowd));
  memory.stop();

  report.reach(GOALS.orders, beside.p95 / quiet.p95);
  report.reach(
    GOALS.failures,
    Object.values(beside.failures).reduce((sum, count) => sum + count, 0),
  );
  for (const death of deaths) report.fact('ended', death);
  report.reach(GOALS.deaths, deaths.length);
  reportMemory(report, quietMemory, memory);
  await reportCrowd(report, system, crowd);
  return report;
}

function readMinutes(): number {
  let minutes: number;
  try {
    const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
    minutes = Number(values.minutes);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
  if (!(minutes > 0)) throw new Error(usage);
  return minutes;
}

interface Work {
  client: ReturnType<typeof renewed>;
  /** One intervention under way for each person. */
  ids: number[];
  /** Those that wait for a part. */
  waiting: Set<number>;
  /** How many parts each has had since the last were cleared away. */
  parts: Map<number, number>;
}

async function prepareWork(system: BenchSystem): Promise<Work> {
  const client = renewed(() => system.signIn());
  const ids: number[] = [];
  for (let index = 0; index < PEOPLE; index++) ids.push(await begin(await client(), index));
  return { client, ids, waiting: new Set(), parts: new Map() };
}

/** Each person by turns waits for a part and receives it: two orders, each with all that an order does. */
function measure(system: BenchSystem, work: Work, seconds: number) {
  const { client, ids, waiting } = work;
  return costed(
    system.processes,
    (): Promise<Sample> =>
      pace(PEOPLE, RATE, seconds, async (person) => {
        const api = await client();
        const id = ids[person]!;
        if (waiting.delete(id)) return api.send('POST', `/interventions/${id}/pieces/recues`, {});
        await makeRoom(system, work, id);
        const pieces = [{ piece_id: FIRST_ID + (id % PIECES), quantite: 1 }];
        await api.send('PUT', `/interventions/${id}/statut`, { statut: 'attente_pieces', pieces });
        waiting.add(id);
      }),
  );
}

/** Nobody waits for parts two hundred times in one intervention, which is as often as one may. */
async function makeRoom({ db }: BenchSystem, { parts }: Work, id: number): Promise<void> {
  const used = (parts.get(id) ?? 0) + 1;
  parts.set(id, used % 150);
  if (used === 150) await db.query('DELETE FROM besoins_pieces WHERE intervention_id = $1', [id]);
}

interface Rest {
  reports: string;
  filed: string;
  given_up: string;
  mails: string;
  mails_given_up: string;
}

async function rest({ db }: BenchSystem, { poisoned }: Crowd): Promise<Rest> {
  const { rows } = await db.query<Rest>(
    `SELECT count(*) AS reports,
       count(*) FILTER (WHERE EXISTS (SELECT FROM documents d WHERE d.intervention_id = i.id)) AS filed,
       count(*) FILTER (WHERE EXISTS (SELECT FROM rapports r WHERE r.intervention_id = i.id AND r.statut = 'abandonne')) AS given_up,
       (SELECT count(*) FROM messages WHERE statut = 'a_envoyer') AS mails,
       (SELECT count(*) FROM messages WHERE statut = 'abandonne') AS mails_given_up
     FROM interventions i WHERE i.statut = 'terminee' AND i.id = ANY($1)`,
    [poisoned],
  );
  return rows[0]!;
}

async function aftermath(system: BenchSystem, crowd: Crowd): Promise<void> {
  const end = Date.now() + AFTERMATH * 1_000;
  while (Date.now() < end) {
    const { reports, filed, given_up, mails } = await rest(system, crowd);
    if (Number(filed) + Number(given_up) >= Number(reports) && mails === '0') return;
    await sleep(1_000);
  }
}

function reportMemory(report: Report, quiet: MemoryWatch, crowd: MemoryWatch): void {
  const line = (what: string, peak: (watch: MemoryWatch) => number) => {
    const [before, after] = [quiet, crowd].map((watch) => Math.round(peak(watch) / MEGABYTE));
    report.fact(`peak memory of ${what}, in quiet and beside the crowd`, `${before} and ${after} MB`);
  };
  line('the worker', ({ peaks }) => peaks.worker);
  line('the largest API process', ({ peaks }) => peaks.apiLargest);
}

async function reportCrowd(report: Report, system: BenchSystem, crowd: Crowd): Promise<void> {
  for (const [kind, outcomes] of Object.entries(crowd.counts)) {
    const told = Object.entries(outcomes).map(([outcome, count]) => `${count} × ${outcome}`);
    report.fact(`the crowd: ${kind}`, told.join(', '));
  }
  const { reports, filed, given_up, mails, mails_given_up } = await rest(system, crowd);
  report.fact('poisoned reports: due, filed, given up', `${reports}, ${filed}, ${given_up}`);
  report.reach(GOALS.unsettled, Number(reports) - Number(filed) - Number(given_up));
  report.fact('emails still to be sent, given up', `${mails}, ${mails_given_up}`);
}

runProgram(main);
