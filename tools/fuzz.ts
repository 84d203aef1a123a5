import { mkdir, rm } from 'node:fs/promises';
import { type Options, parseOptions } from './fuzz/options';
import { findFuzzer } from './fuzz/python';
import { type Run, startRun } from './fuzz/run';
import { type FuzzSystem, fuzzFolder, startFuzzSystem } from './fuzz/system';
import { verdictOf } from './fuzz/verdict';
import { makeWorld } from './fuzz/world';
import { say, step } from './lib/progress';
import { onStopRequest } from './lib/stop-requests';

/**
 * `npm run fuzz`: sends thousands of requests, made from the API's own OpenAPI document, to a system of its own, and
 * compares every answer with that document. Ends with a line `N passed, N failed`, and with code 2 when that could not
 * be found out.
 */

let system: FuzzSystem | undefined;
let runs: Run[] = [];
let stopping = false;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const python = await findFuzzer();
  await rm(fuzzFolder, { recursive: true, force: true });
  await mkdir(fuzzFolder, { recursive: true });
  system = await step('Starting the system', startFuzzSystem);
  return fuzz(python, system, options);
}

async function fuzz(python: string, target: FuzzSystem, options: Options): Promise<number> {
  const world = await makeWorld(target);
  // All at once, as people come; one after the other they would leave a core idle.
  runs = await Promise.all(options.as.map((caller) => startRun(python, target, world, caller, options)));
  await step(`Fuzzing as ${options.as.join(', ')}`, () =>
    Promise.all(runs.map(({ running }) => running.exited)),
  );
  if (stopping) return 130;
  const verdicts = runs.map(verdictOf);
  for (const line of verdicts.flatMap(({ lines }) => lines)) say(line);
  const passed = verdicts.reduce((sum, verdict) => sum + verdict.passed, 0);
  const failed = verdicts.reduce((sum, verdict) => sum + verdict.failed, 0);
  say(`Seed ${options.seed}`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all(runs.map(({ running }) => running.stop()));
  await system?.stop();
  process.exit(exitCode);
}

onStopRequest(
  () => void stop(130),
  () => process.exit(130),
);
main().then(stop, (error: Error) => {
  if (!stopping) console.error(error.message);
  return stop(2);
});
