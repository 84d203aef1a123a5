import { step } from '../tools/lib/progress';
import type { Costed } from './cost';
import { describeMachine, loadNow } from './machine';
import { MemoryWatch } from './memory';
import { type Options, parseOptions, type Scenario } from './options';
import { Report } from './report';
import { loadInterventions, loadSurroundings } from './rows';
import { runProgram } from './run';
import { benchBareLife } from './scenarios/bare-lives';
import { CONNECTIONS, type ScenarioContext } from './scenarios/context';
import { benchCreate } from './scenarios/creations';
import { benchAssign, benchLife, benchTransition } from './scenarios/moves';
import { benchList, benchListAt, benchRead } from './scenarios/reads';
import { benchRebuild } from './scenarios/rebuild';
import { benchSignIn } from './scenarios/sign-in';
import type { BenchSystem } from './system';

/**
 * `npm run bench`: what the system does on this machine, with all its servers on it, beside what it should. Goals that
 * are missed are shown, not failed; only what cannot be measured ends with code 1.
 */

/** Finished interventions among which everything is measured. */
const INTERVENTIONS = 100_000;
const FEW = 1_000;
const MANY = 1_000_000;

const MEGABYTE = 2 ** 20;
const MEMORY_LIMIT = 300 * MEGABYTE;

async function main(start: () => Promise<BenchSystem>): Promise<Report> {
  const options = parseOptions(process.argv.slice(2));
  const loadBefore = loadNow();
  const system = await start();
  const memory = new MemoryWatch(system.api.pid, system.worker.pid);
  const report = new Report(await describeMachine(system.db, loadBefore), (line) => console.log(line));
  await run(system, options, report);
  memory.stop();
  reportMemory(report, memory);
  return report;
}

async function run(system: BenchSystem, options: Options, report: Report): Promise<void> {
  const measure = async <T>(scenario: Scenario, work: (context: ScenarioContext) => Promise<T>) => {
    if (!options.only.has(scenario)) return undefined;
    const client = await system.signIn();
    try {
      return await work({ system, options, report, client });
    } finally {
      client.close();
    }
  };
  await loadSurroundings(system.db);
  await load(system, FEW);
  const few = await measure('list', (context) => benchListAt(context, FEW));
  await load(system, INTERVENTIONS - FEW);
  await measure('read', benchRead);
  await measure('list', benchList);
  await measure('create', benchCreate);
  await measure('assign', benchAssign);
  await measure('transition', benchTransition);
  const lives = await measure('life', benchLife);
  const bareLives = await measure('bare', benchBareLife);
  if (lives && bareLives) reportRatio(report, lives, bareLives);
  await measure('sign-in', benchSignIn);
  await measure('rebuild', benchRebuild);
  if (!options.scale) return;
  await load(system, MANY - INTERVENTIONS);
  const many = await measure('list', (context) => benchListAt(context, MANY));
  if (few === undefined || many === undefined) return;
  report.fact('p95 of the list among 1,000,000 against 1,000', `${(many / few).toFixed(2)} times`, {
    text: '≤ 1.5 times',
    met: many <= 1.5 * few,
  });
}

function load({ db }: BenchSystem, count: number): Promise<void> {
  const title = `Loading ${count.toLocaleString('en')} interventions`;
  return step(title, () => loadInterventions(db, count));
}

/** What our code costs on top of the engine: in time for one, in number for many. */
function reportRatio(report: Report, lives: Costed[], bareLives: Costed[]): void {
  CONNECTIONS.forEach((connections, column) => {
    const [life, bare] = [lives[column]!, bareLives[column]!];
    const ratio = connections === 1 ? life.p50 / bare.p50 : bare.perSecond / life.perSecond;
    const of = connections === 1 ? 'median time' : 'lives a second';
    report.fact(
      `a life against the bare workflow, ${connections} at a time (${of})`,
      `${ratio.toFixed(2)} times`,
      { text: '≤ 1.5 times', met: ratio <= 1.5 },
    );
    const cost = life.cost / bare.cost;
    report.fact(
      `a life against the bare workflow, ${connections} at a time (CPU time)`,
      `${cost.toFixed(2)} times`,
    );
  });
}

function reportMemory(report: Report, { peaks }: MemoryWatch): void {
  const line = (what: string, bytes: number, limited: boolean) => {
    if (bytes === 0) return;
    const goal = limited ? { text: '≤ 300 MB', met: bytes <= MEMORY_LIMIT } : null;
    report.fact(`peak memory: ${what}`, `${Math.round(bytes / MEGABYTE)} MB`, goal);
  };
  line('API, its largest process', peaks.apiLargest, true);
  line('API, the process that hands connections out', peaks.apiPrimary, false);
  line('API, all processes together', peaks.apiTogether, false);
  line('worker', peaks.worker, true);
}

runProgram(main);
