import { step } from '../tools/lib/progress';
import { Floor } from './floor';
import { GOALS, MEGABYTES } from './goals';
import { describeMachine, loadNow } from './machine';
import { MemoryWatch } from './memory';
import { parseOptions, type Scenario } from './options';
import { Report } from './report';
import { loadInterventions, loadSurroundings } from './rows';
import { runProgram } from './run';
import { benchCabinet } from './scenarios/cabinet';
import type { ScenarioContext } from './scenarios/context';
import { benchCreate } from './scenarios/creations';
import { benchCreneaux } from './scenarios/creneaux';
import { benchDocuments } from './scenarios/documents';
import { benchDossier } from './scenarios/dossier';
import { benchFlux } from './scenarios/flux';
import { benchAssign, benchLife, benchMove } from './scenarios/moves';
import { benchProposition } from './scenarios/proposition';
import { benchList, benchListAt, benchRead } from './scenarios/reads';
import { benchRebuild } from './scenarios/rebuild';
import { benchReservation } from './scenarios/reservation';
import { benchSemaine } from './scenarios/semaine';
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

/** What else there is needs rows, which take longer than a week to be planned. */
const ROWLESS: ReadonlySet<Scenario> = new Set([
  'semaine',
  'proposition',
  'flux',
  'creneaux',
  'reservation',
  'cabinet',
  'dossier',
  'documents',
]);

const MEGABYTE = 2 ** 20;

async function main(start: () => Promise<BenchSystem>): Promise<Report> {
  const options = parseOptions(process.argv.slice(2));
  const loadBefore = loadNow();
  const system = await start();
  const memory = new MemoryWatch(system.api.pid, system.worker.pid);
  const machine = await describeMachine(system.db, loadBefore);
  const report = new Report(machine, Object.values(GOALS), (line) => console.log(line));
  const floor = new Floor(system);
  try {
    await run({ system, floor, options, report });
  } finally {
    await floor.stop();
  }
  memory.stop();
  reportMemory(report, memory);
  return report;
}

async function run(given: Omit<ScenarioContext, 'client'>): Promise<void> {
  const { system, options, report } = given;
  const measure = async <T>(scenario: Scenario, work: (context: ScenarioContext) => Promise<T>) => {
    if (!options.only.has(scenario)) return undefined;
    const client = await system.signIn();
    try {
      return await work({ ...given, client });
    } finally {
      client.close();
    }
  };
  if (options.only.has('semaine')) await benchSemaine({ report });
  await measure('proposition', benchProposition);
  await measure('flux', benchFlux);
  await measure('creneaux', benchCreneaux);
  await measure('reservation', benchReservation);
  await measure('cabinet', benchCabinet);
  await measure('dossier', benchDossier);
  await measure('documents', benchDocuments);
  if ([...options.only].every((scenario) => ROWLESS.has(scenario))) return;
  await loadSurroundings(system.db);
  await load(system, FEW);
  const few = options.scale ? await measure('list', (context) => benchListAt(context, FEW)) : undefined;
  await load(system, INTERVENTIONS - FEW);
  await measure('read', benchRead);
  await measure('list', benchList);
  await measure('create', benchCreate);
  await measure('assign', benchAssign);
  await measure('move', benchMove);
  await measure('life', benchLife);
  await measure('sign-in', benchSignIn);
  await measure('rebuild', benchRebuild);
  if (!options.scale) return;
  await load(system, MANY - INTERVENTIONS);
  const many = await measure('list', (context) => benchListAt(context, MANY));
  if (few === undefined || many === undefined) return;
  report.reach(GOALS.flat, many / few);
}

function load({ db }: BenchSystem, count: number): Promise<void> {
  const title = `Loading ${count.toLocaleString('en')} interventions`;
  return step(title, () => loadInterventions(db, count));
}

function reportMemory(report: Report, { peaks }: MemoryWatch): void {
  // Elsewhere than on Linux nobody tells.
  if (peaks.worker === 0) return;
  report.reach(GOALS.apiMemory, peaks.apiLargest / MEGABYTE);
  report.reach(GOALS.workerMemory, peaks.worker / MEGABYTE);
  report.fact(
    'peak memory of the API process that hands connections out',
    MEGABYTES(peaks.apiPrimary / MEGABYTE),
  );
  report.fact('peak memory of all API processes together', MEGABYTES(peaks.apiTogether / MEGABYTE));
}

runProgram(main);
