import { parseArgs } from 'node:util';
import { VERSION } from '../tools/servers/temporal-postgres';
import type { EngineKind } from './engine';
import { describeMachine, loadNow } from './machine';
import { Report } from './report';
import { loadInterventions, loadSurroundings } from './rows';
import { runProgram } from './run';
import type { FarmOptions } from './scenarios/farm';
import { benchMachines } from './scenarios/machines';
import { benchOpen, OPEN_GOALS } from './scenarios/open';
import { benchPlans, PLAN_GOALS } from './scenarios/plans';
import type { BenchSystem } from './system';

/**
 * `npm run farm`: what more than one worker gives and costs, and what many open interventions and plans take, with the engine of
 * production and with the development server. Apart from `npm run bench`, since that engine takes minutes to build.
 */

const usage = `Usage: npm run farm -- [--only machines,open,plans] [--engine postgres,development] [--open 10000] [--plans 10000] [--seconds 15]
  --only     these alone
  --engine   on these alone, one after the other
  --open     so many open interventions
  --plans    so many preventive plans, due at the same minute
  --seconds  how long each line is measured`;

const SCENARIOS = { machines: benchMachines, open: benchOpen, plans: benchPlans };
type Scenario = keyof typeof SCENARIOS;
const ENGINES: readonly EngineKind[] = ['development', 'postgres'];
/** Finished interventions among which everything is measured. */
const INTERVENTIONS = 20_000;

async function main(start: (engine?: EngineKind) => Promise<BenchSystem>): Promise<Report> {
  const { scenarios, engines, options } = readOptions();
  const loadBefore = loadNow();
  let report: Report | undefined;
  for (const engine of engines) {
    const system = await start(engine);
    await loadSurroundings(system.db);
    await loadInterventions(system.db, INTERVENTIONS);
    report ??= await newReport(system, loadBefore);
    for (const scenario of scenarios) await SCENARIOS[scenario]({ system, options, report });
  }
  return report!;
}

async function newReport({ db }: BenchSystem, loadBefore: string): Promise<Report> {
  const { temporal, ...machine } = await describeMachine(db, loadBefore);
  const goals = [...OPEN_GOALS, ...Object.values(PLAN_GOALS)];
  const both = { ...machine, temporal: `${temporal}; on PostgreSQL ${VERSION}` };
  return new Report(both, goals, (line) => console.log(line));
}

/** @throws with the usage, when the arguments cannot be understood. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: Object.keys(SCENARIOS).join(',') },
        engine: { type: 'string', default: ENGINES.join(',') },
        open: { type: 'string', default: '10000' },
        plans: { type: 'string', default: '10000' },
        seconds: { type: 'string', default: '15' },
      },
    });
    const [seconds, open, plans] = [Number(values.seconds), Number(values.open), Number(values.plans)];
    const [scenarios, engines] = [values.only.split(','), values.engine.split(',')];
    if (!(seconds > 0) || ![open, plans].every((number) => Number.isInteger(number) && number > 0))
      throw new Error('A number is none');
    if (!scenarios.every((name) => name in SCENARIOS)) throw new Error(`There is no ${values.only}`);
    if (!engines.every((name) => ENGINES.includes(name as EngineKind)))
      throw new Error(`There is no ${values.engine}`);
    return {
      scenarios: scenarios as Scenario[],
      engines: engines as EngineKind[],
      options: { seconds, open, plans } satisfies FarmOptions,
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}

runProgram(main);
